"""The governor at work: fetch what the rules ask, decide for the whole batch, reserve what is granted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.messaging import caps, rules
from quanyu.modules.messaging.capabilities import capability_of
from quanyu.modules.messaging.contracts import (
    MessageClass,
    MessageKind,
    MessagePolicy,
    RefusalReason,
    TemplateRecord,
)
from quanyu.modules.messaging.credits import Credits
from quanyu.modules.messaging.ports import (
    BrandZones,
    ConsentAsk,
    ConsentBook,
    ConsentRefusal,
    MessageRef,
    PersonVariables,
    SendGuard,
)
from quanyu.modules.messaging.purposes import purpose_of
from quanyu.modules.messaging.queries import counters, credits, ledgers, settings
from quanyu.modules.messaging.queries.counters import Counter
from quanyu.modules.messaging.queries.credits import CreditKey, TakenCredit
from quanyu.modules.messaging.queries.ledgers import Connection, TakenWindow, WindowKey
from quanyu.modules.messaging.zones import Zones, load_zones

QUIET: Final = "quiet_hours"  # Why a message is held at night.
_SOON: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message to decide about."""

    id: int
    origin_key: str
    person_id: PersonId
    account_id: int
    kind: MessageKind
    message_class: MessageClass
    purpose: str  # Empty: that of its class.
    journey_id: int | None
    expires_at: datetime
    template_id: str | None
    template_fields: frozenset[str]  # The fields it fills; empty for text.
    recipient: bytes | None  # None: no address the account reaches.
    is_subscribed: bool
    unrenderable: RefusalReason | None
    digest: bytes
    campaign: str  # Empty: none.


@dataclass(frozen=True, slots=True)
class Refused:
    """Not to be sent."""

    reason: RefusalReason
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """To be decided again at ``until``; ``why`` names what stood in the way."""

    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Reserved:
    """To be sent; what was taken for it (``holds`` of the person's counters)."""

    holds: tuple[str, ...]
    window: TakenWindow | None
    credit: TakenCredit | None = None


Decision = Refused | Held | Reserved


@dataclass(frozen=True, slots=True)
class _Known:
    """What was fetched for a batch."""

    policy: MessagePolicy
    zones: Zones
    unwanted: Mapping[ConsentAsk, ConsentRefusal]
    templates: Mapping[tuple[int, str], TemplateRecord]
    windows: Mapping[WindowKey, rules.Windows]
    credits: Mapping[CreditKey, Credits]
    stops: Mapping[int, RefusalReason]


class Governor:
    """Decides which messages may go out."""

    def __init__(
        self,
        zones: BrandZones,
        consent: ConsentBook,
        variables: PersonVariables,
        guards: Sequence[SendGuard] = (),
    ) -> None:
        self._zones = zones
        self._consent = consent
        self._variables = variables
        self._guards = list(guards)

    def add_guard(self, guard: SendGuard) -> None:
        """Let ``guard`` stop messages from now on; wiring calls this."""
        self._guards.append(guard)

    async def zone(self, uow: UnitOfWork) -> ZoneInfo:
        """Return the brand's time zone."""
        return ZoneInfo(await self._zones.zone_of(uow))

    async def zones(self, uow: UnitOfWork, policy: MessagePolicy, people: Sequence[PersonId]) -> Zones:
        """Return the time zones by which the rules are read for ``people``."""
        return await load_zones(uow, self._zones, self._variables, policy, people)

    async def stops(self, uow: UnitOfWork, messages: Sequence[MessageRef]) -> Mapping[int, RefusalReason]:
        """Ask every guard which messages must not go out any more."""
        stopped: dict[int, RefusalReason] = {}
        for guard in self._guards:
            stopped.update(await guard.refusals(uow, messages))
        return stopped

    async def unwanted(
        self, uow: UnitOfWork, asks: Sequence[ConsentAsk]
    ) -> Mapping[ConsentAsk, ConsentRefusal]:
        """Ask the ledger of consent which messages people do not want, or did not agree to."""
        return await self._consent.refusals(uow, asks)

    async def decide(self, uow: UnitOfWork, drafts: Sequence[Draft]) -> list[Decision]:
        """Decide about each draft, in order, and take what the reserved ones need.

        Two workers deciding at once never grant more than a cap, a budget or the duplicate rule allows.
        """
        connection = await uow.raw()
        known = await self._fetch(uow, connection, drafts)
        now = uow.clock.now()
        judge = rules.Judge(known.policy, now)
        verdicts = [judge.judge(_candidate(d, known), known.zones.of(d.person_id)) for d in drafts]
        reserved = await _reserve(uow, drafts, verdicts, known, now)
        return [
            _without_reserving(verdict, drafts[index], known) or reserved[index]
            for index, verdict in enumerate(verdicts)
        ]

    async def foresee(self, uow: UnitOfWork, drafts: Sequence[Draft]) -> list[Decision]:
        """Say what would be decided about each draft alone; nothing is taken."""
        connection = await uow.raw()
        known = await self._fetch(uow, connection, drafts)
        now = uow.clock.now()
        judge = rules.Judge(known.policy, now)
        verdicts = [judge.judge(_candidate(d, known), known.zones.of(d.person_id)) for d in drafts]
        claims = [claim for one in verdicts if isinstance(one, rules.Reserve) for claim in one.claims]
        found = await counters.peek(
            connection, uow.tenant_id, {(claim.person_id, claim.name) for claim in claims}
        )
        foreseen: list[Decision] = []
        for draft, verdict in zip(drafts, verdicts, strict=True):
            decision: Decision | None = _without_reserving(verdict, draft, known)
            if isinstance(verdict, rules.Reserve):
                misses = [claim for claim in verdict.claims if not _has_room(claim, found)]
                decision = _capped(draft, misses, found, known, now) if misses else Reserved((), None)
            assert decision is not None, "a message is refused, held or reserved"
            foreseen.append(decision)
        return foreseen

    async def _fetch(self, uow: UnitOfWork, connection: Connection, drafts: Sequence[Draft]) -> _Known:
        tenant_id = uow.tenant_id
        keys = {
            (draft.account_id, draft.recipient)
            for draft in drafts
            if draft.recipient is not None and rules.needs_window(draft.kind)
        }
        refs = [MessageRef(d.id, d.origin_key, d.person_id, d.journey_id, d.message_class) for d in drafts]
        template_ids = sorted({draft.template_id for draft in drafts if draft.template_id})
        policy = await settings.load_policy(connection, tenant_id)
        return _Known(
            policy=policy,
            zones=await self.zones(uow, policy, [draft.person_id for draft in drafts]),
            unwanted=await self.unwanted(uow, [_ask(draft) for draft in drafts]),
            templates=await settings.find_templates(connection, tenant_id, template_ids),
            windows=await ledgers.peek_windows(connection, tenant_id, list(keys), now=uow.clock.now()),
            credits=await credits.peek_credits(
                connection, tenant_id, list({key for draft in drafts if (key := _credit_key(draft))})
            ),
            stops=await self.stops(uow, refs) if self._guards else {},
        )


def _credit_key(draft: Draft) -> CreditKey | None:
    """Return whose credit a message takes, if its kind takes one."""
    if draft.recipient is None or draft.template_id is None or not rules.needs_credit(draft.kind):
        return None
    return (draft.account_id, draft.recipient, draft.template_id)


def _candidate(draft: Draft, known: _Known) -> rules.Candidate:
    template = known.templates.get((draft.account_id, draft.template_id or ""))
    windows = None
    if draft.recipient is not None and rules.needs_window(draft.kind):
        windows = known.windows.get((draft.account_id, draft.recipient), rules.Windows.CLOSED)
    credit_key = _credit_key(draft)
    unwanted = known.unwanted.get(_ask(draft))
    unrenderable = draft.unrenderable
    if unrenderable is None and template is not None and set(template.fields) - draft.template_fields:
        unrenderable = RefusalReason.TEMPLATE_MISSING_VALUES
    return rules.Candidate(
        origin_key=draft.origin_key,
        person_id=draft.person_id,
        kind=draft.kind,
        message_class=draft.message_class,
        expires_at=draft.expires_at,
        has_address=draft.recipient is not None,
        is_subscribed=draft.is_subscribed,
        unwanted=unwanted.reason if unwanted is not None else None,
        template_withdrawn=template is not None and template.withdrawn_at is not None,
        unrenderable=unrenderable,
        stopped=known.stops.get(draft.id),
        windows=windows,
        digest=draft.digest,
        credits=known.credits.get(credit_key, Credits.MISSING) if credit_key else None,
        purpose=draft.purpose,
        campaign=draft.campaign,
    )


def _ask(draft: Draft) -> ConsentAsk:
    purpose = purpose_of(draft.message_class, draft.purpose)
    return ConsentAsk(draft.person_id, purpose, capability_of(draft.kind).channel)


def _without_reserving(verdict: rules.Verdict, draft: Draft, known: _Known) -> Refused | Held | None:
    match verdict:
        case rules.Refuse(reason):
            unwanted = known.unwanted.get(_ask(draft))
            is_consent = unwanted is not None and unwanted.reason is reason
            return Refused(reason, unwanted.about if unwanted is not None and is_consent else None)
        case rules.Hold(until):
            return Held(until, QUIET)
        case rules.Reserve():
            return None


async def _reserve(
    uow: UnitOfWork,
    drafts: Sequence[Draft],
    verdicts: Sequence[rules.Verdict],
    known: _Known,
    now: datetime,
) -> Mapping[int, Decision]:
    """Take counters and windows; each round holds one message per person, so no key occurs twice in it.

    Of one person's messages the most urgent takes first.
    """
    wanted = {index: verdict for index, verdict in enumerate(verdicts) if isinstance(verdict, rules.Reserve)}
    turns = {
        index: rules.turn_of(drafts[index].message_class, known.policy.priority_of(drafts[index].campaign))
        for index in wanted
    }
    rounds: list[dict[int, rules.Reserve]] = []
    seen: dict[PersonId, int] = {}
    for index in sorted(wanted, key=lambda index: (turns[index], index)):
        number = seen.get(drafts[index].person_id, 0)
        seen[drafts[index].person_id] = number + 1
        if number == len(rounds):
            rounds.append({})
        rounds[number][index] = wanted[index]
    settled: dict[int, Decision] = {}
    for each in rounds:
        settled |= await _Round(uow, drafts, each, known, now).settle()
    return settled


class _Round:
    """Takes what some messages need: counters first, then windows, then credits.

    All at one instant: by it a message remembers the unit it took, and gives back that one and no other.
    """

    def __init__(
        self,
        uow: UnitOfWork,
        drafts: Sequence[Draft],
        wanted: Mapping[int, rules.Reserve],
        known: _Known,
        now: datetime,
    ) -> None:
        self._uow = uow
        self._drafts = drafts
        self._wanted = wanted
        self._known = known
        self._now = now
        self._settled: dict[int, Decision] = {}
        self._refunds: list[tuple[PersonId, str]] = []

    async def settle(self) -> Mapping[int, Decision]:
        """Decide about each message; what is not used is given back."""
        connection = await self._uow.raw()
        await self._take_counters(connection)
        await self._take_windows(connection)
        await self._take_credits(connection)
        await counters.refund(connection, self._uow.tenant_id, self._refunds)
        return self._settled

    async def _take_counters(self, connection: Connection) -> None:
        claims = [claim for reserve in self._wanted.values() for claim in reserve.claims]
        taken = await counters.take(connection, self._uow.tenant_id, claims, now=self._now)
        missed = [claim for claim in claims if (claim.person_id, claim.name) not in taken]
        found = await counters.peek(
            connection, self._uow.tenant_id, [(claim.person_id, claim.name) for claim in missed]
        )
        for index, reserve in self._wanted.items():
            misses = [claim for claim in reserve.claims if (claim.person_id, claim.name) not in taken]
            if misses:
                self._settled[index] = _capped(self._drafts[index], misses, found, self._known, self._now)
                got = [claim for claim in reserve.claims if (claim.person_id, claim.name) in taken]
                self._refunds += [(claim.person_id, counters.hold_of(claim, self._now)) for claim in got]
            else:
                self._settled[index] = Reserved(self._holds(index), None)

    async def _take_windows(self, connection: Connection) -> None:
        keys = {
            index: (self._drafts[index].account_id, recipient)
            for index in self._open()
            if self._wanted[index].needs_window and (recipient := self._drafts[index].recipient) is not None
        }
        taken = await ledgers.take_windows(
            connection, self._uow.tenant_id, list(keys.values()), now=self._now
        )
        for index, key in keys.items():
            if key in taken:
                self._settled[index] = Reserved(self._holds(index), taken[key])
            else:  # Another worker took the last one since we looked.
                self._refuse(index, RefusalReason.WINDOW_BUDGET_SPENT)

    async def _take_credits(self, connection: Connection) -> None:
        keys = {
            index: key
            for index in self._open()
            if self._wanted[index].needs_credit and (key := _credit_key(self._drafts[index])) is not None
        }
        taken = await credits.take_credits(connection, self._uow.tenant_id, list(keys.values()))
        for index, key in keys.items():
            if key in taken:
                self._settled[index] = Reserved(self._holds(index), None, taken[key])
            else:
                self._refuse(index, RefusalReason.CREDIT_SPENT)

    def _open(self) -> list[int]:
        return [index for index, decision in self._settled.items() if isinstance(decision, Reserved)]

    def _holds(self, index: int) -> tuple[str, ...]:
        return tuple(counters.hold_of(claim, self._now) for claim in self._wanted[index].claims)

    def _refuse(self, index: int, reason: RefusalReason) -> None:
        self._refunds += [(self._drafts[index].person_id, hold) for hold in self._holds(index)]
        self._settled[index] = Refused(reason)


def _has_room(claim: rules.CounterClaim, found: Mapping[counters.CounterKey, Counter]) -> bool:
    counter = found.get((claim.person_id, claim.name))
    if counter is None:
        return True
    counting = sum(at > claim.since for at in counter.taken)
    return counting < (claim.limit if counter.holder == claim.holder else 1)


def _capped(
    draft: Draft,
    misses: Sequence[rules.CounterClaim],
    found: Mapping[counters.CounterKey, Counter],
    known: _Known,
    now: datetime,
) -> Refused | Held:
    """Say what becomes of a message some counters have no room for: it waits if all of them let it."""
    for claim in misses:
        if not claim.waits:
            return Refused(claim.refusal, _about(claim, found.get((claim.person_id, claim.name))))
    zone = known.zones.of(draft.person_id)
    until, last = max(
        ((_room_again(claim, found, zone, now), claim) for claim in misses), key=lambda one: one[0]
    )
    if until >= draft.expires_at:
        return Refused(last.refusal, _about(last, None))
    return Held(until, last.name)


def _about(claim: rules.CounterClaim, counter: Counter | None) -> str | None:
    """Say which rule it was: a cap with its figures, or the campaign that got there first."""
    if claim.rule is not None:
        return f"{claim.rule.key}: {claim.limit}/{claim.rule.every} {claim.rule.unit}"
    return counter.holder if counter is not None and claim.holder is not None else None


def _room_again(
    claim: rules.CounterClaim,
    found: Mapping[counters.CounterKey, Counter],
    zone: ZoneInfo,
    now: datetime,
) -> datetime:
    assert claim.rule is not None, "only caps let messages wait"
    counter = found.get((claim.person_id, claim.name))
    taken = counter.taken if counter is not None else ()
    # Never now: what was in the way may have been given back since; the next look decides.
    return max(caps.room_again(claim.rule, zone, taken, limit=claim.limit, now=now), now + _SOON)


async def give_back(
    uow: UnitOfWork,
    *,
    holds: Sequence[tuple[PersonId, str]],
    windows: Sequence[TakenWindow | None],
    from_credits: Sequence[TakenCredit | None] = (),
) -> None:
    """Refund what was taken for messages that did not go out; ``holds`` with whose they are."""
    connection = await uow.raw()
    await counters.refund(connection, uow.tenant_id, holds)
    taken = [window for window in windows if window is not None]
    await ledgers.refund_windows(connection, uow.tenant_id, taken)
    refunded = [credit for credit in from_credits if credit is not None]
    await credits.refund_credits(connection, uow.tenant_id, refunded)
