"""Every statement on ``reply_rule``, ``reply_version`` and ``late_reply`` but those of the door."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import encode_id
from quanyu.modules.channels.codes.queries import CodeQueries
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.replies.contracts import RULE_PREFIX, RULES_MAX, ReplyDraft, RuleId
from quanyu.modules.channels.replies.rules import ReplyBook, make_book


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRule:
    """A row of ``reply_rule``."""

    rule_id: RuleId
    account_id: AccountId
    draft: ReplyDraft
    created_at: datetime
    updated_at: datetime

    @property
    def reference(self) -> str:
        """The rule's id outside."""
        return encode_id(RULE_PREFIX, self.rule_id)


class ReplyQueries:
    """Rules of automatic replies."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def list_rules(self, account_id: AccountId) -> tuple[KeptRule, ...]:
        """Return the account's rules, oldest first."""
        rows = await self._uow.execute(
            "SELECT * FROM reply_rule WHERE tenant_id = :tenant AND account_id = :account "
            "ORDER BY id LIMIT :limit",
            {"tenant": self._uow.tenant_id, "account": account_id, "limit": RULES_MAX},
        )
        return tuple(_rule(row) for row in rows)

    async def find_rule(self, account_id: AccountId, rule_id: RuleId) -> KeptRule | None:
        rows = await self._uow.execute(
            "SELECT * FROM reply_rule WHERE tenant_id = :tenant AND account_id = :account AND id = :id",
            {"tenant": self._uow.tenant_id, "account": account_id, "id": rule_id},
        )
        row = rows.first()
        return None if row is None else _rule(row)

    async def save(self, rule: KeptRule) -> None:
        """Insert or replace a rule."""
        await self._uow.execute(
            _SAVE,
            {
                "tenant": self._uow.tenant_id,
                "account": rule.account_id,
                "id": rule.rule_id,
                "trigger": rule.draft.trigger,
                "draft": rule.draft.model_dump_json(),
                "created": rule.created_at,
                "updated": rule.updated_at,
            },
        )

    async def delete(self, account_id: AccountId, rule_id: RuleId) -> bool:
        """Delete a rule; return whether there was one."""
        done = await self._uow.execute(
            "DELETE FROM reply_rule WHERE tenant_id = :tenant AND account_id = :account AND id = :id",
            {"tenant": self._uow.tenant_id, "account": account_id, "id": rule_id},
        )
        return done.rowcount == 1

    async def bump(self, account_id: AccountId) -> None:
        """Count the account's version up, so that every process reads its book anew.

        Locks the account's version row, so changes of one account follow each other.
        """
        await self._uow.execute(
            "INSERT INTO reply_version AS v (tenant_id, account_id, version) VALUES (:tenant, :account, 1) "
            "ON CONFLICT (tenant_id, account_id) DO UPDATE SET version = v.version + 1",
            {"tenant": self._uow.tenant_id, "account": account_id},
        )

    async def versions(self, account_ids: Iterable[AccountId]) -> Mapping[AccountId, int]:
        rows = await self._uow.execute(
            "SELECT account_id, version FROM reply_version "
            "WHERE tenant_id = :tenant AND account_id = ANY(:accounts)",
            {"tenant": self._uow.tenant_id, "accounts": list(account_ids)},
        )
        return {AccountId(row.account_id): row.version for row in rows}

    async def read_book(self, account_id: AccountId, version: int) -> ReplyBook:
        """Return the account's book; ``version`` was read before, so a later change is read again."""
        rules = await self.list_rules(account_id)
        codes = await CodeQueries(self._uow).answers(account_id)
        return make_book(version, [(rule.reference, rule.draft) for rule in rules], codes)


def _rule(row: Any) -> KeptRule:
    return KeptRule(
        rule_id=RuleId(row.id),
        account_id=AccountId(row.account_id),
        draft=ReplyDraft.model_validate(row.draft),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LateReply:
    """A row of ``late_reply`` with the openid it goes to; ``openid_sealed`` is None when nobody knows it."""

    account_id: AccountId
    delivery: bytes
    part: int
    openid_token: bytes
    openid_sealed: bytes | None
    reference: str
    content: str
    attempts: int
    created_at: datetime


class LateQueries:
    """Contents that go out after the answer."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def claim(self, *, now: datetime, deliveries_max: int) -> tuple[LateReply, ...]:
        """Take the due parts of some deliveries, in order: ``handed`` from now on, and nobody else's."""
        rows = await self._uow.execute(
            _CLAIM, {"tenant": self._uow.tenant_id, "now": now, "limit": deliveries_max}
        )
        return tuple(
            LateReply(
                account_id=AccountId(row.account_id),
                delivery=bytes(row.delivery),
                part=row.part,
                openid_token=bytes(row.openid_token),
                openid_sealed=row.openid_sealed and bytes(row.openid_sealed),
                reference=row.reference,
                content=row.content,
                attempts=row.attempts,
                created_at=row.created_at,
            )
            for row in sorted(rows, key=lambda row: (row.created_at, bytes(row.delivery), row.part))
        )

    async def settle(
        self, parts: Sequence[LateReply], state: str, *, reason: str, due_at: datetime | None = None
    ) -> None:
        """Write what became of ``parts`` of one delivery."""
        if not parts:
            return
        await self._uow.execute(
            "UPDATE late_reply SET state = :state, reason = :reason, updated_at = :now, "
            "due_at = coalesce(:due, due_at) "
            "WHERE tenant_id = :tenant AND account_id = :account AND delivery = :delivery "
            "AND part = ANY(:parts)",
            {
                "tenant": self._uow.tenant_id,
                "account": parts[0].account_id,
                "delivery": parts[0].delivery,
                "parts": [part.part for part in parts],
                "state": state,
                "reason": reason,
                "due": due_at,
                "now": self._uow.clock.now(),
            },
        )

    async def give_up(self, *, before: datetime) -> int:
        """Mark what was handed before ``before`` and never answered as unknown; return how many."""
        done = await self._uow.execute(
            "UPDATE late_reply SET state = 'unknown', reason = 'process_ended', updated_at = :now "
            "WHERE tenant_id = :tenant AND state = 'handed' AND updated_at < :before",
            {"tenant": self._uow.tenant_id, "before": before, "now": self._uow.clock.now()},
        )
        return done.rowcount

    async def count_by_state(self, account_id: AccountId, *, since: timedelta) -> Mapping[str, int]:
        rows = await self._uow.execute(
            "SELECT state, count(*) AS n FROM late_reply WHERE tenant_id = :tenant "
            "AND account_id = :account AND created_at >= :since GROUP BY state",
            {
                "tenant": self._uow.tenant_id,
                "account": account_id,
                "since": self._uow.clock.now() - since,
            },
        )
        return {row.state: row.n for row in rows}


_SAVE: Final = """
INSERT INTO reply_rule AS r (tenant_id, account_id, id, trigger, draft, created_at, updated_at)
VALUES (:tenant, :account, :id, :trigger, CAST(:draft AS jsonb), :created, :updated)
ON CONFLICT (tenant_id, id) DO UPDATE SET
    trigger = excluded.trigger, draft = excluded.draft, updated_at = excluded.updated_at
"""
# A delivery is taken whole: its parts go out one after the other. So another worker's rows are waited for and
# not skipped: two that begin together would share the parts of one delivery.
_CLAIM: Final = """
WITH due AS MATERIALIZED (
    SELECT account_id, delivery, part, openid_token FROM late_reply
    WHERE tenant_id = :tenant AND state = 'waiting' AND due_at <= :now
        AND (account_id, delivery) IN (
            SELECT account_id, delivery FROM late_reply
            WHERE tenant_id = :tenant AND state = 'waiting' AND due_at <= :now
            GROUP BY account_id, delivery ORDER BY min(due_at), account_id, delivery LIMIT :limit
        )
    ORDER BY account_id, delivery, part
    FOR UPDATE
)
UPDATE late_reply l SET state = 'handed', attempts = l.attempts + 1, updated_at = :now
FROM due
LEFT JOIN follower f ON f.tenant_id = :tenant AND f.account_id = due.account_id
    AND f.openid_token = due.openid_token
WHERE l.tenant_id = :tenant AND l.account_id = due.account_id AND l.delivery = due.delivery
    AND l.part = due.part
RETURNING l.account_id, l.delivery, l.part, l.openid_token, f.openid_sealed, l.reference,
    l.content::text AS content, l.attempts, l.created_at
"""
