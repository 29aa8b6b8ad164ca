"""Every statement on ``account_tag``, ``follower_tag`` and ``tag_change``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.followers import FollowerKey
from quanyu.modules.channels.tags.contracts import TagId


@dataclass(frozen=True, slots=True)
class TagWish:
    """A change on its way: ``asked_at`` tells one wish from a later one for the same person and tag."""

    key: FollowerKey
    openid_sealed: bytes
    asked_at: datetime
    attempts: int
    origin: str


@dataclass(frozen=True, slots=True)
class WishGroup:
    """Changes that fit one call."""

    account_id: AccountId
    tag_id: TagId
    wanted: bool


class TagQueries:
    """Tags of accounts, and who carries them."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def list_tags(self, account_id: AccountId) -> list[Any]:
        rows = await self._uow.execute(_LIST, {"tenant": self._uow.tenant_id, "account": account_id})
        return list(rows)

    async def names(self, account_id: AccountId) -> Mapping[TagId, str]:
        rows = await self._uow.execute(
            "SELECT tag_id, name FROM account_tag WHERE tenant_id = :tenant AND account_id = :account",
            {"tenant": self._uow.tenant_id, "account": account_id},
        )
        return {TagId(row.tag_id): row.name for row in rows}

    async def save_tag(self, account_id: AccountId, tag_id: TagId, name: str, count: int) -> None:
        """Insert or replace a tag."""
        await self._uow.execute(
            "INSERT INTO account_tag (tenant_id, account_id, tag_id, name, platform_count, synced_at) "
            "VALUES (:tenant, :account, :tag, :name, :count, :now) "
            "ON CONFLICT (tenant_id, account_id, tag_id) DO UPDATE SET name = excluded.name, "
            "platform_count = excluded.platform_count, synced_at = excluded.synced_at",
            {**self._of(account_id, tag_id), "name": name, "count": count, "now": self._uow.clock.now()},
        )

    async def delete_tag(self, account_id: AccountId, tag_id: TagId) -> None:
        """Forget a tag, who carries it, and what was to be done with it."""
        for table in ("tag_change", "follower_tag", "account_tag"):
            await self._uow.execute(
                f"DELETE FROM {table} "  # noqa: S608 - the names stand above.
                "WHERE tenant_id = :tenant AND account_id = :account AND tag_id = :tag",
                self._of(account_id, tag_id),
            )

    async def wish(
        self, account_id: AccountId, tag_id: TagId, people: Sequence[PersonId], *, wanted: bool, origin: str
    ) -> tuple[int, int]:
        """Ask for a change for these people; return how many changes wait and how many people are reached."""
        now = self._uow.clock.now()
        params = {**self._of(account_id, tag_id), "people": list(people), "wanted": wanted}
        reached = await self._uow.execute(
            "SELECT count(DISTINCT person_id) FROM follower WHERE tenant_id = :tenant "
            "AND account_id = :account AND person_id = ANY(:people) AND openid_sealed IS NOT NULL",
            {key: params[key] for key in ("tenant", "account", "people")},
        )
        asked = await self._uow.execute(_WISH, {**params, "origin": origin, "now": now})
        return asked.rowcount, reached.scalar_one()

    async def wish_for(self, wishes: Sequence[tuple[FollowerKey, TagId]], *, origin: str) -> None:
        """Ask for tags on single followers, where they do not carry them already."""
        if wishes:
            await self._uow.execute(
                _WISH_FOR,
                {
                    "tenant": self._uow.tenant_id,
                    "accounts": [key.account_id for key, _ in wishes],
                    "tokens": [key.token for key, _ in wishes],
                    "tags": [tag_id for _, tag_id in wishes],
                    "origin": origin,
                    "now": self._uow.clock.now(),
                },
            )

    async def due_groups(self, *, now: datetime, limit: int) -> list[WishGroup]:
        rows = await self._uow.execute(
            "SELECT account_id, tag_id, wanted FROM tag_change WHERE tenant_id = :tenant "
            "AND state = 'waiting' AND due_at <= :now GROUP BY account_id, tag_id, wanted "
            "ORDER BY min(due_at) LIMIT :limit",
            {"tenant": self._uow.tenant_id, "now": now, "limit": limit},
        )
        return [WishGroup(AccountId(row.account_id), TagId(row.tag_id), row.wanted) for row in rows]

    async def claim(
        self, group: WishGroup, *, now: datetime, until: datetime, limit: int
    ) -> tuple[TagWish, ...]:
        """Take up to ``limit`` changes of a group; until ``until`` nobody else takes them."""
        rows = await self._uow.execute(
            _CLAIM,
            {
                **self._of(group.account_id, group.tag_id),
                "wanted": group.wanted,
                "now": now,
                "until": until,
                "limit": limit,
            },
        )
        return tuple(
            TagWish(
                key=FollowerKey(AccountId(row.account_id), bytes(row.openid_token)),
                openid_sealed=bytes(row.openid_sealed),
                asked_at=row.asked_at,
                attempts=row.attempts,
                origin=row.origin,
            )
            for row in rows
        )

    async def done(self, group: WishGroup, wishes: Sequence[TagWish]) -> list[bytes]:
        """Remember that the platform took ``wishes``; return the tokens for whom that was news.

        A wish that was replaced meanwhile stays: it is the later one.
        """
        tokens = [wish.key.token for wish in wishes]
        params = {**self._of(group.account_id, group.tag_id), "tokens": tokens}
        await self._uow.execute(
            "DELETE FROM tag_change c USING unnest(CAST(:tokens AS bytea[]), CAST(:asked AS timestamptz[])) "
            "AS k (token, asked_at) WHERE c.tenant_id = :tenant AND c.account_id = :account "
            "AND c.tag_id = :tag AND c.openid_token = k.token AND c.asked_at = k.asked_at",
            {**params, "asked": [wish.asked_at for wish in wishes]},
        )
        sql = _CARRY if group.wanted else _DROP
        rows = await self._uow.execute(
            sql, {**params, "now": self._uow.clock.now()} if group.wanted else params
        )
        return [bytes(row.openid_token) for row in rows]

    async def settle(
        self,
        group: WishGroup,
        wishes: Sequence[TagWish],
        *,
        state: str,
        reason: str,
        due_at: datetime | None = None,
    ) -> None:
        """Write that ``wishes`` wait longer, or failed."""
        await self._uow.execute(
            "UPDATE tag_change c SET state = :state, reason = :reason, due_at = coalesce(:due, c.due_at), "
            "failed_at = CASE WHEN :state = 'failed' THEN CAST(:now AS timestamptz) END "
            "FROM unnest(CAST(:tokens AS bytea[]), CAST(:asked AS timestamptz[])) AS k (token, asked_at) "
            "WHERE c.tenant_id = :tenant AND c.account_id = :account AND c.tag_id = :tag "
            "AND c.openid_token = k.token AND c.asked_at = k.asked_at",
            {
                **self._of(group.account_id, group.tag_id),
                "tokens": [wish.key.token for wish in wishes],
                "asked": [wish.asked_at for wish in wishes],
                "state": state,
                "reason": reason,
                "due": due_at,
                "now": self._uow.clock.now(),
            },
        )

    async def replace_tags_of(
        self, account_id: AccountId, carried: Mapping[bytes, Sequence[int]]
    ) -> tuple[list[tuple[bytes, TagId]], list[tuple[bytes, TagId]]]:
        """Remember what each follower carries now, by token; return what was added and removed.

        What is on its way to the platform is left alone: its answer is newer.
        """
        pairs = [(token, tag) for token, tags in carried.items() for tag in tags]
        params = {
            "tenant": self._uow.tenant_id,
            "account": account_id,
            "everybody": list(carried),
            "tokens": [token for token, _ in pairs],
            "tags": [tag for _, tag in pairs],
        }
        gone = await self._uow.execute(_REPLACE_GONE, params)
        removed = [(bytes(row.openid_token), TagId(row.tag_id)) for row in gone]
        del params["everybody"]
        new = await self._uow.execute(_REPLACE_NEW, {**params, "now": self._uow.clock.now()})
        return [(bytes(row.openid_token), TagId(row.tag_id)) for row in new], removed

    async def see_page(
        self, account_id: AccountId, tag_id: TagId, tokens: Sequence[bytes], *, sync_id: int
    ) -> list[bytes]:
        """Remember that these followers carry the tag, as a sync saw; return for whom it was news."""
        rows = await self._uow.execute(
            _SEE,
            {
                **self._of(account_id, tag_id),
                "tokens": list(tokens),
                "sync": sync_id,
                "now": self._uow.clock.now(),
            },
        )
        return [bytes(row.openid_token) for row in rows if row.is_new]

    async def drop_unseen(
        self, account_id: AccountId, tag_id: TagId, *, sync_id: int, before: datetime, limit: int
    ) -> list[bytes]:
        """Take the tag from up to ``limit`` followers whom sync ``sync_id`` did not see with it."""
        rows = await self._uow.execute(
            _DROP_UNSEEN,
            {**self._of(account_id, tag_id), "sync": sync_id, "before": before, "limit": limit},
        )
        return [bytes(row.openid_token) for row in rows]

    async def sealed_openids(self, account_id: AccountId, tokens: Sequence[bytes]) -> Mapping[bytes, bytes]:
        rows = await self._uow.execute(
            "SELECT openid_token, openid_sealed FROM follower WHERE tenant_id = :tenant "
            "AND account_id = :account AND openid_token = ANY(:tokens) AND openid_sealed IS NOT NULL",
            {"tenant": self._uow.tenant_id, "account": account_id, "tokens": list(tokens)},
        )
        return {bytes(row.openid_token): bytes(row.openid_sealed) for row in rows}

    async def failures(self, account_id: AccountId, *, limit: int) -> list[Any]:
        rows = await self._uow.execute(
            "SELECT c.tag_id, t.name, c.wanted, c.reason, c.failed_at, f.person_id FROM tag_change c "
            "LEFT JOIN account_tag t USING (tenant_id, account_id, tag_id) "
            "LEFT JOIN follower f USING (tenant_id, account_id, openid_token) "
            "WHERE c.tenant_id = :tenant AND c.account_id = :account AND c.state = 'failed' "
            "ORDER BY c.failed_at DESC LIMIT :limit",
            {"tenant": self._uow.tenant_id, "account": account_id, "limit": limit},
        )
        return list(rows)

    async def people_with(
        self, account_id: AccountId, tag_id: TagId, *, after: PersonId, limit: int
    ) -> list[Any]:
        rows = await self._uow.execute(
            "SELECT f.person_id, min(t.since) AS since FROM follower_tag t "
            "JOIN follower f USING (tenant_id, account_id, openid_token) "
            "WHERE t.tenant_id = :tenant AND t.account_id = :account AND t.tag_id = :tag "
            "AND f.person_id > :after GROUP BY f.person_id ORDER BY f.person_id LIMIT :limit",
            {**self._of(account_id, tag_id), "after": after, "limit": limit},
        )
        return list(rows)

    async def of_person(self, person_id: PersonId) -> list[Any]:
        rows = await self._uow.execute(
            "SELECT t.account_id, t.tag_id, a.name, t.since FROM follower f "
            "JOIN follower_tag t USING (tenant_id, account_id, openid_token) "
            "JOIN account_tag a USING (tenant_id, account_id, tag_id) "
            "WHERE f.tenant_id = :tenant AND f.person_id = :person ORDER BY t.since, t.tag_id LIMIT 200",
            {"tenant": self._uow.tenant_id, "person": person_id},
        )
        return list(rows)

    def _of(self, account_id: AccountId, tag_id: TagId) -> dict[str, Any]:
        return {"tenant": self._uow.tenant_id, "account": account_id, "tag": tag_id}


_LIST: Final = """
SELECT t.*,
    (SELECT count(*) FROM follower_tag f WHERE f.tenant_id = t.tenant_id AND f.account_id = t.account_id
        AND f.tag_id = t.tag_id) AS people,
    (SELECT count(*) FROM tag_change c WHERE c.tenant_id = t.tenant_id AND c.account_id = t.account_id
        AND c.tag_id = t.tag_id AND c.state = 'waiting') AS waiting,
    (SELECT count(*) FROM tag_change c WHERE c.tenant_id = t.tenant_id AND c.account_id = t.account_id
        AND c.tag_id = t.tag_id AND c.state = 'failed') AS failed
FROM account_tag t WHERE t.tenant_id = :tenant AND t.account_id = :account ORDER BY t.tag_id
"""
# The latest wish for a person and a tag is the one that counts.
_WISH: Final = """
INSERT INTO tag_change AS c (tenant_id, account_id, tag_id, openid_token, wanted, origin, state, due_at,
    asked_at)
SELECT :tenant, :account, :tag, f.openid_token, :wanted, :origin, 'waiting', :now, :now
FROM follower f
WHERE f.tenant_id = :tenant AND f.account_id = :account AND f.person_id = ANY(:people)
    AND f.openid_sealed IS NOT NULL
ORDER BY f.openid_token
ON CONFLICT (tenant_id, account_id, tag_id, openid_token) DO UPDATE SET
    wanted = excluded.wanted, origin = excluded.origin, state = 'waiting', reason = '', attempts = 0,
    due_at = excluded.due_at, asked_at = excluded.asked_at, failed_at = NULL
"""
_WISH_FOR: Final = """
INSERT INTO tag_change AS c (tenant_id, account_id, tag_id, openid_token, wanted, origin, state, due_at,
    asked_at)
SELECT :tenant, n.account_id, n.tag_id, n.token, true, :origin, 'waiting', :now, :now
FROM (SELECT DISTINCT * FROM unnest(
    CAST(:accounts AS bigint[]), CAST(:tags AS int[]), CAST(:tokens AS bytea[])
) AS u (account_id, tag_id, token)) AS n
JOIN account_tag a ON a.tenant_id = :tenant AND a.account_id = n.account_id AND a.tag_id = n.tag_id
WHERE NOT EXISTS (
    SELECT FROM follower_tag f WHERE f.tenant_id = :tenant AND f.account_id = n.account_id
        AND f.tag_id = n.tag_id AND f.openid_token = n.token
)
ORDER BY n.account_id, n.tag_id, n.token
ON CONFLICT (tenant_id, account_id, tag_id, openid_token) DO NOTHING
"""
# Materialised, or the planner may run the choice again for each row and take more than a call holds.
_CLAIM: Final = """
WITH due AS MATERIALIZED (
    SELECT c.account_id, c.tag_id, c.openid_token, f.openid_sealed FROM tag_change c
    JOIN follower f USING (tenant_id, account_id, openid_token)
    WHERE c.tenant_id = :tenant AND c.account_id = :account AND c.tag_id = :tag AND c.wanted = :wanted
        AND c.state = 'waiting' AND c.due_at <= :now AND f.openid_sealed IS NOT NULL
    ORDER BY c.due_at, c.openid_token LIMIT :limit
    FOR UPDATE OF c SKIP LOCKED
)
UPDATE tag_change c SET due_at = :until, attempts = c.attempts + 1
FROM due
WHERE c.tenant_id = :tenant AND c.account_id = due.account_id AND c.tag_id = due.tag_id
    AND c.openid_token = due.openid_token
RETURNING c.account_id, c.openid_token, due.openid_sealed, c.asked_at, c.attempts, c.origin
"""
_CARRY: Final = """
INSERT INTO follower_tag (tenant_id, account_id, tag_id, openid_token, since)
SELECT :tenant, :account, :tag, token, :now FROM unnest(CAST(:tokens AS bytea[])) AS n (token) ORDER BY token
ON CONFLICT DO NOTHING RETURNING openid_token
"""
_DROP: Final = """
DELETE FROM follower_tag WHERE tenant_id = :tenant AND account_id = :account AND tag_id = :tag
    AND openid_token = ANY(:tokens)
RETURNING openid_token
"""
_REPLACE_GONE: Final = """
DELETE FROM follower_tag f WHERE f.tenant_id = :tenant AND f.account_id = :account
    AND f.openid_token = ANY(:everybody)
    AND NOT EXISTS (
        SELECT FROM unnest(CAST(:tokens AS bytea[]), CAST(:tags AS int[])) AS k (token, tag)
        WHERE k.token = f.openid_token AND k.tag = f.tag_id
    )
    AND NOT EXISTS (
        SELECT FROM tag_change c WHERE c.tenant_id = :tenant AND c.account_id = :account
            AND c.tag_id = f.tag_id AND c.openid_token = f.openid_token AND c.state = 'waiting'
    )
RETURNING f.openid_token, f.tag_id
"""
_REPLACE_NEW: Final = """
INSERT INTO follower_tag (tenant_id, account_id, tag_id, openid_token, since)
SELECT :tenant, :account, k.tag, k.token, :now
FROM (SELECT DISTINCT * FROM unnest(CAST(:tokens AS bytea[]), CAST(:tags AS int[])) AS u (token, tag)) AS k
WHERE NOT EXISTS (
    SELECT FROM tag_change c WHERE c.tenant_id = :tenant AND c.account_id = :account
        AND c.tag_id = k.tag AND c.openid_token = k.token AND c.state = 'waiting'
)
ORDER BY k.token, k.tag
ON CONFLICT DO NOTHING RETURNING openid_token, tag_id
"""
_SEE: Final = """
INSERT INTO follower_tag AS f (tenant_id, account_id, tag_id, openid_token, since, sync_id)
SELECT :tenant, :account, :tag, token, :now, :sync
FROM (SELECT DISTINCT token FROM unnest(CAST(:tokens AS bytea[])) AS u (token)) AS n
WHERE NOT EXISTS (
    SELECT FROM tag_change c WHERE c.tenant_id = :tenant AND c.account_id = :account
        AND c.tag_id = :tag AND c.openid_token = n.token AND c.state = 'waiting'
)
ORDER BY token
ON CONFLICT (tenant_id, account_id, tag_id, openid_token) DO UPDATE SET sync_id = excluded.sync_id
RETURNING f.openid_token, (f.xmax = 0) AS is_new
"""
_DROP_UNSEEN: Final = """
WITH unseen AS MATERIALIZED (
    SELECT openid_token FROM follower_tag
    WHERE tenant_id = :tenant AND account_id = :account AND tag_id = :tag
        AND sync_id IS DISTINCT FROM :sync AND since < :before
    LIMIT :limit
)
DELETE FROM follower_tag f USING unseen
WHERE f.tenant_id = :tenant AND f.account_id = :account AND f.tag_id = :tag
    AND f.openid_token = unseen.openid_token
    AND NOT EXISTS (
        SELECT FROM tag_change c WHERE c.tenant_id = :tenant AND c.account_id = :account
            AND c.tag_id = :tag AND c.openid_token = f.openid_token AND c.state = 'waiting'
    )
RETURNING f.openid_token
"""
