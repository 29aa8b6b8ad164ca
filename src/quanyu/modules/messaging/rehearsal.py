"""What the governor would say of messages nobody sends: for replays of journeys on history.

Rules, consent, hold-out, policy and reachability are those of today; windows are opened by what people did
then, counters begin with what was really sent. Contents are not rendered, so nothing is refused for a missing
value, and credits are as many as people have today.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.messaging import caps, rules
from quanyu.modules.messaging.capabilities import capability_of
from quanyu.modules.messaging.contracts import MessageClass, MessageKind, MessagePolicy, RefusalReason
from quanyu.modules.messaging.credits import Credits
from quanyu.modules.messaging.governor import Governor
from quanyu.modules.messaging.ports import ConsentAsk, MessageRef, Recipients
from quanyu.modules.messaging.purposes import purpose_of
from quanyu.modules.messaging.queries import credits, rehearsals, settings
from quanyu.modules.messaging.queries.rehearsals import Received
from quanyu.modules.messaging.rules import WINDOW_GRANTS, WindowKind, Windows
from quanyu.modules.messaging.sealing import Sealer
from quanyu.modules.messaging.subscribers import WINDOW_OPENERS, window_kind
from quanyu.modules.messaging.zones import Zones

__all__ = [
    "OPENERS",
    "Draft",
    "Opening",
    "Past",
    "Person",
    "Reach",
    "Received",
    "Rehearsal",
    "Say",
    "Setting",
    "Verdict",
    "judge",
    "opening",
    "remembered",
]

OPENERS: Final = WINDOW_OPENERS  # Names of what people do to open a window.
Opening = tuple[datetime, WindowKind]  # When a window was opened, and how.
_ROUNDS_MAX: Final = 10  # How often one message may be put off.


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """What one node of a journey says: everything about its messages but the person."""

    account_id: int
    kind: MessageKind
    message_class: MessageClass
    purpose: str
    template_id: str | None
    expires_after: timedelta
    campaign: str  # The journey whose draft it is.


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What today's books say of one person and one ``Say``."""

    has_address: bool
    follows: bool
    unwanted: RefusalReason | None
    stopped: RefusalReason | None
    credits: Credits | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What holds for everybody."""

    policy: MessagePolicy
    zones: Zones
    withdrawn: frozenset[tuple[int, str]]  # Templates the platform no longer knows.


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message that would have been planned ``at`` an instant; of no use from ``over_at`` on."""

    key: str
    say: str  # The name of the ``Say``.
    at: datetime
    over_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What a person did and got: windows opened by account, and messages that really went out."""

    windows: Mapping[int, Sequence[Opening]] = field(default_factory=dict)
    received: Sequence[Received] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What would have become of a draft: sent ``at``, or refused for a reason."""

    draft: Draft
    at: datetime
    reason: RefusalReason | None
    was_held: bool


def remembered(policy: MessagePolicy) -> timedelta:
    """Return how long before a rehearsal messages that really went out still count."""
    spans = [caps.longest(rule) for rule in policy.caps]
    spans += [timedelta(days=rule.days) for rule in policy.exclusions]
    return max(spans, default=timedelta())


def opening(act: LogEvent) -> Opening | None:
    """Return the window an act opens, if any."""
    kind = window_kind(act)
    return None if kind is None else (act.occurred_at, kind)


class Rehearsal:
    """Fetches what ``judge`` asks, for many people at once."""

    def __init__(self, governor: Governor, recipients: Recipients, sealer: Sealer) -> None:
        self._governor = governor
        self._recipients = recipients
        self._sealer = sealer

    async def setting(self, uow: UnitOfWork, says: Mapping[str, Say]) -> Setting:
        """Return the brand's rules of today."""
        connection = await uow.raw()
        policy = await settings.load_policy(connection, uow.tenant_id)
        wanted = sorted({say.template_id for say in says.values() if say.template_id})
        known = await settings.find_templates(connection, uow.tenant_id, wanted)
        return Setting(
            policy=policy,
            zones=Zones(await self._governor.zone(uow)),
            withdrawn=frozenset(key for key, one in known.items() if one.withdrawn_at is not None),
        )

    async def at_home(self, uow: UnitOfWork, setting: Setting, people: Sequence[PersonId]) -> Setting:
        """Return the rules with where ``people`` live."""
        return replace(setting, zones=await self._governor.zones(uow, setting.policy, people))

    async def accounts_of(self, uow: UnitOfWork, apps: Sequence[str]) -> Mapping[str, int]:
        """Return the account ids of apps, as events name them."""
        return await self._recipients.accounts_of(uow, apps)

    async def reach(
        self, uow: UnitOfWork, says: Mapping[str, Say], people: Mapping[str, Sequence[PersonId]]
    ) -> Mapping[tuple[str, PersonId], Reach]:
        """Return what today's books say of each ``Say`` and person; ``people`` by the name of a ``Say``."""
        found: dict[tuple[str, PersonId], Reach] = {}
        for name, asked in people.items():
            found |= {
                (name, one): reach for one, reach in (await self._reach(uow, says[name], asked)).items()
            }
        return found

    async def _reach(self, uow: UnitOfWork, say: Say, people: Sequence[PersonId]) -> Mapping[PersonId, Reach]:
        addresses = await self._recipients.resolve(uow, say.account_id, people)
        channel = capability_of(say.kind).channel
        purpose = purpose_of(say.message_class, say.purpose)
        asks = {one: ConsentAsk(one, purpose, channel) for one in people}
        refusals = await self._governor.unwanted(uow, list(asks.values()))
        refs = [MessageRef(number, "", one, None, say.message_class) for number, one in enumerate(people)]
        stops = await self._governor.stops(uow, refs)
        paid: Mapping[credits.CreditKey, Credits] = {}
        tokens = {
            one: self._sealer.recipient_token(say.account_id, to.address) for one, to in addresses.items()
        }
        if say.template_id is not None and rules.needs_credit(say.kind):
            keys = [(say.account_id, token, say.template_id) for token in tokens.values()]
            paid = await credits.peek_credits(await uow.raw(), uow.tenant_id, keys)
        return {
            one: Reach(
                has_address=one in addresses,
                follows=one in addresses and addresses[one].subscribed,
                unwanted=refusals[asks[one]].reason if asks[one] in refusals else None,
                stopped=stops.get(number),
                credits=_credits(say, tokens.get(one), paid),
            )
            for number, one in enumerate(people)
        }

    async def received(
        self, uow: UnitOfWork, people: Sequence[PersonId], *, since: datetime, until: datetime, but_of: int
    ) -> Sequence[Received]:
        """Return messages that really went to people.

        Those of the journey ``but_of`` are left out: its draft is rehearsed in its place.
        """
        return await rehearsals.received(
            await uow.raw(), uow.tenant_id, people, since=since, until=until, but_of=but_of
        )


def _credits(say: Say, token: bytes | None, paid: Mapping[credits.CreditKey, Credits]) -> Credits | None:
    if token is None or say.template_id is None or not rules.needs_credit(say.kind):
        return None
    return paid.get((say.account_id, token, say.template_id), Credits.MISSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody, with what is known of them; ``reach`` by the name of the ``Say``."""

    person_id: PersonId
    reach: Mapping[str, Reach]
    past: Past


def judge(
    person: Person, drafts: Sequence[Draft], says: Mapping[str, Say], setting: Setting
) -> list[Verdict]:
    """Decide about one person's messages in the order in which they come due. Pure."""
    ledger, zone = _Ledger(person.past, setting.policy), setting.zones.of(person.person_id)
    verdicts: list[Verdict] = []
    due = [(draft.at, False, draft) for draft in drafts]
    rounds = len(due) * _ROUNDS_MAX
    while due and rounds > 0:
        rounds -= 1
        due.sort(key=lambda one: one[0])
        now, was_held, draft = due.pop(0)
        candidate = _candidate(person, draft, says[draft.say], ledger, now, setting)
        verdict = rules.judge(candidate, setting.policy, zone, now)
        match verdict:
            case rules.Hold(until):
                due.append((until, True, draft))
                continue
            case rules.Refuse(refused):
                reason: RefusalReason | None = refused
            case rules.Reserve():
                missing = ledger.take(verdict, says[draft.say], now)
                again = ledger.room_again(missing, zone, now) if missing is not None else None
                if again is not None and again < candidate.expires_at:
                    due.append((again, True, draft))
                    continue
                reason = missing.refusal if missing is not None else None
        verdicts.append(Verdict(draft=draft, at=now, reason=reason, was_held=was_held))
    return verdicts


def _candidate(
    person: Person, draft: Draft, say: Say, ledger: "_Ledger", now: datetime, setting: Setting
) -> rules.Candidate:
    reach = person.reach[draft.say]
    over = draft.over_at is not None and draft.over_at <= now
    needs_window = rules.needs_window(say.kind) and reach.has_address
    return rules.Candidate(
        origin_key=draft.key,
        person_id=person.person_id,
        kind=say.kind,
        message_class=say.message_class,
        expires_at=draft.at + say.expires_after,
        has_address=reach.has_address,
        is_subscribed=reach.follows,
        unwanted=reach.unwanted,
        template_withdrawn=(say.account_id, say.template_id or "") in setting.withdrawn,
        unrenderable=None,
        stopped=RefusalReason.STOPPED if over else reach.stopped,
        windows=ledger.windows(say.account_id, now) if needs_window else None,
        digest=hashlib.blake2b(draft.say.encode(), digest_size=16).digest(),
        credits=reach.credits,
        purpose=say.purpose,
        campaign=say.campaign,
    )


class _Ledger:
    """Counters and windows of one person, in memory."""

    def __init__(self, past: Past, policy: MessagePolicy) -> None:
        self._policy = policy
        self._windows = past.windows
        self._used: dict[tuple[int, datetime], int] = defaultdict(int)
        self._taken: dict[str, list[tuple[datetime, str | None]]] = defaultdict(list)
        self._received = past.received

    def windows(self, account_id: int, now: datetime) -> Windows:
        """Return what the person's windows in an account allow at ``now``."""
        live = self._live(account_id, now)
        if not live:
            return Windows.CLOSED
        return Windows.OPEN if self._open(account_id, now) is not None else Windows.SPENT

    def take(self, wanted: rules.Reserve, say: Say, now: datetime) -> rules.CounterClaim | None:
        """Take what a message needs; return a claim there is no room for, one that refuses before all."""
        missing = [claim for claim in wanted.claims if not self._has_room(claim, now)]
        if missing:
            return min(missing, key=lambda claim: claim.waits)
        if wanted.needs_window:
            # A window was judged open at this instant, and one person's messages are decided one by one.
            opened = self._open(say.account_id, now)
            assert opened is not None, "the window that was open has closed"
            self._used[say.account_id, opened] += 1
        for claim in wanted.claims:
            self._taken[claim.name].append((now, claim.holder))
        return None

    def room_again(self, claim: rules.CounterClaim, zone: ZoneInfo, now: datetime) -> datetime | None:
        """Return when there is room, if messages wait for it."""
        if not claim.waits or claim.rule is None:
            return None
        taken = [at for at, _ in self._counting(claim, now)]
        return caps.room_again(claim.rule, zone, taken, limit=claim.limit, now=now)

    def _has_room(self, claim: rules.CounterClaim, now: datetime) -> bool:
        counting = self._counting(claim, now)
        if claim.holder is None:
            return len(counting) < claim.limit
        return all(holder == claim.holder for _, holder in counting)

    def _counting(self, claim: rules.CounterClaim, now: datetime) -> list[tuple[datetime, str | None]]:
        """Return what counts for a claim: what was taken here, and what really went out before."""
        went_out = [
            (one.at, one.campaign if claim.holder is not None else None)
            for one in self._received
            if one.at <= now and self._counts(one, claim)
        ]
        return [(at, holder) for at, holder in went_out + self._taken[claim.name] if at > claim.since]

    def _counts(self, one: Received, claim: rules.CounterClaim) -> bool:
        if claim.holder is not None:
            rule = next(rule for rule in self._policy.exclusions if claim.name == rules.exclusion_name(rule))
            return one.campaign in rule.campaigns
        if claim.rule is None:
            return False  # What was said is not known any more.
        counts = one.is_marketing or self._policy.transactional_counts
        return counts and rules.concerns(claim.rule, one.channel, one.purpose)

    def _live(self, account_id: int, now: datetime) -> list[tuple[datetime, WindowKind]]:
        """Return openings that still hold; a newer one of a kind takes the place of the older."""
        newest: dict[WindowKind, datetime] = {}
        for at, kind in self._windows.get(account_id, ()):
            if at <= now < at + WINDOW_GRANTS[kind].span:
                newest[kind] = max(at, newest.get(kind, at))
        return [(at, kind) for kind, at in newest.items()]

    def _open(self, account_id: int, now: datetime) -> datetime | None:
        """Return the opening to take from: the one that ends first and has room."""
        room = [
            (at + WINDOW_GRANTS[kind].span, at)
            for at, kind in self._live(account_id, now)
            if self._used[account_id, at] < WINDOW_GRANTS[kind].messages
        ]
        return min(room)[1] if room else None
