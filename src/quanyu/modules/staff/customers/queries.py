"""Every statement on ``staff_customer`` that other folders may use: who has whom."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.customers.contracts import Relation, RelationKey, Served
from quanyu.modules.staff.customers.rules import RelationStatus, Told

SERVED_MAX: Final = 50_000  # Relations of one member.


class RelationQueries:
    """Relations of members and customers."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def lock(self, keys: Iterable[RelationKey]) -> dict[RelationKey, Relation]:
        """Have a row for each key and return it locked, in primary-key order; new ones say nothing yet."""
        ordered = sorted(set(keys))
        if not ordered:
            return {}
        params = {
            "tenant": self._uow.tenant_id,
            "corps": [key.corp_id for key in ordered],
            "userids": [key.userid for key in ordered],
            "tokens": [key.token for key in ordered],
            "now": self._uow.clock.now(),
        }
        await self._uow.execute(_HAVE, params)
        rows = await self._uow.execute(_LOCK, params)
        found = [relation_of(row) for row in rows]
        return {relation.key: relation for relation in found}

    async def save(self, relations: Sequence[Relation]) -> None:
        """Write locked rows."""
        ordered = sorted(relations, key=lambda one: one.key)
        if not ordered:
            return
        told = [one.told for one in ordered]
        await self._uow.execute(
            _SAVE,
            {
                "tenant": self._uow.tenant_id,
                "corps": [one.key.corp_id for one in ordered],
                "userids": [one.key.userid for one in ordered],
                "tokens": [one.key.token for one in ordered],
                "persons": [one.person_id for one in ordered],
                "half": [one.half_at for one in told],
                "added": [one.added_at for one in told],
                "by_staff": [one.deleted_by_staff_at for one in told],
                "transfers": [one.is_transfer for one in told],
                "by_customer": [one.deleted_by_customer_at for one in told],
                "confirmed": [one.confirmed_at for one in told],
                "denied": [one.denied_at for one in told],
                "announced": [one.announced_at for one in ordered],
                "status": [one.status for one in ordered],
                "ended": [one.ended_at for one in ordered],
                "ways": [one.add_way for one in ordered],
                "states": [one.state for one in ordered],
                "brought": [one.brought_by for one in ordered],
                "remarks": [one.remark_sealed for one in ordered],
                "now": self._uow.clock.now(),
            },
        )

    async def find(self, key: RelationKey) -> Relation | None:
        rows = await self._uow.execute(
            "SELECT * FROM staff_customer WHERE tenant_id = :tenant AND corp_id = :corp "
            "AND member_userid = :userid AND customer_token = :token",
            {
                "tenant": self._uow.tenant_id,
                "corp": key.corp_id,
                "userid": key.userid,
                "token": key.token,
            },
        )
        row = rows.first()
        return None if row is None else relation_of(row)

    async def of_customers(
        self, corp_id: AccountId, tokens: Sequence[bytes], *, active_only: bool = False
    ) -> Mapping[bytes, tuple[Relation, ...]]:
        """Return the relations of each customer, the one that began first first (CW-10 asks for it)."""
        rows = await self._uow.execute(
            "SELECT * FROM staff_customer WHERE tenant_id = :tenant AND corp_id = :corp "
            "AND customer_token = ANY(:tokens) AND (NOT :active OR status = 'active') "
            "ORDER BY customer_token, added_at NULLS LAST, member_userid",
            {
                "tenant": self._uow.tenant_id,
                "corp": corp_id,
                "tokens": list(tokens),
                "active": active_only,
            },
        )
        found: dict[bytes, list[Relation]] = {}
        for row in rows:
            found.setdefault(bytes(row.customer_token), []).append(relation_of(row))
        return {token: tuple(relations) for token, relations in found.items()}

    async def statuses(self, corp_id: AccountId, userid: str) -> Mapping[bytes, RelationStatus]:
        """Return how each customer of a member stands, those they lost too."""
        rows = await self._uow.execute(
            "SELECT customer_token, status FROM staff_customer "
            "WHERE tenant_id = :tenant AND corp_id = :corp AND member_userid = :userid LIMIT :limit",
            {"tenant": self._uow.tenant_id, "corp": corp_id, "userid": userid, "limit": 4 * SERVED_MAX},
        )
        return {bytes(row.customer_token): RelationStatus(row.status) for row in rows}

    async def of_people(self, person_ids: Sequence[PersonId]) -> tuple[Relation, ...]:
        """Return every relation of these people, in all companies, newest first."""
        rows = await self._uow.execute(
            "SELECT * FROM staff_customer WHERE tenant_id = :tenant AND person_id = ANY(:persons) "
            "ORDER BY added_at DESC NULLS LAST, corp_id, member_userid LIMIT 1000",
            {"tenant": self._uow.tenant_id, "persons": list(person_ids)},
        )
        return tuple(relation_of(row) for row in rows)

    async def count_held(self, corp_id: AccountId, userids: Sequence[str] = ()) -> Mapping[str, int]:
        """Return how many customers each member has now; without ``userids``, of everybody who has some."""
        rows = await self._uow.execute(
            "SELECT member_userid, count(*) AS held FROM staff_customer "
            "WHERE tenant_id = :tenant AND corp_id = :corp AND status = 'active' "
            "AND (cardinality(CAST(:userids AS text[])) = 0 OR member_userid = ANY(:userids)) "
            "GROUP BY member_userid",
            {"tenant": self._uow.tenant_id, "corp": corp_id, "userids": list(userids)},
        )
        return {row.member_userid: int(row.held) for row in rows}

    async def served_by(
        self,
        keyring: KeyRing,
        corp_id: AccountId,
        userid: str,
        *,
        after: bytes = b"",
        limit: int = 1_000,
    ) -> tuple[Served, ...]:
        """Return a page of a member's present customers by token, with their external user ids.

        Who was told of in a callback a moment ago may be missing until their id is kept.
        """
        rows = await self._uow.execute(
            "SELECT s.*, c.sealed FROM staff_customer s "
            "JOIN external_contact c ON c.tenant_id = s.tenant_id AND c.corp_id = s.corp_id "
            "AND c.token = s.customer_token "
            "WHERE s.tenant_id = :tenant AND s.corp_id = :corp AND s.member_userid = :userid "
            "AND s.status = 'active' AND s.customer_token > :after AND c.sealed IS NOT NULL "
            "ORDER BY s.customer_token LIMIT :limit",
            {
                "tenant": self._uow.tenant_id,
                "corp": corp_id,
                "userid": userid,
                "after": after,
                "limit": min(limit, SERVED_MAX),
            },
        )
        return tuple(
            Served(relation=relation_of(row), external_userid=keyring.open(bytes(row.sealed)).decode())
            for row in rows
        )

    async def rename_member(self, corp_id: AccountId, userid: str, new_userid: str) -> None:
        """Give a member's relations the id they have now; those already there stay. Idempotent."""
        await self._uow.execute(
            "UPDATE staff_customer s SET member_userid = :new "
            "WHERE s.tenant_id = :tenant AND s.corp_id = :corp AND s.member_userid = :old "
            "AND NOT EXISTS (SELECT FROM staff_customer o WHERE o.tenant_id = :tenant "
            "AND o.corp_id = :corp AND o.member_userid = :new AND o.customer_token = s.customer_token)",
            {"tenant": self._uow.tenant_id, "corp": corp_id, "old": userid, "new": new_userid},
        )

    async def mark_listed(self, keys: Sequence[RelationKey], *, sync_id: int) -> None:
        """Remember which relations a sync saw."""
        ordered = sorted(keys)
        await self._uow.execute(
            "UPDATE staff_customer s SET sync_id = :sync "
            "FROM unnest(CAST(:corps AS bigint[]), CAST(:userids AS text[]), CAST(:tokens AS bytea[])) "
            "AS k (corp_id, userid, token) WHERE s.tenant_id = :tenant AND s.corp_id = k.corp_id "
            "AND s.member_userid = k.userid AND s.customer_token = k.token "
            "AND s.sync_id IS DISTINCT FROM :sync",
            {
                "tenant": self._uow.tenant_id,
                "sync": sync_id,
                "corps": [key.corp_id for key in ordered],
                "userids": [key.userid for key in ordered],
                "tokens": [key.token for key in ordered],
            },
        )

    async def unlisted(
        self, corp_id: AccountId, userids: Sequence[str], *, sync_id: int, limit: int
    ) -> tuple[RelationKey, ...]:
        """Return relations of these members that are active here and that a sync did not see."""
        rows = await self._uow.execute(
            "SELECT member_userid, customer_token FROM staff_customer "
            "WHERE tenant_id = :tenant AND corp_id = :corp AND member_userid = ANY(:userids) "
            "AND status = 'active' AND sync_id IS DISTINCT FROM :sync "
            "ORDER BY member_userid, customer_token LIMIT :limit",
            {
                "tenant": self._uow.tenant_id,
                "corp": corp_id,
                "userids": list(userids),
                "sync": sync_id,
                "limit": limit,
            },
        )
        return tuple(RelationKey(corp_id, row.member_userid, bytes(row.customer_token)) for row in rows)


def relation_of(row: Any) -> Relation:
    """Return the row of a relation."""
    return Relation(
        key=RelationKey(AccountId(row.corp_id), row.member_userid, bytes(row.customer_token)),
        told=Told(
            half_at=row.half_at,
            added_at=row.added_at,
            deleted_by_staff_at=row.deleted_by_staff_at,
            is_transfer=row.is_transfer,
            deleted_by_customer_at=row.deleted_by_customer_at,
            confirmed_at=row.confirmed_at,
            denied_at=row.denied_at,
        ),
        status=RelationStatus(row.status),
        ended_at=row.ended_at,
        person_id=row.person_id,
        announced_at=row.announced_at,
        add_way=row.add_way,
        state=row.state,
        brought_by=row.brought_by,
        remark_sealed=row.remark_sealed and bytes(row.remark_sealed),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


_KEYS: Final = """unnest(CAST(:corps AS bigint[]), CAST(:userids AS text[]), CAST(:tokens AS bytea[]))
    AS k (corp_id, userid, token)"""
_HAVE: Final = f"""
INSERT INTO staff_customer (tenant_id, corp_id, member_userid, customer_token, status, created_at, updated_at)
SELECT :tenant, k.corp_id, k.userid, k.token, 'active', :now, :now FROM {_KEYS}
ORDER BY k.corp_id, k.userid, k.token
ON CONFLICT DO NOTHING
"""  # noqa: S608 - a constant.
_LOCK: Final = f"""
SELECT s.* FROM staff_customer s
JOIN {_KEYS} ON k.corp_id = s.corp_id AND k.userid = s.member_userid AND k.token = s.customer_token
WHERE s.tenant_id = :tenant
ORDER BY s.corp_id, s.member_userid, s.customer_token
FOR UPDATE OF s
"""  # noqa: S608 - a constant.
_SAVE: Final = """
UPDATE staff_customer s SET
    person_id = n.person_id, half_at = n.half_at, added_at = n.added_at,
    deleted_by_staff_at = n.by_staff, is_transfer = n.is_transfer, deleted_by_customer_at = n.by_customer,
    confirmed_at = n.confirmed_at, denied_at = n.denied_at, announced_at = n.announced_at,
    status = n.status, ended_at = n.ended_at, add_way = n.add_way, state = n.state,
    brought_by = n.brought_by, remark_sealed = n.remark, updated_at = :now
FROM unnest(
    CAST(:corps AS bigint[]), CAST(:userids AS text[]), CAST(:tokens AS bytea[]), CAST(:persons AS int[]),
    CAST(:half AS timestamptz[]), CAST(:added AS timestamptz[]), CAST(:by_staff AS timestamptz[]),
    CAST(:transfers AS boolean[]), CAST(:by_customer AS timestamptz[]), CAST(:confirmed AS timestamptz[]),
    CAST(:denied AS timestamptz[]), CAST(:announced AS timestamptz[]), CAST(:status AS text[]),
    CAST(:ended AS timestamptz[]), CAST(:ways AS int[]), CAST(:states AS text[]), CAST(:brought AS text[]),
    CAST(:remarks AS bytea[])
) AS n (corp_id, userid, token, person_id, half_at, added_at, by_staff, is_transfer, by_customer,
    confirmed_at, denied_at, announced_at, status, ended_at, add_way, state, brought_by, remark)
WHERE s.tenant_id = :tenant AND s.corp_id = n.corp_id AND s.member_userid = n.userid
    AND s.customer_token = n.token
"""
