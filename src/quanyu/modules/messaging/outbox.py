"""The outbox: the transactions on both sides of a call to the platform.

Before the call, that it is about to be made is committed. After it, what came of it. Whatever lies between
when a process dies is unknown, and treated as such.
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import TenantId
from quanyu.modules.messaging import outcomes, rules
from quanyu.modules.messaging.capabilities import capability_of
from quanyu.modules.messaging.contracts import (
    MessageClass,
    MessagePolicy,
    MessageState,
    QuietMode,
    RefusalReason,
    UnknownReason,
)
from quanyu.modules.messaging.facts import FactName, tell
from quanyu.modules.messaging.fairness import Queue
from quanyu.modules.messaging.governor import QUIET, Draft, Governor, Refused, Reserved, give_back
from quanyu.modules.messaging.outcomes import Accepted, Outcome, Rejected, Retry, Unknown, WindowEffect
from quanyu.modules.messaging.planning import settle, trace_of
from quanyu.modules.messaging.ports import ConsentAsk, ConsentRefusal, MessageRef, Recipients
from quanyu.modules.messaging.purposes import purpose_of
from quanyu.modules.messaging.queries import credits, intents, ledgers, sending, settings
from quanyu.modules.messaging.queries.intents import DecisionRow, HeldIntent
from quanyu.modules.messaging.queries.sending import ClaimedIntent, OutcomeRow
from quanyu.modules.messaging.quiet_hours import quiet_at, release_at
from quanyu.modules.messaging.receipts import apply_receipts
from quanyu.modules.messaging.sealing import Letter, Sealer
from quanyu.modules.messaging.traces import write_trace

WINDOW_ENDED: Final = "window_ended"  # Why a message is decided anew at once.
_POLICY_KEPT_S: Final = 1.0
_RELEASE_MAX: Final = 2_000
_RECOVER_MAX: Final = 1_000
_PURGE_MAX: Final = 5_000
_KEEP_RECEIPTS: Final = timedelta(days=3)
_PURGE_AFTER: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Handed:
    """A message in our hands: committed as handed over, the call to be made now."""

    intent: ClaimedIntent
    attempt: int
    worker_id: int
    handed_at: datetime
    first_handed_at: datetime


@dataclass(frozen=True, slots=True)
class Finished:
    """A call that came to something."""

    handed: Handed
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Claimed:
    """What one claim came to: the messages in our hands, and how many of each queue were looked at."""

    handed: list[Handed]
    taken: Mapping[Queue, int]


@dataclass(frozen=True, slots=True)
class _Closed:
    """A message that ends without being sent."""

    intent: ClaimedIntent
    state: MessageState
    reason: str
    detail: str | None = None


class Outbox:
    """Claims, records, releases and recovers; every method is one step inside the caller's transaction."""

    def __init__(
        self, governor: Governor, recipients: Recipients, sealer: Sealer, *, retry_max: int = 20
    ) -> None:
        self._governor = governor
        self._recipients = recipients
        self._sealer = sealer
        self._retry_max = retry_max
        self._policies: dict[TenantId, tuple[float, MessagePolicy]] = {}

    def letter(self, tenant_id: TenantId, intent: ClaimedIntent) -> Letter:
        """Open what is to be sent."""
        return self._sealer.open(tenant_id, intent.id, intent.sealed)

    # --- before the call ----------------------------------------------------------------------------------

    async def claim(self, uow: UnitOfWork, limits: Mapping[Queue, int], *, worker_id: int) -> Claimed:
        """Take due messages, up to a limit per queue, and mark them handed over.

        What changed since they were reserved is asked again: expiry, opt-outs, windows, quiet hours, guards.
        """
        due = await sending.lock_due(await uow.raw(), uow.tenant_id, limits, now=uow.clock.now())
        if not due:
            return Claimed([], {})
        ready = await self._still_good(uow, due, await self._policy(uow))
        return Claimed(await _hand_over(uow, ready, worker_id=worker_id), Counter(one.queue for one in due))

    async def claim_repeats(
        self, uow: UnitOfWork, limits: Mapping[int, int], *, worker_id: int
    ) -> list[Handed]:
        """Take messages of unknown outcome whose repetition is due, up to a limit per account."""
        unsure = await sending.lock_repeats(await uow.raw(), uow.tenant_id, limits, now=uow.clock.now())
        ready = await self._repeatable(uow, unsure, await self._policy(uow)) if unsure else []
        return await _hand_over(uow, ready, worker_id=worker_id)

    async def _policy(self, uow: UnitOfWork) -> MessagePolicy:
        """Return the brand's rules, at most a second old: they are asked for with every batch."""
        known = self._policies.get(uow.tenant_id)
        if known is not None and time.monotonic() - known[0] < _POLICY_KEPT_S:
            return known[1]
        policy = await settings.load_policy(await uow.raw(), uow.tenant_id)
        self._policies[uow.tenant_id] = (time.monotonic(), policy)
        return policy

    async def _repeatable(
        self, uow: UnitOfWork, repeats: Sequence[ClaimedIntent], policy: MessagePolicy
    ) -> list[ClaimedIntent]:
        """Return those of unknown outcome that may still be repeated; leave the others as they are.

        Who left the journey or withdrew meanwhile is not written to again: what is unknown stays so.
        """
        if not repeats:
            return []
        now = uow.clock.now()
        stops = await self._stops(uow, repeats)
        unwanted = await self._governor.unwanted(uow, [_ask(intent) for intent in repeats])
        ready: list[ClaimedIntent] = []
        left: dict[int, ClaimedIntent] = {}
        for intent in repeats:
            after = _after_unknown(intent, intent.attempts, intent.first_handed_at or now, policy, now)
            is_over = intent.is_dropped or intent.id in stops or _ask(intent) in unwanted
            if is_over or after is rules.AfterUnknown.LEAVE:
                left[intent.id] = intent
            else:
                ready.append(intent)
        reasons = await sending.stop_repeating(await uow.raw(), uow.tenant_id, list(left), now=now)
        for identifier, reason in reasons.items():
            tell(uow, FactName.UNKNOWN, left[identifier], at=now, reason=reason)
        return ready

    async def _stops(self, uow: UnitOfWork, intents: Sequence[ClaimedIntent]) -> Mapping[int, RefusalReason]:
        refs = [
            MessageRef(one.id, one.origin_key, one.person_id, one.journey_id, one.message_class)
            for one in intents
        ]
        return await self._governor.stops(uow, refs)

    async def _still_good(
        self, uow: UnitOfWork, due: Sequence[ClaimedIntent], policy: MessagePolicy
    ) -> list[ClaimedIntent]:
        """Return those that may go now; refuse, reject or hold the others and give back what they took.

        A message whose window ended while it waited is held for a new decision.
        """
        stops = await self._stops(uow, due)
        unwanted = await self._governor.unwanted(uow, [_ask(intent) for intent in due])
        zones = await self._governor.zones(uow, policy, [intent.person_id for intent in due])
        now = uow.clock.now()
        ready: list[ClaimedIntent] = []
        closed: list[_Closed] = []
        held: list[tuple[ClaimedIntent, datetime, str]] = []
        for intent in due:
            fate = _fate(intent, now, stops.get(intent.id), unwanted.get(_ask(intent)))
            if fate is not None:
                closed.append(fate)
            elif not intent.is_window_alive:
                # Another window may be open: decided anew, with all it takes.
                held.append((intent, now, WINDOW_ENDED))
            elif (night := _quiet(intent, policy, zones.of(intent.person_id), now)) is None:
                ready.append(intent)
            elif isinstance(night, _Closed):
                closed.append(night)
            else:
                held.append((intent, night, QUIET))
        await self._put_aside(uow, closed, held)
        return ready

    async def _put_aside(
        self,
        uow: UnitOfWork,
        closed: Sequence["_Closed"],
        held: Sequence[tuple[ClaimedIntent, datetime, str]],
    ) -> None:
        connection = await uow.raw()
        now = uow.clock.now()
        back = [one.intent for one in closed] + [intent for intent, _, _ in held]
        await give_back(
            uow,
            holds=[(i.person_id, hold) for i in back for hold in i.holds],
            windows=[intent.window for intent in back],
            from_credits=[intent.credit for intent in back],
        )
        await sending.close_unsent(
            connection,
            uow.tenant_id,
            [(one.intent.id, str(one.state), one.reason, one.detail) for one in closed],
            now=now,
        )
        again = [(intent.id, until, why) for intent, until, why in held]
        await sending.hold_again(connection, uow.tenant_id, again, now=now)
        for one in closed:
            name = FactName.REFUSED if one.state is MessageState.REFUSED else FactName.REJECTED
            tell(uow, name, one.intent, at=now, reason=one.reason)

    # --- after the call -----------------------------------------------------------------------------------

    async def record(self, uow: UnitOfWork, finished: Sequence[Finished]) -> None:
        """Write what calls came to, give back what they did not use, and state it in the log."""
        if not finished:
            return
        connection = await uow.raw()
        now = uow.clock.now()
        policy = MessagePolicy()
        if any(isinstance(item.outcome, Unknown) for item in finished):
            policy = await self._policy(uow)
        final = [Finished(item.handed, self._final(item, now)) for item in finished]
        rows = [_outcome_row(item, policy, now) for item in final]
        applied = await sending.write_outcomes(connection, uow.tenant_id, rows, now=now)
        for item, row in zip(final, rows, strict=True):
            if row.id in applied and row.wake_at is None:
                tell(uow, _FACT_OF[row.state], item.handed.intent, at=now, reason=row.reason)
        await self._settle_rejected(uow, [item for item in final if item.handed.intent.id in applied])

    def _final(self, item: Finished, now: datetime) -> Outcome:
        """End retrying when a message has been tried too often or would be too late."""
        outcome = item.outcome
        if not isinstance(outcome, Retry):
            return outcome
        too_late = now + outcome.wait >= item.handed.intent.expires_at
        if not too_late and item.handed.attempt < self._retry_max:
            return outcome
        if item.handed.intent.was_unknown:
            return Unknown(UnknownReason.NO_ANSWER)  # An earlier attempt may have gone out all the same.
        return outcomes.given_up(outcome.code)

    async def _settle_rejected(self, uow: UnitOfWork, finished: Sequence[Finished]) -> None:
        connection = await uow.raw()
        rejected = [(item.handed, item.outcome) for item in finished if isinstance(item.outcome, Rejected)]
        refunded = [handed.intent for handed, outcome in rejected if outcome.window is WindowEffect.REFUND]
        await give_back(
            uow,
            holds=[(h.intent.person_id, hold) for h, _ in rejected for hold in h.intent.holds],
            windows=[intent.window for intent in refunded],
            from_credits=[
                handed.intent.credit for handed, outcome in rejected if outcome.code != outcomes.NOT_ACCEPTED
            ],
        )
        for effect, settle_windows in (
            (WindowEffect.SPENT, ledgers.spend_windows),
            (WindowEffect.CLOSED, ledgers.close_windows),
        ):
            keys = [
                (handed.intent.account_id, handed.intent.recipient, handed.handed_at)
                for handed, outcome in rejected
                if outcome.window is effect
            ]
            await settle_windows(connection, uow.tenant_id, keys)
        not_accepted = [
            (handed.intent.credit, handed.handed_at)
            for handed, outcome in rejected
            if outcome.code == outcomes.NOT_ACCEPTED and handed.intent.credit is not None
        ]
        await credits.empty_credits(connection, uow.tenant_id, not_accepted)

    # --- from time to time --------------------------------------------------------------------------------

    async def release_held(self, uow: UnitOfWork) -> int:
        """Decide again about messages whose quiet time or window ended; return how many there were."""
        connection = await uow.raw()
        now = uow.clock.now()
        held = await intents.lock_due_held(connection, uow.tenant_id, now=now, rows_max=_RELEASE_MAX)
        if not held:
            return 0
        drafts = await self._drafts(uow, held)
        decisions = await self._governor.decide(uow, drafts)
        rows = []
        for intent, decision in zip(held, decisions, strict=True):
            state, reason, wake_at = settle(decision, now)
            window = decision.window if isinstance(decision, Reserved) else None
            holds = decision.holds if isinstance(decision, Reserved) else ()
            detail = decision.detail if isinstance(decision, Refused) else None
            credit = decision.credit if isinstance(decision, Reserved) else None
            told = write_trace(trace_of(decision, now))
            rows.append(
                DecisionRow(intent.id, str(state), reason, wake_at, window, holds, detail, credit, told)
            )
            if state is MessageState.REFUSED:
                tell(uow, FactName.REFUSED, intent, at=now, reason=reason)
        await intents.write_decisions(connection, uow.tenant_id, rows, now=now)
        return len(held)

    async def _drafts(self, uow: UnitOfWork, held: Sequence[HeldIntent]) -> list[Draft]:
        subscribed: dict[tuple[int, int], bool] = {}
        for account_id in sorted({intent.account_id for intent in held}):
            persons = sorted({intent.person_id for intent in held if intent.account_id == account_id})
            found = await self._recipients.resolve(uow, account_id, persons)
            subscribed |= {(account_id, person): one.subscribed for person, one in found.items()}
        return [
            Draft(
                id=intent.id,
                origin_key=intent.origin_key,
                person_id=intent.person_id,
                account_id=intent.account_id,
                kind=intent.kind,
                message_class=intent.message_class,
                purpose=intent.purpose,
                journey_id=intent.journey_id,
                expires_at=intent.expires_at,
                template_id=intent.template_id,
                template_fields=frozenset(self._fields(uow, intent)),
                recipient=intent.recipient,
                is_subscribed=subscribed.get((intent.account_id, intent.person_id), False),
                unrenderable=None,
                digest=intent.body_hash,
                campaign=intent.campaign,
            )
            for intent in held
        ]

    def _fields(self, uow: UnitOfWork, intent: HeldIntent) -> Sequence[str]:
        if intent.template_id is None:
            return ()
        return tuple(self._sealer.open(uow.tenant_id, intent.id, intent.sealed).payload.get("data", ()))

    async def recover(self, uow: UnitOfWork, *, worker_id: int) -> int:
        """Settle messages left in hand by workers that ended: their outcome is unknown. Returns how many."""
        connection = await uow.raw()
        recovered = 0
        for other in await sending.handing_workers(connection, uow.tenant_id, besides=worker_id):
            if not await sending.is_worker_gone(connection, other):
                continue
            left = await sending.lock_handed_by(
                connection, uow.tenant_id, other, rows_max=_RECOVER_MAX, now=uow.clock.now()
            )
            await self.record(uow, [_interrupted(intent, other, uow.clock.now()) for intent in left])
            recovered += len(left)
        return recovered

    async def housekeep(self, uow: UnitOfWork) -> None:
        """Apply receipts that came before the answer was written down; forget what has ended."""
        connection = await uow.raw()
        now = uow.clock.now()
        early = await sending.take_matched_receipts(connection, uow.tenant_id, rows_max=_RELEASE_MAX)
        await apply_receipts(uow, early)
        await sending.forget_receipts(connection, uow.tenant_id, before=now - _KEEP_RECEIPTS)
        await ledgers.purge(connection, uow.tenant_id, before=now - _PURGE_AFTER, rows_max=_PURGE_MAX)


_FACT_OF: Final[dict[str, FactName]] = {
    MessageState.ACCEPTED: FactName.ACCEPTED,
    MessageState.REJECTED: FactName.REJECTED,
    MessageState.UNKNOWN: FactName.UNKNOWN,
}


def _fate(
    intent: ClaimedIntent, now: datetime, stopped: RefusalReason | None, unwanted: ConsentRefusal | None
) -> _Closed | None:
    """Return how a due message ends without being sent, or ``None`` if it may go."""
    if intent.expires_at <= now:
        if intent.attempts:
            return _Closed(intent, MessageState.REJECTED, str(outcomes.given_up(intent.code).reason))
        return _Closed(intent, MessageState.REFUSED, str(RefusalReason.EXPIRED))
    if intent.is_dropped:
        return _Closed(intent, MessageState.REFUSED, str(RefusalReason.DROPPED))
    if stopped is not None:
        return _Closed(intent, MessageState.REFUSED, str(stopped))
    if unwanted is not None:
        return _Closed(intent, MessageState.REFUSED, str(unwanted.reason), unwanted.about)
    return None


def _quiet(
    intent: ClaimedIntent, policy: MessagePolicy, zone: ZoneInfo, now: datetime
) -> datetime | _Closed | None:
    """Return until when a message waits for quiet hours to end, that it ends here, or ``None``: it may go."""
    if intent.message_class is MessageClass.TRANSACTIONAL or (quiet := quiet_at(policy, zone, now)) is None:
        return None
    until = release_at(policy, zone, quiet, key=intent.origin_key)
    if quiet.mode is QuietMode.DROP or until >= intent.expires_at:
        return _Closed(intent, MessageState.REFUSED, str(RefusalReason.QUIET_HOURS))
    return until


def _ask(intent: ClaimedIntent) -> ConsentAsk:
    purpose = purpose_of(intent.message_class, intent.purpose)
    return ConsentAsk(intent.person_id, purpose, capability_of(intent.kind).channel)


async def _hand_over(uow: UnitOfWork, ready: Sequence[ClaimedIntent], *, worker_id: int) -> list[Handed]:
    if not ready:
        return []
    now = uow.clock.now()
    await sending.mark_handed(
        await uow.raw(), uow.tenant_id, [intent.id for intent in ready], worker_id=worker_id, now=now
    )
    return [
        Handed(intent, intent.attempts + 1, worker_id, now, intent.first_handed_at or now) for intent in ready
    ]


def _interrupted(intent: ClaimedIntent, worker_id: int, now: datetime) -> Finished:
    handed_at = intent.handed_at or now
    handed = Handed(intent, intent.attempts, worker_id, handed_at, intent.first_handed_at or handed_at)
    return Finished(handed, Unknown(UnknownReason.INTERRUPTED))


def _after_unknown(
    intent: ClaimedIntent, attempts: int, first_handed_at: datetime, policy: MessagePolicy, now: datetime
) -> rules.AfterUnknown:
    return rules.after_unknown(
        kind=intent.kind,
        message_class=intent.message_class,
        first_handed_at=first_handed_at,
        attempts=attempts,
        expires_at=intent.expires_at,
        repeat_max=policy.repeat_max,
        now=now,
    )


def _outcome_row(item: Finished, policy: MessagePolicy, now: datetime) -> OutcomeRow:
    handed = item.handed
    reason: str | None = None
    code: int | None = None
    detail: str | None = None
    msgid: str | None = None
    wake_at: datetime | None = None
    match item.outcome:
        case Accepted(answered):
            state, label, msgid = MessageState.ACCEPTED, "accepted", answered or None
        case Rejected():
            state, label = MessageState.REJECTED, "rejected"
            reason, code, detail = str(item.outcome.reason), item.outcome.code, item.outcome.detail
        case Retry():
            state, label = MessageState.RESERVED, "retry"
            code, wake_at = item.outcome.code, now + item.outcome.wait
            if handed.intent.was_unknown:
                state, reason = MessageState.UNKNOWN, str(UnknownReason.NO_ANSWER)
        case Unknown():
            state, label, reason = MessageState.UNKNOWN, "unknown", str(item.outcome.reason)
            after = _after_unknown(handed.intent, handed.attempt, handed.first_handed_at, policy, now)
            if after is not rules.AfterUnknown.LEAVE:
                wake_at = now + outcomes.back_off(handed.attempt)
    return OutcomeRow(
        id=handed.intent.id,
        attempt=handed.attempt,
        worker_id=handed.worker_id,
        handed_at=handed.handed_at,
        state=str(state),
        outcome=label,
        reason=reason,
        code=code,
        detail=detail,
        msgid=msgid,
        wake_at=wake_at,
    )
