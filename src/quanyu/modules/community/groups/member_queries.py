"""Every statement on ``group_member`` and ``group_handover``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, new_id
from quanyu.modules.community.groups.contracts import GroupId
from quanyu.modules.community.groups.rules import LeaveScene, MemberKey


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMember:
    """A row of ``group_member``: one stay."""

    key: MemberKey
    is_customer: bool
    userid: str = ""
    external_sealed: bytes | None = None
    unionid_sealed: bytes | None = None
    name_sealed: bytes | None = None
    person_id: PersonId | None = None
    join_scene: int = 0
    invitor: str = ""
    way_state: str = ""
    code_id: int | None = None
    is_synthetic: bool = False
    left_at: datetime | None = None
    leave_scene: int | None = None


class MemberQueries:
    """Who is and was in groups."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def stays(self, group_id: GroupId) -> Mapping[MemberKey, bool]:
        """Return every stay in a group, and whether it lasts."""
        rows = await self._uow.execute(
            "SELECT token, joined_at, left_at IS NULL AS lasts FROM group_member "
            "WHERE tenant_id = :tenant AND group_id = :group",
            self._of(group_id),
        )
        return {MemberKey(bytes(row.token), row.joined_at): row.lasts for row in rows}

    async def insert(self, group_id: GroupId, members: Sequence[KeptMember]) -> None:
        """Insert stays; one that is there already stays as it is."""
        if not members:
            return
        ordered = sorted(members, key=lambda one: one.key)
        await self._uow.execute(
            _INSERT,
            {
                **self._of(group_id),
                "tokens": [one.key.token for one in ordered],
                "joined": [one.key.joined_at for one in ordered],
                "customers": [one.is_customer for one in ordered],
                "userids": [one.userid for one in ordered],
                "externals": [one.external_sealed for one in ordered],
                "unionids": [one.unionid_sealed for one in ordered],
                "names": [one.name_sealed for one in ordered],
                "scenes": [one.join_scene for one in ordered],
                "invitors": [one.invitor for one in ordered],
                "states": [one.way_state for one in ordered],
                "codes": [one.code_id for one in ordered],
                "synthetic": [one.is_synthetic for one in ordered],
            },
        )

    async def returned(self, group_id: GroupId, keys: Sequence[MemberKey]) -> None:
        """Take back that these stays ended."""
        if keys:
            await self._uow.execute(
                "UPDATE group_member m SET left_at = NULL, leave_scene = NULL "
                "FROM unnest(CAST(:tokens AS bytea[]), CAST(:joined AS timestamptz[])) AS k (token, at) "
                "WHERE m.tenant_id = :tenant AND m.group_id = :group AND m.token = k.token "
                "AND m.joined_at = k.at",
                {**self._of(group_id), **_keys(keys)},
            )

    async def end(
        self,
        group_id: GroupId,
        ends: Mapping[MemberKey, datetime],
        scene: LeaveScene | None,
    ) -> tuple[KeptMember, ...]:
        """End these stays; return those that lasted until now."""
        if not ends:
            return ()
        keys = sorted(ends)
        rows = await self._uow.execute(
            "UPDATE group_member m SET left_at = k.ended, leave_scene = :scene "
            "FROM unnest(CAST(:tokens AS bytea[]), CAST(:joined AS timestamptz[]), "
            "CAST(:ends AS timestamptz[])) AS k (token, at, ended) "
            "WHERE m.tenant_id = :tenant AND m.group_id = :group AND m.token = k.token "
            "AND m.joined_at = k.at AND m.left_at IS NULL RETURNING m.*",
            {**self._of(group_id), **_keys(keys), "ends": [ends[key] for key in keys], "scene": scene},
        )
        return tuple(kept_member(row) for row in rows)

    async def know(self, group_chats: Sequence[tuple[str, str, bytes, PersonId]]) -> None:
        """Write who is behind members: rows of (corp, chat, token, person)."""
        if group_chats:
            await self._uow.execute(
                "UPDATE group_member m SET person_id = k.person FROM unnest(CAST(:tokens AS bytea[]), "
                "CAST(:persons AS int[])) AS k (token, person) "
                "WHERE m.tenant_id = :tenant AND m.token = k.token AND m.person_id IS DISTINCT FROM k.person",
                {
                    "tenant": self._uow.tenant_id,
                    "tokens": [one[2] for one in group_chats],
                    "persons": [one[3] for one in group_chats],
                },
            )

    async def find_stays(
        self, keys: Sequence[tuple[str, MemberKey]]
    ) -> Mapping[tuple[str, MemberKey], tuple[GroupId, int, KeptMember]]:
        """Return stays by (chat id, key), with the group and its corp."""
        rows = await self._uow.execute(
            "SELECT m.*, g.chat_id, g.corp_id FROM group_member m JOIN customer_group g "
            "ON g.tenant_id = m.tenant_id AND g.id = m.group_id "
            "JOIN unnest(CAST(:chats AS text[]), CAST(:tokens AS bytea[]), CAST(:joined AS timestamptz[])) "
            "AS k (chat, token, at) ON k.chat = g.chat_id AND k.token = m.token AND k.at = m.joined_at "
            "WHERE m.tenant_id = :tenant",
            {
                "tenant": self._uow.tenant_id,
                "chats": [chat for chat, _ in keys],
                **_keys([key for _, key in keys]),
            },
        )
        found = {}
        for row in rows:
            one = kept_member(row)
            found[(row.chat_id, one.key)] = (GroupId(row.group_id), row.corp_id, one)
        return found

    async def repoint(self, known_as: Mapping[PersonId, PersonId]) -> None:
        """Give the stays of merged people to who they are now."""
        await self._uow.execute(
            "UPDATE group_member m SET person_id = k.to_id "
            "FROM unnest(CAST(:from_ids AS int[]), CAST(:to_ids AS int[])) AS k (from_id, to_id) "
            "WHERE m.tenant_id = :tenant AND m.person_id = k.from_id",
            {
                "tenant": self._uow.tenant_id,
                "from_ids": list(known_as),
                "to_ids": list(known_as.values()),
            },
        )

    async def part(self, departures: Sequence[tuple[bytes, int, int]]) -> int:
        """Give the stays of identifiers that left a person (token, from, to) to whose they are; count."""
        moved = await self._uow.execute(
            "UPDATE group_member m SET person_id = d.to_id FROM unnest(CAST(:tokens AS bytea[]), "
            "CAST(:from_ids AS int[]), CAST(:to_ids AS int[])) AS d (token, from_id, to_id) "
            "WHERE m.tenant_id = :tenant AND m.token = d.token AND m.person_id = d.from_id",
            {
                "tenant": self._uow.tenant_id,
                "tokens": [one for one, _, _ in departures],
                "from_ids": [old for _, old, _ in departures],
                "to_ids": [new for _, _, new in departures],
            },
        )
        return moved.rowcount

    async def open_handover(self, corp_id: int, group_id: GroupId, owner: str) -> int | None:
        """Ask that somebody takes a group over; return the task's number unless one is open already."""
        handover = new_id()
        done = await self._uow.execute(
            "INSERT INTO group_handover (tenant_id, id, corp_id, group_id, old_owner, state, opened_at) "
            "VALUES (:tenant, :id, :corp, :group, :owner, 'open', :now) "
            "ON CONFLICT (tenant_id, group_id) WHERE state = 'open' DO NOTHING",
            {
                **self._of(group_id),
                "id": handover,
                "corp": corp_id,
                "owner": owner,
                "now": self._uow.clock.now(),
            },
        )
        return handover if done.rowcount == 1 else None

    async def close_handover(self, group_id: GroupId, new_owner: str) -> None:
        """End the task of a group that has another owner, or is no more."""
        await self._uow.execute(
            "UPDATE group_handover SET state = 'done', new_owner = :owner, done_at = :now "
            "WHERE tenant_id = :tenant AND group_id = :group AND state = 'open' AND old_owner <> :owner",
            {**self._of(group_id), "owner": new_owner, "now": self._uow.clock.now()},
        )

    async def days(
        self, group_id: GroupId, *, first: date, last: date, zone: str
    ) -> list[tuple[date, int, int, int, int]]:
        """Return (day, joined, left, removed, inside at the end) of customers, each day of the period."""
        rows = await self._uow.execute(
            _DAYS, {**self._of(group_id), "first": first, "last": last, "zone": zone}
        )
        return [(row.day, row.joined, row.left, row.removed, row.inside) for row in rows]

    def _of(self, group_id: GroupId) -> dict[str, Any]:
        return {"tenant": self._uow.tenant_id, "group": group_id}


def kept_member(row: Any) -> KeptMember:
    """Read a row of ``group_member``."""
    return KeptMember(
        key=MemberKey(bytes(row.token), row.joined_at),
        is_customer=row.is_customer,
        userid=row.userid,
        external_sealed=row.external_sealed and bytes(row.external_sealed),
        unionid_sealed=row.unionid_sealed and bytes(row.unionid_sealed),
        name_sealed=row.name_sealed and bytes(row.name_sealed),
        person_id=row.person_id,
        join_scene=row.join_scene,
        invitor=row.invitor,
        way_state=row.way_state,
        code_id=row.code_id,
        is_synthetic=row.is_synthetic,
        left_at=row.left_at,
        leave_scene=row.leave_scene,
    )


def _keys(keys: Sequence[MemberKey]) -> dict[str, Any]:
    return {"tokens": [key.token for key in keys], "joined": [key.joined_at for key in keys]}


_INSERT: Final = """
INSERT INTO group_member (tenant_id, group_id, token, joined_at, is_customer, userid, external_sealed,
    unionid_sealed, name_sealed, join_scene, invitor, way_state, code_id, is_synthetic, person_id)
SELECT :tenant, :group, n.token, n.joined, n.customer, n.userid, n.external, n.unionid, n.name, n.scene,
    n.invitor, n.state, n.code, n.synthetic,
    -- The same corp knows somebody by the same token in every group.
    (SELECT o.person_id FROM group_member o WHERE o.tenant_id = :tenant AND o.token = n.token
        AND o.person_id IS NOT NULL LIMIT 1)
FROM unnest(CAST(:tokens AS bytea[]), CAST(:joined AS timestamptz[]), CAST(:customers AS boolean[]),
    CAST(:userids AS text[]), CAST(:externals AS bytea[]), CAST(:unionids AS bytea[]),
    CAST(:names AS bytea[]), CAST(:scenes AS int[]), CAST(:invitors AS text[]), CAST(:states AS text[]),
    CAST(:codes AS bigint[]), CAST(:synthetic AS boolean[]))
    AS n (token, joined, customer, userid, external, unionid, name, scene, invitor, state, code, synthetic)
ON CONFLICT DO NOTHING
"""
_DAYS: Final = """
WITH stays AS (
    SELECT CAST(joined_at AT TIME ZONE :zone AS date) AS joined_on,
        CAST(left_at AT TIME ZONE :zone AS date) AS left_on, leave_scene
    FROM group_member WHERE tenant_id = :tenant AND group_id = :group AND is_customer
)
SELECT CAST(d AS date) AS day,
    (SELECT count(*) FROM stays WHERE joined_on = d) AS joined,
    (SELECT count(*) FROM stays WHERE left_on = d) AS left,
    (SELECT count(*) FROM stays WHERE left_on = d AND leave_scene = 1) AS removed,
    (SELECT count(*) FROM stays WHERE joined_on <= d AND (left_on IS NULL OR left_on > d)) AS inside
FROM generate_series(CAST(:first AS date), CAST(:last AS date), interval '1 day') AS d ORDER BY d
"""
