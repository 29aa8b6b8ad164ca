"""How relations stand to corp tags, for whoever keeps tags of people in step with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.customers.contracts import RelationKey


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationTag:
    """One tag on one relation of somebody, carried or not."""

    key: RelationKey
    tag_id: str
    person_id: int
    carried: bool  # What the platform has, as far as we know.
    wanted: bool | None  # What is on its way, or was refused for good.
    is_failed: bool
    is_active: bool  # The member has them as a customer.
    is_known: bool  # The relation was looked at since it began.


class RelationTagStanding:
    """Reads of one unit of work; ``CorpTagMarks`` changes."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def read(self, people: Sequence[int], tags: Sequence[tuple[AccountId, str]]) -> list[RelationTag]:
        """Return how every relation with these people stands to tags that exist."""
        rows = await self._run(
            _READ, people=list(people), corps=[one for one, _ in tags], tags=[tag for _, tag in tags]
        )
        return [
            RelationTag(
                key=_key(row),
                tag_id=row.tag_id,
                person_id=row.person_id,
                carried=row.carried,
                wanted=row.wanted,
                is_failed=row.is_failed,
                is_active=row.is_active,
                is_known=row.is_known,
            )
            for row in rows
        ]

    async def people(self, corp_id: AccountId, tag_id: str, *, after: int, limit: int) -> list[int]:
        """Return who carries a tag, or is to, behind a person id."""
        rows = await self._run(_PEOPLE, corp=corp_id, tag=tag_id, after=after, limit=limit)
        return [row.person_id for row in rows]

    async def failed(self, corp_id: AccountId, tag_id: str, *, limit: int) -> list[tuple[RelationKey, bool]]:
        """Return the relations for which the platform refused a change of a tag, and what was wanted."""
        rows = await self._run(
            "SELECT corp_id, member_userid, customer_token, ours FROM customer_tag "
            "WHERE tenant_id = :tenant AND corp_id = :corp AND tag_id = :tag AND state = 'failed' "
            "AND ours IS NOT NULL LIMIT :limit",
            corp=corp_id,
            tag=tag_id,
            limit=limit,
        )
        return [(_key(row), row.ours) for row in rows]

    async def latest_failure(self, corp_id: AccountId, tag_id: str) -> tuple[str, Any] | None:
        """Return why and when the platform last refused a change of a tag, if any refusal stands."""
        rows = await self._run(
            "SELECT reason, updated_at FROM customer_tag WHERE tenant_id = :tenant AND corp_id = :corp "
            "AND tag_id = :tag AND state = 'failed' ORDER BY updated_at DESC LIMIT 1",
            corp=corp_id,
            tag=tag_id,
        )
        row = rows.first()
        return None if row is None else (row.reason, row.updated_at)

    async def _run(self, sql: str, **values: Any) -> Any:
        return await self._uow.execute(sql, {"tenant": self._uow.tenant_id, **values})


def _key(row: Any) -> RelationKey:
    return RelationKey(AccountId(row.corp_id), row.member_userid, bytes(row.customer_token))


_READ: Final = """
SELECT s.corp_id, s.member_userid, s.customer_token, s.person_id, l.tag_id,
    coalesce(m.carried, false) AS carried, CASE WHEN m.state <> 'settled' THEN m.ours END AS wanted,
    coalesce(m.state = 'failed', false) AS is_failed, s.status = 'active' AS is_active,
    r.observed_at IS NOT NULL AND (s.added_at IS NULL OR r.observed_at >= s.added_at) AS is_known
FROM unnest(CAST(:corps AS bigint[]), CAST(:tags AS text[])) AS l (corp_id, tag_id)
JOIN corp_tag t ON t.tenant_id = :tenant AND t.corp_id = l.corp_id AND t.tag_id = l.tag_id
JOIN unnest(CAST(:people AS int[])) AS w (id) ON true
JOIN staff_customer s ON s.tenant_id = :tenant AND s.person_id = w.id AND s.corp_id = l.corp_id
LEFT JOIN tagged_relation r ON r.tenant_id = :tenant AND r.corp_id = s.corp_id
    AND r.customer_token = s.customer_token AND r.member_userid = s.member_userid
LEFT JOIN customer_tag m ON m.tenant_id = :tenant AND m.corp_id = s.corp_id
    AND m.customer_token = s.customer_token AND m.member_userid = s.member_userid AND m.tag_id = l.tag_id
"""
# Materialised, or the planner may go through relations in order and look each up in the rest.
_PEOPLE: Final = """
WITH t AS MATERIALIZED (
    SELECT customer_token, member_userid FROM customer_tag
    WHERE tenant_id = :tenant AND corp_id = :corp AND tag_id = :tag AND carried
    UNION SELECT customer_token, member_userid FROM customer_tag
    WHERE tenant_id = :tenant AND corp_id = :corp AND tag_id = :tag AND state <> 'settled'
), found AS MATERIALIZED (
    SELECT s.person_id FROM t JOIN staff_customer s ON s.tenant_id = :tenant AND s.corp_id = :corp
        AND s.member_userid = t.member_userid AND s.customer_token = t.customer_token
    WHERE s.person_id > :after
)
SELECT DISTINCT person_id FROM found ORDER BY person_id LIMIT :limit
"""
