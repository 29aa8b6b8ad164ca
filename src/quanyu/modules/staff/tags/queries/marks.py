"""Marks of tags on relations, and whose turn it is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.customers.contracts import RelationKey
from quanyu.modules.staff.tags.contracts import KeptMark
from quanyu.modules.staff.tags.rules import Mark, MarkState

_INSISTING: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedRelation:
    """A row of ``tagged_relation``, locked."""

    observed_at: datetime | None
    edited_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A customer whose changes may go to the platform now."""

    corp_id: AccountId
    token: bytes
    attempts: int


class MarkQueries:
    """Marks; whoever changes some locks their relations first."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def lock(self, keys: Iterable[RelationKey]) -> Mapping[RelationKey, TaggedRelation]:
        """Have a row for each relation and return it locked, in primary-key order."""
        ordered = sorted(set(keys), key=lambda key: (key.corp_id, key.token, key.userid))
        if not ordered:
            return {}
        params = {"tenant": self._uow.tenant_id, **_arrays(ordered)}
        await self._uow.execute(_HAVE, params)
        rows = await self._uow.execute(_LOCK, params)
        return {
            _key(row): TaggedRelation(observed_at=row.observed_at, edited_at=row.edited_at) for row in rows
        }

    async def carrying(
        self, corp_id: AccountId, tag_ids: Sequence[str], *, limit: int
    ) -> tuple[RelationKey, ...]:
        """Return the relations that carry any of these tags."""
        rows = await self._uow.execute(
            "SELECT DISTINCT corp_id, member_userid, customer_token FROM customer_tag "
            "WHERE tenant_id = :tenant AND corp_id = :corp AND tag_id = ANY(:tags) AND carried "
            "ORDER BY customer_token, member_userid LIMIT :limit",
            {
                "tenant": self._uow.tenant_id,
                "corp": corp_id,
                "tags": list(tag_ids),
                "limit": limit,
            },
        )
        return tuple(_key(row) for row in rows)

    async def looked(self, keys: Sequence[RelationKey], times: Sequence[datetime]) -> None:
        """Remember when locked relations were looked at."""
        await self._uow.execute(
            _LOOKED, {"tenant": self._uow.tenant_id, **_arrays(keys), "times": list(times)}
        )

    async def edited(self, edits: Mapping[RelationKey, datetime]) -> None:
        """Remember when the platform said that relations were edited; the latest counts."""
        ordered = sorted(edits, key=lambda key: (key.corp_id, key.token, key.userid))
        await self._uow.execute(
            _EDITED,
            {"tenant": self._uow.tenant_id, **_arrays(ordered), "times": [edits[key] for key in ordered]},
        )

    async def of_relations(self, keys: Sequence[RelationKey]) -> dict[tuple[RelationKey, str], Mark]:
        """Return every mark of these relations."""
        rows = await self._uow.execute(_MARKS, {"tenant": self._uow.tenant_id, **_arrays(keys)})
        return {(_key(row), row.tag_id): _mark(row) for row in rows}

    async def pending(self, turn: Turn) -> tuple[RelationKey, ...]:
        """Return the relations of a customer that have changes on their way."""
        rows = await self._uow.execute(
            "SELECT DISTINCT corp_id, member_userid, customer_token FROM customer_tag "
            "WHERE tenant_id = :tenant AND corp_id = :corp AND customer_token = :token "
            "AND state IN ('waiting', 'sending') ORDER BY member_userid",
            {"tenant": self._uow.tenant_id, "corp": turn.corp_id, "token": turn.token},
        )
        return tuple(_key(row) for row in rows)

    async def save(self, marks: Sequence[KeptMark]) -> None:
        """Insert or replace marks of locked relations."""
        if not marks:
            return
        told = [one.mark for one in marks]
        await self._uow.execute(
            _SAVE,
            {
                "tenant": self._uow.tenant_id,
                **_arrays([one.key for one in marks]),
                "tags": [one.tag_id for one in marks],
                "carried": [one.carried for one in told],
                "known": [one.known_at for one in told],
                "ours": [one.ours for one in told],
                "ours_at": [one.ours_at for one in told],
                "origins": [one.origin for one in told],
                "states": [one.state.value for one in told],
                "sent": [one.sent for one in told],
                "uncertain": [one.is_uncertain for one in told],
                "again": [one.looks_again for one in told],
                "reasons": [one.reason for one in told],
                "now": self._uow.clock.now(),
            },
        )

    async def due(self, customers: Iterable[tuple[AccountId, bytes]]) -> None:
        """Have these customers' changes carried out as soon as it is their turn."""
        ordered = sorted(set(customers))
        if not ordered:
            return
        await self._uow.execute(
            _DUE,
            {
                "tenant": self._uow.tenant_id,
                "corps": [corp_id for corp_id, _ in ordered],
                "tokens": [token for _, token in ordered],
                "now": self._uow.clock.now(),
            },
        )

    async def carriers(self, corp_id: AccountId, userid: str, tag_ids: Sequence[str]) -> set[bytes]:
        """Return which of a member's customers carry one of the tags, given by that member."""
        rows = await self._uow.execute(
            "SELECT DISTINCT customer_token FROM customer_tag WHERE tenant_id = :tenant AND corp_id = :corp "
            "AND member_userid = :userid AND tag_id = ANY(:tags) AND carried",
            {"tenant": self._uow.tenant_id, "corp": corp_id, "userid": userid, "tags": list(tag_ids)},
        )
        return {bytes(row.customer_token) for row in rows}

    async def claim(self, *, now: datetime, until: datetime, limit: int) -> tuple[Turn, ...]:
        """Take customers whose turn it is; until ``until`` nobody else calls about them."""
        rows = await self._uow.execute(
            _CLAIM, {"tenant": self._uow.tenant_id, "now": now, "until": until, "limit": limit}
        )
        return tuple(
            Turn(corp_id=AccountId(row.corp_id), token=bytes(row.customer_token), attempts=row.attempts)
            for row in rows
        )

    async def finish(self, turn: Turn, *, due_at: datetime | None) -> None:
        """End a turn: ``due_at`` is when to try what is left; without, changes made meanwhile are due."""
        await self._uow.execute(
            _FINISH,
            {
                "tenant": self._uow.tenant_id,
                "corp": turn.corp_id,
                "token": turn.token,
                "due": due_at,
                "now": self._uow.clock.now(),
            },
        )

    async def insisted_on(self, key: RelationKey, tag_ids: Sequence[str], *, times: int) -> set[str]:
        """Return the tags about which we won ``times`` conflicts on this relation within a day."""
        rows = await self._uow.execute(
            "SELECT tag_id FROM corp_tag_conflict WHERE tenant_id = :tenant AND corp_id = :corp "
            "AND customer_token = :token AND member_userid = :userid AND tag_id = ANY(:tags) "
            "AND winner = 'ours' AND found_at > :since GROUP BY tag_id HAVING count(*) >= :times",
            {
                "tenant": self._uow.tenant_id,
                "corp": key.corp_id,
                "token": key.token,
                "userid": key.userid,
                "tags": list(tag_ids),
                "times": times,
                "since": self._uow.clock.now() - _INSISTING,
            },
        )
        return {row.tag_id for row in rows}

    async def rename_member(self, corp_id: AccountId, userid: str, new_userid: str) -> None:
        """Keep what a member's customers carry under the id they have now; idempotent."""
        for table, same_tag in (
            ("tagged_relation", ""),
            ("customer_tag", "AND o.tag_id = t.tag_id "),
            ("corp_tag_conflict", "AND false "),
        ):
            await self._uow.execute(
                f"UPDATE {table} t SET member_userid = :new WHERE t.tenant_id = :tenant "  # noqa: S608 - the names above.
                "AND t.corp_id = :corp AND t.member_userid = :old "
                f"AND NOT EXISTS (SELECT FROM {table} o WHERE o.tenant_id = :tenant AND o.corp_id = :corp "
                f"AND o.member_userid = :new AND o.customer_token = t.customer_token {same_tag})",
                {"tenant": self._uow.tenant_id, "corp": corp_id, "old": userid, "new": new_userid},
            )

    async def forget_tags(self, corp_id: AccountId, tag_ids: Sequence[str]) -> None:
        """Forget who carries tags that are gone, and what was to be done with them."""
        await self._uow.execute(
            "DELETE FROM customer_tag WHERE tenant_id = :tenant AND corp_id = :corp AND tag_id = ANY(:tags)",
            {"tenant": self._uow.tenant_id, "corp": corp_id, "tags": list(tag_ids)},
        )


def _arrays(keys: Sequence[RelationKey]) -> dict[str, Any]:
    return {
        "corps": [key.corp_id for key in keys],
        "userids": [key.userid for key in keys],
        "tokens": [key.token for key in keys],
    }


def _key(row: Any) -> RelationKey:
    return RelationKey(AccountId(row.corp_id), row.member_userid, bytes(row.customer_token))


def _mark(row: Any) -> Mark:
    return Mark(
        carried=row.carried,
        known_at=row.known_at,
        ours=row.ours,
        ours_at=row.ours_at,
        origin=row.origin,
        state=MarkState(row.state),
        sent=row.sent,
        is_uncertain=row.is_uncertain,
        looks_again=row.looks_again,
        reason=row.reason,
    )


_HAVE: Final = """
INSERT INTO tagged_relation (tenant_id, corp_id, member_userid, customer_token)
SELECT :tenant, k.corp_id, k.userid, k.token
FROM unnest(CAST(:corps AS bigint[]), CAST(:userids AS text[]), CAST(:tokens AS bytea[]))
    AS k (corp_id, userid, token)
ORDER BY k.corp_id, k.token, k.userid
ON CONFLICT DO NOTHING
"""
_LOCK: Final = """
SELECT r.* FROM tagged_relation r
JOIN unnest(CAST(:corps AS bigint[]), CAST(:userids AS text[]), CAST(:tokens AS bytea[]))
    AS k (corp_id, userid, token)
    ON k.corp_id = r.corp_id AND k.userid = r.member_userid AND k.token = r.customer_token
WHERE r.tenant_id = :tenant ORDER BY r.corp_id, r.customer_token, r.member_userid FOR UPDATE OF r
"""
_LOOKED: Final = """
UPDATE tagged_relation r SET observed_at = k.at
FROM unnest(CAST(:corps AS bigint[]), CAST(:userids AS text[]), CAST(:tokens AS bytea[]),
    CAST(:times AS timestamptz[])) AS k (corp_id, userid, token, at)
WHERE r.tenant_id = :tenant AND r.corp_id = k.corp_id AND r.member_userid = k.userid
    AND r.customer_token = k.token
"""
_EDITED: Final = """
INSERT INTO tagged_relation AS r (tenant_id, corp_id, member_userid, customer_token, edited_at)
SELECT :tenant, k.corp_id, k.userid, k.token, k.at
FROM unnest(CAST(:corps AS bigint[]), CAST(:userids AS text[]), CAST(:tokens AS bytea[]),
    CAST(:times AS timestamptz[])) AS k (corp_id, userid, token, at)
ORDER BY k.corp_id, k.token, k.userid
ON CONFLICT (tenant_id, corp_id, customer_token, member_userid) DO UPDATE
    SET edited_at = greatest(r.edited_at, excluded.edited_at)
"""
_MARKS: Final = """
SELECT m.* FROM customer_tag m
JOIN unnest(CAST(:corps AS bigint[]), CAST(:userids AS text[]), CAST(:tokens AS bytea[]))
    AS k (corp_id, userid, token)
    ON k.corp_id = m.corp_id AND k.userid = m.member_userid AND k.token = m.customer_token
WHERE m.tenant_id = :tenant
"""
_SAVE: Final = """
INSERT INTO customer_tag (tenant_id, corp_id, member_userid, customer_token, tag_id, carried, known_at,
    ours, ours_at, origin, state, sent, is_uncertain, looks_again, reason, updated_at)
SELECT :tenant, n.*, :now FROM unnest(
    CAST(:corps AS bigint[]), CAST(:userids AS text[]), CAST(:tokens AS bytea[]), CAST(:tags AS text[]),
    CAST(:carried AS boolean[]), CAST(:known AS timestamptz[]), CAST(:ours AS boolean[]),
    CAST(:ours_at AS timestamptz[]), CAST(:origins AS text[]), CAST(:states AS text[]),
    CAST(:sent AS boolean[]), CAST(:uncertain AS boolean[]), CAST(:again AS boolean[]),
    CAST(:reasons AS text[])
) AS n
ON CONFLICT (tenant_id, corp_id, customer_token, member_userid, tag_id) DO UPDATE SET
    carried = excluded.carried, known_at = excluded.known_at, ours = excluded.ours,
    ours_at = excluded.ours_at, origin = excluded.origin, state = excluded.state, sent = excluded.sent,
    is_uncertain = excluded.is_uncertain, looks_again = excluded.looks_again, reason = excluded.reason,
    updated_at = excluded.updated_at
"""
_DUE: Final = """
INSERT INTO customer_tag_turn AS t (tenant_id, corp_id, customer_token, due_at)
SELECT :tenant, k.corp_id, k.token, :now
FROM unnest(CAST(:corps AS bigint[]), CAST(:tokens AS bytea[])) AS k (corp_id, token)
ORDER BY k.corp_id, k.token
ON CONFLICT (tenant_id, corp_id, customer_token) DO UPDATE
    SET due_at = least(coalesce(t.due_at, excluded.due_at), excluded.due_at), attempts = 0
"""
# While a turn lasts nothing is due: what becomes due meanwhile shows when it ends.
_CLAIM: Final = """
WITH due AS MATERIALIZED (
    SELECT corp_id, customer_token FROM customer_tag_turn
    WHERE tenant_id = :tenant AND due_at <= :now AND (busy_until IS NULL OR busy_until <= :now)
    ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED
)
UPDATE customer_tag_turn t SET busy_until = :until, due_at = :until, attempts = t.attempts + 1 FROM due
WHERE t.tenant_id = :tenant AND t.corp_id = due.corp_id AND t.customer_token = due.customer_token
RETURNING t.*
"""
_FINISH: Final = """
UPDATE customer_tag_turn t SET busy_until = NULL,
    attempts = CASE WHEN CAST(:due AS timestamptz) IS NULL THEN 0 ELSE t.attempts END,
    due_at = coalesce(CAST(:due AS timestamptz), CASE WHEN EXISTS (
        SELECT FROM customer_tag m WHERE m.tenant_id = t.tenant_id AND m.corp_id = t.corp_id
            AND m.customer_token = t.customer_token AND m.state IN ('waiting', 'sending')
    ) THEN CAST(:now AS timestamptz) END)
WHERE t.tenant_id = :tenant AND t.corp_id = :corp AND t.customer_token = :token
"""
