"""The governor at work: fetch what the rules ask, decide for the whole batch, reserve what is granted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.messaging import rules
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
    SendGuard,
)
from quanyu.modules.messaging.purposes import purpose_of
from quanyu.modules.messaging.queries import credits, ledgers, settings
from quanyu.modules.messaging.queries.credits import CreditKey, TakenCredit
from quanyu.modules.messaging.queries.ledgers import Connection, TakenWindow, WindowKey


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
    recipient: bytes | None  # None: no openid in the account.
    is_subscribed: bool
    unrenderable: RefusalReason | None
    digest: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """Not to be sent."""

    reason: RefusalReason
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """To be decided again at ``until``."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Reserved:
    """To be sent; what was taken for it."""

    holds: tuple[str, ...]
    window: TakenWindow | None
    credit: TakenCredit | None = None


Decision = Refused | Held | Reserved


@dataclass(frozen=True, slots=True)
class _Known:
    """What was fetched for a batch."""

    policy: MessagePolicy
    zone: ZoneInfo
    unwanted: Mapping[ConsentAsk, ConsentRefusal]
    templates: Mapping[tuple[int, str], TemplateRecord]
    windows: Mapping[WindowKey, rules.Windows]
    credits: Mapping[CreditKey, Credits]
    stops: Mapping[int, RefusalReason]


class Governor:
    """Decides which messages may go out."""

    def __init__(self, zones: BrandZones, consent: ConsentBook, guards: Sequence[SendGuard] = ()) -> None:
        self._zones = zones
        self._consent = consent
        self._guards = list(guards)

    def add_guard(self, guard: SendGuard) -> None:
        """Let ``guard`` stop messages from now on; wiring calls this."""
        self._guards.append(guard)

    async def zone(self, uow: UnitOfWork) -> ZoneInfo:
        """Return the brand's time zone."""
        return ZoneInfo(await self._zones.zone_of(uow))

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
        verdicts = [rules.judge(_candidate(d, known), known.policy, known.zone, now) for d in drafts]
        reserved = await _reserve(uow, connection, drafts, verdicts)
        return [
            _without_reserving(verdict, drafts[index], known) or reserved[index]
            for index, verdict in enumerate(verdicts)
        ]

    async def _fetch(self, uow: UnitOfWork, connection: Connection, drafts: Sequence[Draft]) -> _Known:
        tenant_id = uow.tenant_id
        keys = {
            (draft.account_id, draft.recipient)
            for draft in drafts
            if draft.recipient is not None and rules.needs_window(draft.kind)
        }
        refs = [MessageRef(d.id, d.origin_key, d.person_id, d.journey_id, d.message_class) for d in drafts]
        template_ids = sorted({draft.template_id for draft in drafts if draft.template_id})
        return _Known(
            policy=await settings.load_policy(connection, tenant_id),
            zone=await self.zone(uow),
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
        has_openid=draft.recipient is not None,
        is_subscribed=draft.is_subscribed,
        unwanted=unwanted.reason if unwanted is not None else None,
        template_withdrawn=template is not None and template.withdrawn_at is not None,
        unrenderable=unrenderable,
        stopped=known.stops.get(draft.id),
        windows=windows,
        digest=draft.digest,
        credits=known.credits.get(credit_key, Credits.MISSING) if credit_key else None,
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
            return Held(until)
        case rules.Reserve():
            return None


async def _reserve(
    uow: UnitOfWork, connection: Connection, drafts: Sequence[Draft], verdicts: Sequence[rules.Verdict]
) -> Mapping[int, Refused | Reserved]:
    """Take counters and windows; each round holds one message per person, so no key occurs twice in it."""
    rounds: list[dict[int, rules.Reserve]] = []
    seen: dict[PersonId, int] = {}
    for index, verdict in enumerate(verdicts):
        if isinstance(verdict, rules.Reserve):
            number = seen.get(drafts[index].person_id, 0)
            seen[drafts[index].person_id] = number + 1
            if number == len(rounds):
                rounds.append({})
            rounds[number][index] = verdict
    settled: dict[int, Refused | Reserved] = {}
    for wanted in rounds:
        settled.update(await _reserve_round(uow, connection, drafts, wanted))
    return settled


async def _reserve_round(
    uow: UnitOfWork, connection: Connection, drafts: Sequence[Draft], wanted: Mapping[int, rules.Reserve]
) -> Mapping[int, Refused | Reserved]:
    now = uow.clock.now()
    claims = [claim for reserve in wanted.values() for claim in reserve.claims]
    taken = await ledgers.take_counters(connection, uow.tenant_id, claims, now=now)
    settled: dict[int, Refused | Reserved] = {}
    refunds: list[str] = []
    windowed: dict[int, WindowKey] = {}
    credited: dict[int, CreditKey] = {}
    for index, reserve in wanted.items():
        missing = next((claim for claim in reserve.claims if claim.name not in taken), None)
        recipient = drafts[index].recipient
        if missing is not None:
            settled[index] = Refused(missing.refusal)
            refunds += [claim.name for claim in reserve.claims if claim.name in taken]
        elif reserve.needs_window and recipient is not None:
            windowed[index] = (drafts[index].account_id, recipient)
        elif reserve.needs_credit and (pays := _credit_key(drafts[index])) is not None:
            credited[index] = pays
        else:
            settled[index] = Reserved(tuple(claim.name for claim in reserve.claims), None)
    windows = await ledgers.take_windows(connection, uow.tenant_id, list(windowed.values()), now=now)
    for index, key in windowed.items():
        names = tuple(claim.name for claim in wanted[index].claims)
        window = windows.get(key)
        if window is None:  # Another worker took the last one since we looked.
            settled[index] = Refused(RefusalReason.WINDOW_BUDGET_SPENT)
            refunds += names
        else:
            settled[index] = Reserved(names, window)
    taken_credits = await credits.take_credits(connection, uow.tenant_id, list(credited.values()))
    for index, credit_key in credited.items():
        names = tuple(claim.name for claim in wanted[index].claims)
        credit = taken_credits.get(credit_key)
        if credit is None:
            settled[index] = Refused(RefusalReason.CREDIT_SPENT)
            refunds += names
        else:
            settled[index] = Reserved(names, None, credit)
    await ledgers.refund_counters(connection, uow.tenant_id, refunds)
    return settled


async def give_back(
    uow: UnitOfWork,
    *,
    holds: Sequence[str],
    windows: Sequence[TakenWindow | None],
    from_credits: Sequence[TakenCredit | None] = (),
) -> None:
    """Refund what was taken for messages that did not go out."""
    connection = await uow.raw()
    await ledgers.refund_counters(connection, uow.tenant_id, holds)
    taken = [window for window in windows if window is not None]
    await ledgers.refund_windows(connection, uow.tenant_id, taken)
    refunded = [credit for credit in from_credits if credit is not None]
    await credits.refund_credits(connection, uow.tenant_id, refunded)
