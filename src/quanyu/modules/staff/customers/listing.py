"""Customers as the console lists them, and members' customers in numbers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.customers.contracts import Relation
from quanyu.modules.staff.customers.queries import relation_of
from quanyu.modules.staff.customers.rules import RelationStatus
from quanyu.modules.staff.directory.contracts import StaffFigures

_CONDITIONS: Final = """
    s.tenant_id = :tenant
    AND (CAST(:corp AS bigint) IS NULL OR s.corp_id = :corp)
    AND (:userid = '' OR s.member_userid = :userid)
    AND (CAST(:statuses AS text[]) = '{}' OR s.status = ANY(:statuses))
    AND (CAST(:persons AS int[]) IS NULL OR s.person_id = ANY(:persons))
    AND (CAST(:way AS int) IS NULL OR s.add_way = :way)
    AND (:state = '' OR s.state = :state)
    AND (CAST(:since AS timestamptz) IS NULL OR s.added_at >= :since)
    AND (CAST(:until AS timestamptz) IS NULL OR s.added_at < :until)
"""
# Who was never told to have been added stands by when they were heard of.
_PLACE: Final = "coalesce(s.added_at, s.half_at, s.created_at)"
_COUNT_MAX: Final = 100_000


class ListingQueries:
    """Lists and figures over ``staff_customer``."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def page(
        self, wanted: Mapping[str, Any], *, before: tuple[datetime, str, bytes] | None, limit: int
    ) -> tuple[Relation, ...]:
        """Return relations, those added last first, after the place of the last one seen."""
        rows = await self._uow.execute(
            f"SELECT s.* FROM staff_customer s WHERE {_CONDITIONS} "  # noqa: S608 - constants.
            f"AND (CAST(:at AS timestamptz) IS NULL OR ({_PLACE}, s.member_userid, s.customer_token) < "
            "(CAST(:at AS timestamptz), CAST(:last AS text), CAST(:token AS bytea))) "
            f"ORDER BY {_PLACE} DESC, s.member_userid DESC, s.customer_token DESC LIMIT :limit",
            {
                **self._params(wanted),
                "at": before and before[0],
                "last": before and before[1],
                "token": before and before[2],
                "limit": limit,
            },
        )
        return tuple(relation_of(row) for row in rows)

    async def count(self, wanted: Mapping[str, Any]) -> int:
        """Return how many there are, counted up to a limit."""
        rows = await self._uow.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM staff_customer s WHERE {_CONDITIONS} "  # noqa: S608 - constants.
            f"LIMIT {_COUNT_MAX}) c",
            self._params(wanted),
        )
        return int(rows.scalar_one())

    async def figures(
        self, corp_id: AccountId, userids: Sequence[str], *, today: datetime, week: datetime
    ) -> Mapping[str, StaffFigures]:
        """Return members' customers in numbers; ``today`` and ``week`` are where those stretches begin."""
        rows = await self._uow.execute(
            _FIGURES,
            {
                "tenant": self._uow.tenant_id,
                "corp": corp_id,
                "userids": list(userids),
                "today": today,
                "week": week,
            },
        )
        return {
            row.member_userid: StaffFigures(
                held=row.held,
                added_today=row.added_today,
                added_7d=row.added_7d,
                lost_7d=row.lost_7d,
                deleted_7d=row.deleted_7d,
            )
            for row in rows
        }

    def _params(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        return {"tenant": self._uow.tenant_id, **wanted}


def wanted(
    *,
    corp_id: AccountId | None = None,
    userid: str = "",
    statuses: Sequence[RelationStatus] = (),
    persons: Sequence[PersonId] | None = None,
    add_way: int | None = None,
    state: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> dict[str, Any]:
    """Return what a list is to hold; what is left out does not matter."""
    return {
        "corp": corp_id,
        "userid": userid,
        "statuses": [one.value for one in statuses],
        "persons": None if persons is None else list(persons),
        "way": add_way,
        "state": state,
        "since": since,
        "until": until,
    }


def place_of(relation: Relation) -> tuple[datetime, str, bytes]:
    """Return where a relation stands in the list."""
    told = relation.told
    return (
        told.added_at or told.half_at or relation.created_at,
        relation.key.userid,
        relation.key.token,
    )


def contacts_by_corp(relations: Sequence[Relation]) -> Mapping[AccountId, list[bytes]]:
    """Return the customers of these relations, by company."""
    found: dict[AccountId, list[bytes]] = {}
    for one in relations:
        found.setdefault(one.key.corp_id, []).append(one.key.token)
    return found


_FIGURES: Final = """
SELECT member_userid,
    count(*) FILTER (WHERE status = 'active') AS held,
    count(*) FILTER (WHERE added_at >= :today) AS added_today,
    count(*) FILTER (WHERE added_at >= :week) AS added_7d,
    count(*) FILTER (WHERE status = 'deleted_by_customer' AND ended_at >= :week) AS lost_7d,
    count(*) FILTER (WHERE status = 'deleted_by_staff' AND ended_at >= :week) AS deleted_7d
FROM staff_customer
WHERE tenant_id = :tenant AND corp_id = :corp AND member_userid = ANY(:userids)
GROUP BY member_userid
"""
