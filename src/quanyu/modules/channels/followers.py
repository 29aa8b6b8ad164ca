"""Followers: who follows which account, kept from the log and from what the platform answers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.channels import rules
from quanyu.modules.channels.contracts import AccountId, FollowerEvent
from quanyu.modules.channels.mini_programs.translation import PREFIX as MINI_PROGRAM_PREFIX
from quanyu.modules.channels.rules import FollowChange, FollowState
from quanyu.modules.channels.translation import FOLLOWED, PREFIX, UNFOLLOWED, USER_INFO_FETCHED


class FollowerKey(NamedTuple):
    """An openid of an account, by its blind token."""

    account_id: AccountId
    token: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """A row of ``follower``."""

    key: FollowerKey
    state: FollowState
    openid_sealed: bytes | None = None
    person_id: PersonId | None = None
    unionid_sealed: bytes | None = None
    first_seen_at: datetime
    info_due_at: datetime | None = None
    info_attempts: int = 0
    info_fetched_at: datetime | None = None
    info_digest: bytes | None = None  # Of the last answer: the same answer is no news.


class FollowerSubscriber:
    """React subscriber ``channels.followers``: keeps the table in step with the log.

    Idempotent and tolerant of any order; see ``rules.apply_changes``.
    """

    name: Final = "channels.followers"
    after: Final = ()

    def wants(self, event_name: str) -> bool:
        """Everything a person did in an account tells at least who the openid is."""
        return event_name.startswith((PREFIX, MINI_PROGRAM_PREFIX)) and event_name != USER_INFO_FETCHED

    async def prepare(self, tenant_id: TenantId, events: Sequence[FollowerEvent]) -> None:
        """Nothing is needed from outside."""

    async def apply(self, uow: UnitOfWork, events: Sequence[FollowerEvent], prepared: None) -> None:
        """Write who is behind each openid and whether they follow."""
        queries = FollowerQueries(uow)
        told = await self._by_follower(queries, events)
        known = await queries.lock_followers(told)
        changed = []
        for key, about in told.items():
            before = known.get(key) or _seen_first(key, about[0], now=uow.clock.now())
            after = _after(before, about, now=uow.clock.now())
            if after != known.get(key):
                changed.append(after)
        await queries.save(changed)

    async def _by_follower(
        self, queries: "FollowerQueries", events: Sequence[FollowerEvent]
    ) -> dict[FollowerKey, list[FollowerEvent]]:
        app_ids = {event.context.get("app", "") for event in events}
        accounts = await queries.account_ids(sorted(app_ids))
        told: dict[FollowerKey, list[FollowerEvent]] = {}
        for event in events:
            account_id = accounts.get(event.context.get("app", ""))
            token = event.context.get("follower", "")
            if account_id is not None and token:
                told.setdefault(FollowerKey(account_id, bytes.fromhex(token)), []).append(event)
        return told


def _seen_first(key: FollowerKey, event: FollowerEvent, *, now: datetime) -> Follower:
    # Nobody can be asked who somebody in a mini program is: they say so themselves.
    due = None if event.name.startswith(MINI_PROGRAM_PREFIX) else now
    return Follower(key=key, state=FollowState(), first_seen_at=event.received_at, info_due_at=due)


def _after(before: Follower, events: Sequence[FollowerEvent], *, now: datetime) -> Follower:
    changes = [
        FollowChange(event.occurred_at, event.name == FOLLOWED)
        for event in events
        if event.name in (FOLLOWED, UNFOLLOWED)
    ]
    persons = [event.person_id for event in events if event.person_id is not None]
    state = rules.apply_changes(before.state, changes)
    after = replace(before, state=state, person_id=persons[-1] if persons else before.person_id)
    has_news = state.is_disputed or (state.subscribed and not before.state.subscribed)
    if state != before.state and has_news:
        # By which way they came, their unionid, or whether they stayed: only the platform knows.
        return replace(after, info_due_at=now, info_attempts=0)
    return after


class FollowerQueries:
    """Every statement on ``follower``."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def account_ids(self, app_ids: Sequence[str]) -> dict[str, AccountId]:
        rows = await self._uow.execute(
            "SELECT app_id, id FROM official_account WHERE tenant_id = :tenant AND app_id = ANY(:app_ids)",
            {"tenant": self._uow.tenant_id, "app_ids": list(app_ids)},
        )
        return {row.app_id: AccountId(row.id) for row in rows}

    async def lock_followers(self, keys: Iterable[FollowerKey]) -> dict[FollowerKey, Follower]:
        """Return the rows of ``keys`` that exist, locked in primary-key order."""
        ordered = sorted(keys)
        rows = await self._uow.execute(
            _LOCK,
            {
                "tenant": self._uow.tenant_id,
                "accounts": [key.account_id for key in ordered],
                "tokens": [key.token for key in ordered],
            },
        )
        followers = [_follower(row) for row in rows]
        return {follower.key: follower for follower in followers}

    async def save(self, followers: Sequence[Follower]) -> None:
        """Write rows as they are given; ``openid_sealed`` is written by who saw the openid."""
        if not followers:
            return
        ordered = sorted(followers, key=lambda follower: follower.key)
        await self._uow.execute(
            _SAVE,
            {
                "tenant": self._uow.tenant_id,
                "accounts": [one.key.account_id for one in ordered],
                "tokens": [one.key.token for one in ordered],
                "openids": [one.openid_sealed for one in ordered],
                "persons": [one.person_id for one in ordered],
                "subscribed": [one.state.subscribed for one in ordered],
                "changed": [one.state.changed_at for one in ordered],
                "disputed": [one.state.is_disputed for one in ordered],
                "subscribed_at": [one.state.subscribed_at for one in ordered],
                "unionids": [one.unionid_sealed for one in ordered],
                "first_seen": [one.first_seen_at for one in ordered],
                "due": [one.info_due_at for one in ordered],
                "attempts": [one.info_attempts for one in ordered],
                "fetched": [one.info_fetched_at for one in ordered],
                "digests": [one.info_digest for one in ordered],
            },
        )

    async def accounts_with_due_info(self, *, now: datetime) -> tuple[AccountId, ...]:
        rows = await self._uow.execute(
            "SELECT DISTINCT account_id FROM follower WHERE tenant_id = :tenant AND info_due_at <= :now "
            "AND openid_sealed IS NOT NULL LIMIT 200",
            {"tenant": self._uow.tenant_id, "now": now},
        )
        return tuple(AccountId(row.account_id) for row in rows)

    async def claim_due_info(
        self, account_id: AccountId, *, now: datetime, until: datetime, limit: int
    ) -> tuple[Follower, ...]:
        """Take up to ``limit`` followers whose info is due; until ``until`` nobody else takes them."""
        rows = await self._uow.execute(
            _CLAIM,
            {
                "tenant": self._uow.tenant_id,
                "account": account_id,
                "now": now,
                "until": until,
                "limit": limit,
            },
        )
        return tuple(_follower(row) for row in rows)

    async def unclaim(self, followers: Sequence[Follower], *, now: datetime) -> None:
        """Give a claim back as if it had not been made: the platform lets nobody be asked about now."""
        await self._uow.execute(
            "UPDATE follower f SET info_due_at = :now, info_attempts = greatest(0, f.info_attempts - 1) "
            "FROM unnest(CAST(:accounts AS bigint[]), CAST(:tokens AS bytea[])) AS k (account_id, token) "
            "WHERE f.tenant_id = :tenant AND f.account_id = k.account_id AND f.openid_token = k.token",
            {
                "tenant": self._uow.tenant_id,
                "accounts": [one.key.account_id for one in followers],
                "tokens": [one.key.token for one in followers],
                "now": now,
            },
        )

    async def was_asked(self, account_id: AccountId, tokens: Sequence[bytes]) -> None:
        """Tell a sync that these people need not be waited for any longer."""
        await self._uow.execute(
            "UPDATE follower SET sync_pending = false WHERE tenant_id = :tenant AND account_id = :account "
            "AND openid_token = ANY(:tokens) AND sync_pending",
            {"tenant": self._uow.tenant_id, "account": account_id, "tokens": list(tokens)},
        )

    async def recipients(
        self, account_id: AccountId, person_ids: Sequence[PersonId]
    ) -> Mapping[PersonId, tuple[bytes, bool]]:
        """Return the sealed openid of each person, of several the one that follows and did so last."""
        rows = await self._uow.execute(
            _RECIPIENTS,
            {"tenant": self._uow.tenant_id, "account": account_id, "persons": list(person_ids)},
        )
        return {PersonId(row.person_id): (bytes(row.openid_sealed), bool(row.subscribed)) for row in rows}

    async def repoint(self, from_ids: Sequence[PersonId], to_ids: Sequence[PersonId]) -> None:
        """Give the openids of merged people to who they are now."""
        await self._uow.execute(
            "UPDATE follower f SET person_id = m.to_id "
            "FROM unnest(CAST(:from_ids AS int[]), CAST(:to_ids AS int[])) AS m (from_id, to_id) "
            "WHERE f.tenant_id = :tenant AND f.person_id = m.from_id",
            {"tenant": self._uow.tenant_id, "from_ids": list(from_ids), "to_ids": list(to_ids)},
        )

    async def part(
        self, departures: Sequence[tuple[bytes, int, int]]
    ) -> list[tuple[AccountId, bytes | None, int, int]]:
        """Give openids that left a person to whose they are; return (account, sealed openid, from, to)."""
        rows = await self._uow.execute(
            "UPDATE follower f SET person_id = d.to_id FROM unnest(CAST(:tokens AS bytea[]), "
            "CAST(:from_ids AS int[]), CAST(:to_ids AS int[])) AS d (token, from_id, to_id) "
            "WHERE f.tenant_id = :tenant AND f.person_id = d.from_id AND f.openid_token = d.token "
            "RETURNING f.account_id, f.openid_sealed, d.from_id, d.to_id",
            {
                "tenant": self._uow.tenant_id,
                "tokens": [token for token, _, _ in departures],
                "from_ids": [old for _, old, _ in departures],
                "to_ids": [new for _, _, new in departures],
            },
        )
        return [
            (
                AccountId(row.account_id),
                row.openid_sealed and bytes(row.openid_sealed),
                row.from_id,
                row.to_id,
            )
            for row in rows
        ]


def _follower(row: Any) -> Follower:
    return Follower(
        key=FollowerKey(AccountId(row.account_id), bytes(row.openid_token)),
        state=FollowState(
            subscribed=row.subscribed,
            changed_at=row.changed_at,
            is_disputed=row.is_disputed,
            subscribed_at=row.subscribed_at,
        ),
        openid_sealed=row.openid_sealed and bytes(row.openid_sealed),
        person_id=row.person_id,
        unionid_sealed=row.unionid_sealed and bytes(row.unionid_sealed),
        first_seen_at=row.first_seen_at,
        info_due_at=row.info_due_at,
        info_attempts=row.info_attempts,
        info_fetched_at=row.info_fetched_at,
        info_digest=row.info_digest and bytes(row.info_digest),
    )


_LOCK: Final = """
SELECT f.* FROM follower f
JOIN unnest(CAST(:accounts AS bigint[]), CAST(:tokens AS bytea[])) AS k (account_id, token)
    ON k.account_id = f.account_id AND k.token = f.openid_token
WHERE f.tenant_id = :tenant
ORDER BY f.account_id, f.openid_token
FOR UPDATE OF f
"""
_SAVE: Final = """
INSERT INTO follower AS f (tenant_id, account_id, openid_token, openid_sealed, person_id, subscribed,
    changed_at, is_disputed, subscribed_at, unionid_sealed, first_seen_at, info_due_at, info_attempts,
    info_fetched_at, info_digest)
SELECT :tenant, s.* FROM unnest(
    CAST(:accounts AS bigint[]), CAST(:tokens AS bytea[]), CAST(:openids AS bytea[]),
    CAST(:persons AS int[]), CAST(:subscribed AS boolean[]), CAST(:changed AS timestamptz[]),
    CAST(:disputed AS boolean[]), CAST(:subscribed_at AS timestamptz[]), CAST(:unionids AS bytea[]),
    CAST(:first_seen AS timestamptz[]), CAST(:due AS timestamptz[]), CAST(:attempts AS int[]),
    CAST(:fetched AS timestamptz[]), CAST(:digests AS bytea[])
) AS s
ON CONFLICT (tenant_id, account_id, openid_token) DO UPDATE SET
    openid_sealed = coalesce(f.openid_sealed, excluded.openid_sealed),
    person_id = excluded.person_id, subscribed = excluded.subscribed, changed_at = excluded.changed_at,
    is_disputed = excluded.is_disputed, subscribed_at = excluded.subscribed_at,
    unionid_sealed = excluded.unionid_sealed, info_due_at = excluded.info_due_at,
    info_attempts = excluded.info_attempts, info_fetched_at = excluded.info_fetched_at,
    info_digest = excluded.info_digest
"""
_CLAIM: Final = """
WITH due AS MATERIALIZED (
    SELECT account_id, openid_token FROM follower
    WHERE tenant_id = :tenant AND account_id = :account AND info_due_at <= :now
        AND openid_sealed IS NOT NULL
    -- Who just did something comes before those a sync listed.
    ORDER BY sync_pending, info_due_at LIMIT :limit
    FOR UPDATE SKIP LOCKED
)
UPDATE follower f SET info_due_at = :until, info_attempts = info_attempts + 1
FROM due
WHERE f.tenant_id = :tenant AND f.account_id = due.account_id AND f.openid_token = due.openid_token
RETURNING f.*
"""
_RECIPIENTS: Final = """
SELECT DISTINCT ON (person_id) person_id, openid_sealed, subscribed FROM follower
WHERE tenant_id = :tenant AND account_id = :account AND person_id = ANY(:persons)
    AND openid_sealed IS NOT NULL
ORDER BY person_id, coalesce(subscribed, false) DESC, changed_at DESC NULLS LAST, openid_token
"""
