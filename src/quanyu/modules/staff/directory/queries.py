"""Every statement on ``staff_member`` and ``staff_department`` that others may use."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.directory.contracts import Department, Member, MemberId, MemberStatus

MEMBERS_MAX: Final = 20_000  # Of one company; who has more is shown the first.


class DirectoryQueries:
    """Members and departments."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def members(
        self, corp_id: AccountId | None = None, *, with_left: bool = False
    ) -> tuple[Member, ...]:
        """Return the members of a company, or of all; those who left only if asked for."""
        rows = await self._uow.execute(
            "SELECT * FROM staff_member WHERE tenant_id = :tenant "  # noqa: S608 - a constant.
            "AND (CAST(:corp AS bigint) IS NULL OR corp_id = :corp) "
            f"AND (:with_left OR NOT {_LEFT}) ORDER BY corp_id, userid LIMIT :limit",
            {
                "tenant": self._uow.tenant_id,
                "corp": corp_id,
                "with_left": with_left,
                "limit": MEMBERS_MAX,
            },
        )
        return tuple(member_of(row) for row in rows)

    async def find(self, member_id: MemberId) -> Member | None:
        rows = await self._uow.execute(
            "SELECT * FROM staff_member WHERE tenant_id = :tenant AND id = :id",
            {"tenant": self._uow.tenant_id, "id": member_id},
        )
        row = rows.first()
        return None if row is None else member_of(row)

    async def by_ids(self, member_ids: Sequence[MemberId]) -> Mapping[MemberId, Member]:
        rows = await self._uow.execute(
            "SELECT * FROM staff_member WHERE tenant_id = :tenant AND id = ANY(:ids)",
            {"tenant": self._uow.tenant_id, "ids": list(member_ids)},
        )
        return {MemberId(row.id): member_of(row) for row in rows}

    async def by_userids(self, corp_id: AccountId, userids: Sequence[str]) -> Mapping[str, Member]:
        rows = await self._uow.execute(
            "SELECT * FROM staff_member WHERE tenant_id = :tenant AND corp_id = :corp "
            "AND userid = ANY(:userids)",
            {"tenant": self._uow.tenant_id, "corp": corp_id, "userids": list(userids)},
        )
        return {row.userid: member_of(row) for row in rows}

    async def lock(self, keys: Sequence[tuple[AccountId, str]]) -> dict[tuple[AccountId, str], Member]:
        """Return the rows that exist, locked in primary-key order."""
        ordered = sorted(set(keys))
        rows = await self._uow.execute(
            "SELECT m.* FROM staff_member m "
            "JOIN unnest(CAST(:corps AS bigint[]), CAST(:userids AS text[])) AS k (corp_id, userid) "
            "ON k.corp_id = m.corp_id AND k.userid = m.userid "
            "WHERE m.tenant_id = :tenant ORDER BY m.corp_id, m.userid FOR UPDATE OF m",
            {
                "tenant": self._uow.tenant_id,
                "corps": [key[0] for key in ordered],
                "userids": [key[1] for key in ordered],
            },
        )
        found = [member_of(row) for row in rows]
        return {(member.corp_id, member.userid): member for member in found}

    async def save(self, members: Sequence[Member]) -> None:
        """Write rows as they are given; ids of known members stay."""
        now = self._uow.clock.now()
        for one in sorted(members, key=lambda member: (member.corp_id, member.userid)):
            await self._uow.execute(_SAVE, {**_params(one), "tenant": self._uow.tenant_id, "now": now})

    async def rename(self, corp_id: AccountId, userid: str, new_userid: str) -> None:
        """Give a member the id they have now, unless somebody here has it. Idempotent."""
        await self._uow.execute(
            "UPDATE staff_member m SET userid = :new, updated_at = :now "
            "WHERE m.tenant_id = :tenant AND m.corp_id = :corp AND m.userid = :old "
            "AND NOT EXISTS (SELECT FROM staff_member o WHERE o.tenant_id = :tenant "
            "AND o.corp_id = :corp AND o.userid = :new)",
            {
                "tenant": self._uow.tenant_id,
                "corp": corp_id,
                "old": userid,
                "new": new_userid,
                "now": self._uow.clock.now(),
            },
        )

    async def claim_due(self, *, now: datetime, until: datetime, limit: int) -> tuple[Member, ...]:
        """Take members to be asked about; until ``until`` nobody else takes them."""
        rows = await self._uow.execute(
            "WITH due AS MATERIALIZED (SELECT corp_id, userid FROM staff_member "
            "WHERE tenant_id = :tenant AND details_due_at <= :now "
            "ORDER BY details_due_at LIMIT :limit FOR UPDATE SKIP LOCKED) "
            "UPDATE staff_member m SET details_due_at = :until, details_attempts = m.details_attempts + 1 "
            "FROM due WHERE m.tenant_id = :tenant AND m.corp_id = due.corp_id AND m.userid = due.userid "
            "RETURNING m.*",
            {"tenant": self._uow.tenant_id, "now": now, "until": until, "limit": limit},
        )
        return tuple(member_of(row) for row in rows)

    async def departments(self, corp_id: AccountId | None = None) -> tuple[Department, ...]:
        """Return departments, the biggest place first among brothers."""
        rows = await self._uow.execute(
            "SELECT * FROM staff_department WHERE tenant_id = :tenant "
            "AND (CAST(:corp AS bigint) IS NULL OR corp_id = :corp) "
            "ORDER BY corp_id, place DESC, department_id LIMIT :limit",
            {"tenant": self._uow.tenant_id, "corp": corp_id, "limit": MEMBERS_MAX},
        )
        return tuple(
            Department(
                corp_id=AccountId(row.corp_id),
                department_id=row.department_id,
                name=row.name,
                parent_id=row.parent_id,
                place=row.place,
                leaders=tuple(row.leaders),
            )
            for row in rows
        )

    async def replace_departments(self, corp_id: AccountId, found: Sequence[Department]) -> int:
        """Make these the company's departments; return how many rows that changed."""
        gone = await self._uow.execute(
            "DELETE FROM staff_department WHERE tenant_id = :tenant AND corp_id = :corp "
            "AND NOT department_id = ANY(:ids)",
            {
                "tenant": self._uow.tenant_id,
                "corp": corp_id,
                "ids": [one.department_id for one in found],
            },
        )
        changed = int(gone.rowcount)
        for one in sorted(found, key=lambda each: each.department_id):
            written = await self._uow.execute(
                _SAVE_DEPARTMENT,
                {
                    "tenant": self._uow.tenant_id,
                    "corp": corp_id,
                    "id": one.department_id,
                    "name": one.name,
                    "parent": one.parent_id,
                    "place": one.place,
                    "leaders": list(one.leaders),
                    "now": self._uow.clock.now(),
                },
            )
            changed += int(written.rowcount)
        return changed


# Who came back after leaving has not left.
_LEFT: Final = "(status = 5 OR (left_at IS NOT NULL AND (joined_at IS NULL OR left_at >= joined_at)))"


def member_of(row: Any) -> Member:
    """Return the row of a member."""
    known = row.status in MemberStatus.__members__.values()
    return Member(
        corp_id=AccountId(row.corp_id),
        member_id=MemberId(row.id),
        userid=row.userid,
        name=row.name,
        avatar=row.avatar,
        position=row.position,
        departments=tuple(row.departments),
        leads=tuple(row.leads),
        status=MemberStatus(row.status) if known else MemberStatus.UNKNOWN,
        can_serve=row.can_serve,
        is_online=row.is_online,
        store=row.store,
        joined_at=row.joined_at,
        left_at=row.left_at,
        details_due_at=row.details_due_at,
        details_attempts=row.details_attempts,
        sync_id=row.sync_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _params(member: Member) -> dict[str, Any]:
    return {
        "corp": member.corp_id,
        "userid": member.userid,
        "id": member.member_id,
        "name": member.name,
        "avatar": member.avatar,
        "position": member.position,
        "departments": list(member.departments),
        "leads": list(member.leads),
        "status": int(member.status),
        "can_serve": member.can_serve,
        "is_online": member.is_online,
        "store": member.store,
        "joined": member.joined_at,
        "left": member.left_at,
        "due": member.details_due_at,
        "attempts": member.details_attempts,
        "sync": member.sync_id,
    }


_SAVE: Final = """
INSERT INTO staff_member (tenant_id, corp_id, userid, id, name, avatar, position, departments, leads, status,
    can_serve, is_online, store, joined_at, left_at, details_due_at, details_attempts, sync_id, created_at,
    updated_at)
VALUES (:tenant, :corp, :userid, :id, :name, :avatar, :position, :departments, :leads, :status, :can_serve,
    :is_online, :store, :joined, :left, :due, :attempts, :sync, :now, :now)
ON CONFLICT (tenant_id, corp_id, userid) DO UPDATE SET
    name = excluded.name, avatar = excluded.avatar, position = excluded.position,
    departments = excluded.departments, leads = excluded.leads, status = excluded.status,
    can_serve = excluded.can_serve, is_online = excluded.is_online, store = excluded.store,
    joined_at = excluded.joined_at, left_at = excluded.left_at, details_due_at = excluded.details_due_at,
    details_attempts = excluded.details_attempts, sync_id = excluded.sync_id, updated_at = excluded.updated_at
"""
_SAVE_DEPARTMENT: Final = """
INSERT INTO staff_department AS d (tenant_id, corp_id, department_id, name, parent_id, place, leaders,
    changed_at)
VALUES (:tenant, :corp, :id, :name, :parent, :place, :leaders, :now)
ON CONFLICT (tenant_id, corp_id, department_id) DO UPDATE SET
    name = excluded.name, parent_id = excluded.parent_id, place = excluded.place,
    leaders = excluded.leaders, changed_at = excluded.changed_at
    WHERE (d.name, d.parent_id, d.place, d.leaders)
        IS DISTINCT FROM (excluded.name, excluded.parent_id, excluded.place, excluded.leaders)
"""
