"""The ledger of welcomes: one row per code, moved only forward (WM-2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.welcomes.hook import Secret, open_secret
from quanyu.modules.staff.welcomes.rules import Chosen
from quanyu.modules.staff.welcomes.states import WelcomeState

# A welcome by number, and the claim on it: one may be claimed anew while who had it before still renders.
Grip = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A welcome this process may make: until its claim ends, or it is handed."""

    welcome_id: int
    claim: int  # Counts up: who claimed later owns it.
    corp_id: AccountId
    corp: str  # The platform's corp id; empty once the corp is gone.
    customer_token: bytes
    userid: str
    code_state: str
    secret: Secret
    happened_at: datetime
    received_at: datetime

    @property
    def grip(self) -> Grip:
        """What this claim holds, as the ledger's statements return it."""
        return self.welcome_id, self.claim


@dataclass(frozen=True, slots=True)
class Hand:
    """What is about to be called: committed before."""

    claimed: Claimed
    chosen: Chosen
    fallback: str  # Why the plain fallback goes out; empty if the welcome itself does.


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of a welcome."""

    claimed: Claimed
    state: WelcomeState
    reason: str = ""
    chosen: Chosen | None = None
    fallback: str = ""
    suspect_tag: str = ""  # The corp tag given in the same commit (WM-7).


class LedgerQueries:
    """Every statement of the sender on ``welcome``."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def claim(self, keyring: KeyRing, *, until: datetime, limit: int) -> tuple[Claimed, ...]:
        """Take up to ``limit`` welcomes that are due, the oldest first; others pass over them."""
        rows = await self._uow.execute(_CLAIM, self._params(until=until, limit=limit))
        claimed = (_claimed(row, keyring) for row in rows)
        return tuple(sorted(claimed, key=lambda one: (one.received_at, one.welcome_id)))

    async def hand(self, hands: Sequence[Hand]) -> frozenset[Grip]:
        """Mark welcomes as handed; return those that were still ours to hand."""
        if not hands:
            return frozenset()
        rows = await self._uow.execute(
            _HAND,
            self._params(
                ids=[hand.claimed.welcome_id for hand in hands],
                claims=[hand.claimed.claim for hand in hands],
                **_said([(hand.chosen, hand.fallback) for hand in hands]),
            ),
        )
        return frozenset((row.id, row.attempts) for row in rows)

    async def settle(self, settled: Sequence[Settlement]) -> frozenset[Grip]:
        """Write outcomes and forget the codes; return what was still open."""
        if not settled:
            return frozenset()
        rows = await self._uow.execute(
            _SETTLE,
            self._params(
                ids=[one.claimed.welcome_id for one in settled],
                claims=[one.claimed.claim for one in settled],
                states=[one.state.value for one in settled],
                reasons=[one.reason for one in settled],
                **_said([(one.chosen, one.fallback) for one in settled]),
            ),
        )
        return frozenset((row.id, row.attempts) for row in rows)

    async def give_up(self, keyring: KeyRing, *, before: datetime, limit: int) -> tuple[Claimed, ...]:
        """Return what was handed before ``before`` and never settled: its process is gone."""
        rows = await self._uow.execute(_LOST, self._params(before=before, limit=limit))
        return tuple(_claimed(row, keyring) for row in rows)

    def _params(self, **more: Any) -> dict[str, Any]:
        return {"tenant": self._uow.tenant_id, "now": self._uow.clock.now(), **more}


def _said(chosen: Sequence[tuple[Chosen | None, str]]) -> dict[str, list[Any]]:
    """Return the columns that say what speaks (WM-4), one list each."""
    return {
        "rules": [one and one.rule.rule_id for one, _ in chosen],
        "names": [one.rule.draft.name if one else "" for one, _ in chosen],
        "scopes": [one.rule.draft.scope.value if one else "" for one, _ in chosen],
        "slots": [one.slot.name if one else "" for one, _ in chosen],
        "kinds": [one.slot.kind.value if one else "" for one, _ in chosen],
        "variants": [one.variant.name if one else "" for one, _ in chosen],
        "fallbacks": [fallback for _, fallback in chosen],
    }


def _claimed(row: Any, keyring: KeyRing) -> Claimed:
    return Claimed(
        welcome_id=row.id,
        claim=row.attempts,
        corp_id=AccountId(row.corp_id),
        corp=row.app_id or "",
        customer_token=bytes(row.customer_token),
        userid=row.userid,
        code_state=row.code_state,
        secret=open_secret(keyring, bytes(row.sealed)),
        happened_at=row.happened_at,
        received_at=row.received_at,
    )


_COLUMNS: Final = """
w.id, w.attempts, w.corp_id, a.app_id, w.customer_token, w.userid, w.code_state, w.sealed, w.happened_at,
    w.received_at
"""
# A claim is short and fenced by its number: who comes late to hand finds it taken. So a process that was
# killed while it rendered costs seconds, and the code may still be good.
_CLAIM: Final = f"""
WITH due AS MATERIALIZED (
    SELECT id FROM welcome
    WHERE tenant_id = :tenant AND state IN ('received', 'rendering') AND due_at <= :now
    ORDER BY due_at, id LIMIT :limit FOR UPDATE SKIP LOCKED
)
UPDATE welcome w SET state = 'rendering', attempts = w.attempts + 1, due_at = :until
FROM due, welcome v
LEFT JOIN official_account a ON a.tenant_id = :tenant AND a.id = v.corp_id
WHERE w.tenant_id = :tenant AND w.id = due.id AND v.tenant_id = :tenant AND v.id = due.id
RETURNING {_COLUMNS}
"""  # noqa: S608
_SAID: Final = """
    rule_id = n.rule_id, rule_name = n.rule_name, scope = n.scope, slot = n.slot, slot_kind = n.slot_kind,
    variant = n.variant, fallback = n.fallback
"""
_NEWS: Final = """
    CAST(:rules AS bigint[]), CAST(:names AS text[]), CAST(:scopes AS text[]), CAST(:slots AS text[]),
    CAST(:kinds AS text[]), CAST(:variants AS text[]), CAST(:fallbacks AS text[])
"""
_NAMES: Final = "rule_id, rule_name, scope, slot, slot_kind, variant, fallback"
_HAND: Final = f"""
UPDATE welcome w SET state = 'handed', handed_at = :now, due_at = :now, {_SAID}
FROM unnest(CAST(:ids AS bigint[]), CAST(:claims AS int[]), {_NEWS}) AS n (id, claim, {_NAMES})
WHERE w.tenant_id = :tenant AND w.id = n.id AND w.attempts = n.claim AND w.state = 'rendering'
RETURNING w.id, w.attempts
"""  # noqa: S608
_SETTLE: Final = f"""
UPDATE welcome w SET state = n.state, reason = n.reason, settled_at = :now, sealed = NULL, {_SAID}
FROM unnest(CAST(:ids AS bigint[]), CAST(:claims AS int[]), CAST(:states AS text[]), CAST(:reasons AS text[]),
    {_NEWS}) AS n (id, claim, state, reason, {_NAMES})
WHERE w.tenant_id = :tenant AND w.id = n.id AND w.attempts = n.claim AND w.state IN ('rendering', 'handed')
RETURNING w.id, w.attempts
"""  # noqa: S608
_LOST: Final = f"""
WITH lost AS MATERIALIZED (
    SELECT id FROM welcome WHERE tenant_id = :tenant AND state = 'handed' AND handed_at < :before
    ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED
)
UPDATE welcome w SET state = 'unknown', reason = 'process_ended', settled_at = :now, sealed = NULL
FROM lost, welcome v
LEFT JOIN official_account a ON a.tenant_id = :tenant AND a.id = v.corp_id
WHERE w.tenant_id = :tenant AND w.id = lost.id AND v.tenant_id = :tenant AND v.id = lost.id
RETURNING {_COLUMNS.replace("w.sealed", "v.sealed")}
"""  # noqa: S608
