"""What the console asks about groups."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.community.groups.contracts import AxisWords, GroupFilter, GroupId, GroupRecord
from quanyu.modules.community.groups.member_queries import KeptMember, kept_member
from quanyu.modules.community.groups.queries import KeptGroup, kept_group

_FIELDS: Final = ("source_channel", "member_attribute", "behaviour_type", "funnel_stage", "store", "owner")
_WORDS_MAX: Final = 200


class GroupReading:
    """Lists, counts and the brand's record of groups."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def find(self, group_id: GroupId) -> KeptGroup | None:
        rows = await self._uow.execute(
            "SELECT * FROM customer_group WHERE tenant_id = :tenant AND id = :id",
            {"tenant": self._uow.tenant_id, "id": group_id},
        )
        row = rows.first()
        return None if row is None else kept_group(row)

    async def find_many(self, group_ids: Sequence[int]) -> dict[int, KeptGroup]:
        rows = await self._uow.execute(
            "SELECT * FROM customer_group WHERE tenant_id = :tenant AND id = ANY(:ids)",
            {"tenant": self._uow.tenant_id, "ids": list(group_ids)},
        )
        return {row.id: kept_group(row) for row in rows}

    async def page(
        self, chosen: GroupFilter, corp_id: int | None, *, limit: int, offset: int
    ) -> tuple[list[KeptGroup], int]:
        """Return groups, the fullest first, and how many the filter leaves."""
        params = {
            "tenant": self._uow.tenant_id,
            "corp": corp_id,
            "q": chosen.q,
            "state": chosen.state,
            **{field: getattr(chosen, field) for field in _FIELDS},
        }
        words = " ".join(f"AND (:{field} = '' OR {field} = :{field})" for field in _FIELDS)
        where = (
            "WHERE tenant_id = :tenant AND (CAST(:corp AS bigint) IS NULL OR corp_id = :corp) "
            "AND (CAST(:state AS text) IS NULL OR state = :state) AND (:q = '' OR chat_id = :q "
            f"OR position(lower(:q) IN lower(name)) > 0) {words}"
        )
        rows = await self._uow.execute(
            f"SELECT * FROM customer_group {where} "  # noqa: S608 - the words stand above.
            "ORDER BY state, customers DESC, id LIMIT :limit OFFSET :offset",
            {**params, "limit": limit, "offset": offset},
        )
        total = await self._uow.execute(f"SELECT count(*) FROM customer_group {where}", params)  # noqa: S608
        return [kept_group(row) for row in rows], int(total.scalar_one())

    async def totals(self) -> tuple[int, int]:
        """Return how many groups are active, and how many distinct people are in them."""
        rows = await self._uow.execute(
            "SELECT (SELECT count(*) FROM customer_group WHERE tenant_id = :tenant AND state = 'active'), "
            "count(DISTINCT coalesce(CAST(person_id AS text), encode(token, 'hex'))) FROM group_member "
            "WHERE tenant_id = :tenant AND is_customer AND left_at IS NULL",
            {"tenant": self._uow.tenant_id},
        )
        active, people = rows.one()
        return int(active), int(people)

    async def words(self) -> AxisWords:
        """Return the words in use."""
        found: dict[str, tuple[str, ...]] = {}
        for field in _FIELDS:
            rows = await self._uow.execute(
                f"SELECT DISTINCT {field} AS word FROM customer_group WHERE tenant_id = :tenant "  # noqa: S608
                f"AND {field} <> '' ORDER BY 1 LIMIT :limit",
                {"tenant": self._uow.tenant_id, "limit": _WORDS_MAX},
            )
            found[field] = tuple(row.word for row in rows)
        return AxisWords(**found)

    async def growth(self, group_ids: Sequence[int], *, now: datetime) -> dict[int, tuple[int, int]]:
        """Return how many customers came to and left each group in seven days."""
        rows = await self._uow.execute(
            "SELECT group_id, count(*) FILTER (WHERE joined_at >= :since) AS joined, "
            "count(*) FILTER (WHERE left_at >= :since) AS left FROM group_member "
            "WHERE tenant_id = :tenant AND group_id = ANY(:ids) AND is_customer GROUP BY group_id",
            {"tenant": self._uow.tenant_id, "ids": list(group_ids), "since": now - timedelta(days=7)},
        )
        return {row.group_id: (row.joined, row.left) for row in rows}

    async def save_record(self, group_id: GroupId, record: GroupRecord, welcome_id: int | None) -> None:
        """Replace what the brand says about a group."""
        told = record.model_dump(exclude={"welcome_id"})
        await self._uow.execute(
            "UPDATE customer_group SET "  # noqa: S608 - the fields are those of the model.
            + ", ".join(f"{field} = :{field}" for field in told)
            + ", welcome_id = :welcome WHERE tenant_id = :tenant AND id = :id",
            {**told, "welcome": welcome_id, "tenant": self._uow.tenant_id, "id": group_id},
        )

    async def ask_again(self, group_id: GroupId) -> None:
        """Have a group looked into at once."""
        await self._uow.execute(
            "UPDATE customer_group SET fetch_due_at = :now, fetch_attempts = 0 "
            "WHERE tenant_id = :tenant AND id = :id AND state = 'active'",
            {"tenant": self._uow.tenant_id, "id": group_id, "now": self._uow.clock.now()},
        )

    async def members(
        self, group_id: GroupId, *, inside: bool | None, limit: int, offset: int
    ) -> tuple[list[KeptMember], int]:
        """Return stays, the newest change first; ``inside`` asks for those who are, or are no longer, in."""
        params: dict[str, Any] = {"tenant": self._uow.tenant_id, "group": group_id, "inside": inside}
        where = (
            "WHERE tenant_id = :tenant AND group_id = :group "
            "AND (CAST(:inside AS boolean) IS NULL OR (left_at IS NULL) = :inside)"
        )
        rows = await self._uow.execute(
            f"SELECT * FROM group_member {where} "  # noqa: S608 - the words stand above.
            "ORDER BY coalesce(left_at, joined_at) DESC, token LIMIT :limit OFFSET :offset",
            {**params, "limit": limit, "offset": offset},
        )
        total = await self._uow.execute(f"SELECT count(*) FROM group_member {where}", params)  # noqa: S608
        return [kept_member(row) for row in rows], int(total.scalar_one())

    async def open_handovers(self) -> list[Any]:
        """Return the groups that wait for somebody to take them over, the oldest first."""
        rows = await self._uow.execute(
            "SELECT h.*, g.name, g.chat_id, g.customers FROM group_handover h JOIN customer_group g "
            "ON g.tenant_id = h.tenant_id AND g.id = h.group_id "
            "WHERE h.tenant_id = :tenant AND h.state = 'open' ORDER BY h.opened_at LIMIT 500",
            {"tenant": self._uow.tenant_id},
        )
        return list(rows)
