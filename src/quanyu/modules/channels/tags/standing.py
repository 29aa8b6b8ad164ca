"""How followers stand to account tags, for whoever keeps tags of people in step with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.followers import FollowerKey


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowerTag:
    """One tag on one openid of somebody, carried or not."""

    key: FollowerKey
    tag_id: int
    person_id: int
    carried: bool  # What the platform has, as far as we know.
    wanted: bool | None  # What is on its way, or was refused for good.
    is_failed: bool
    is_active: bool  # They follow.
    is_known: bool  # The platform was asked about them since they follow.


@dataclass(frozen=True, slots=True, kw_only=True)
class TagWanted:
    """A change to ask for."""

    key: FollowerKey
    tag_id: int
    wanted: bool
    origin: str


class FollowerTagStanding:
    """Reads and wishes of one unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def read(self, people: Sequence[int], tags: Sequence[tuple[AccountId, int]]) -> list[FollowerTag]:
        """Return how every openid of these people stands to tags that exist."""
        rows = await self._run(
            _READ, people=list(people), accounts=[one for one, _ in tags], tags=[tag for _, tag in tags]
        )
        return [
            FollowerTag(
                key=FollowerKey(AccountId(row.account_id), bytes(row.openid_token)),
                tag_id=row.tag_id,
                person_id=row.person_id,
                carried=row.carried,
                wanted=row.wanted,
                is_failed=row.state == "failed",
                is_active=row.is_active,
                is_known=row.is_known,
            )
            for row in rows
        ]

    async def people(self, account_id: AccountId, tag_id: int, *, after: int, limit: int) -> list[int]:
        """Return who carries a tag, or is to, behind a person id."""
        rows = await self._run(_PEOPLE, account=account_id, tag=tag_id, after=after, limit=limit)
        return [row.person_id for row in rows]

    async def wish(self, wishes: Sequence[TagWanted]) -> None:
        """Ask for changes; of several wishes for one openid and tag the latest counts."""
        if wishes:
            await self._run(
                _WISH,
                accounts=[one.key.account_id for one in wishes],
                tokens=[one.key.token for one in wishes],
                tags=[one.tag_id for one in wishes],
                wanted=[one.wanted for one in wishes],
                origins=[one.origin for one in wishes],
                now=self._uow.clock.now(),
            )

    async def try_again(self, account_id: AccountId, tag_id: int) -> int:
        """Have what the platform refused asked for once more; return how many changes that are."""
        found = await self._run(
            "UPDATE tag_change SET state = 'waiting', reason = '', attempts = 0, failed_at = NULL, "
            "due_at = :now, asked_at = :now WHERE tenant_id = :tenant AND account_id = :account "
            "AND tag_id = :tag AND state = 'failed'",
            account=account_id,
            tag=tag_id,
            now=self._uow.clock.now(),
        )
        return int(found.rowcount)

    async def latest_failure(self, account_id: AccountId, tag_id: int) -> tuple[str, Any] | None:
        """Return why and when the platform last refused a change of a tag, if any refusal stands."""
        rows = await self._run(
            "SELECT reason, failed_at FROM tag_change WHERE tenant_id = :tenant AND account_id = :account "
            "AND tag_id = :tag AND state = 'failed' ORDER BY failed_at DESC LIMIT 1",
            account=account_id,
            tag=tag_id,
        )
        row = rows.first()
        return None if row is None else (row.reason, row.failed_at)

    async def _run(self, sql: str, **values: Any) -> Any:
        return await self._uow.execute(sql, {"tenant": self._uow.tenant_id, **values})


# What the platform said before somebody came back says nothing of now: who leaves loses their tags there.
_READ: Final = """
SELECT f.account_id, f.openid_token, f.person_id, l.tag_id, t.openid_token IS NOT NULL AS carried, c.wanted,
    c.state, f.subscribed IS TRUE AS is_active,
    f.info_fetched_at IS NOT NULL AND (f.changed_at IS NULL OR f.info_fetched_at >= f.changed_at) AS is_known
FROM unnest(CAST(:accounts AS bigint[]), CAST(:tags AS int[])) AS l (account_id, tag_id)
JOIN account_tag a ON a.tenant_id = :tenant AND a.account_id = l.account_id AND a.tag_id = l.tag_id
JOIN unnest(CAST(:people AS int[])) AS w (id) ON true
JOIN follower f ON f.tenant_id = :tenant AND f.person_id = w.id AND f.account_id = l.account_id
    AND f.openid_sealed IS NOT NULL
LEFT JOIN follower_tag t ON t.tenant_id = :tenant AND t.account_id = f.account_id AND t.tag_id = l.tag_id
    AND t.openid_token = f.openid_token
LEFT JOIN tag_change c ON c.tenant_id = :tenant AND c.account_id = f.account_id AND c.tag_id = l.tag_id
    AND c.openid_token = f.openid_token
"""
# Materialised, or the planner may go through followers in order and look each up in the rest.
_PEOPLE: Final = """
WITH t AS MATERIALIZED (
    SELECT openid_token FROM follower_tag
    WHERE tenant_id = :tenant AND account_id = :account AND tag_id = :tag
    UNION SELECT openid_token FROM tag_change
    WHERE tenant_id = :tenant AND account_id = :account AND tag_id = :tag
), found AS MATERIALIZED (
    SELECT f.person_id FROM t
    JOIN follower f ON f.tenant_id = :tenant AND f.account_id = :account AND f.openid_token = t.openid_token
    WHERE f.person_id > :after
)
SELECT DISTINCT person_id FROM found ORDER BY person_id LIMIT :limit
"""
_WISH: Final = """
INSERT INTO tag_change AS c (tenant_id, account_id, tag_id, openid_token, wanted, origin, state, due_at,
    asked_at)
SELECT :tenant, n.account_id, n.tag_id, n.token, n.wanted, n.origin, 'waiting', :now, :now
FROM unnest(CAST(:accounts AS bigint[]), CAST(:tags AS int[]), CAST(:tokens AS bytea[]),
    CAST(:wanted AS boolean[]), CAST(:origins AS text[])) AS n (account_id, tag_id, token, wanted, origin)
ORDER BY n.account_id, n.tag_id, n.token
ON CONFLICT (tenant_id, account_id, tag_id, openid_token) DO UPDATE SET
    wanted = excluded.wanted, origin = excluded.origin, state = 'waiting', reason = '', attempts = 0,
    due_at = excluded.due_at, asked_at = excluded.asked_at, failed_at = NULL
"""
