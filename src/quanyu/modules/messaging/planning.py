"""Plan: render, decide, seal and write messages for a whole batch, once per origin key."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, encode_id, new_id
from quanyu.modules.links.contracts import Copy
from quanyu.modules.links.service import ShortLinks
from quanyu.modules.messaging import rendering, rules, traces
from quanyu.modules.messaging.capabilities import capability_of
from quanyu.modules.messaging.contracts import (
    MessagePolicy,
    MessageState,
    PlanMessage,
    PlannedMessage,
    RefusalReason,
)
from quanyu.modules.messaging.errors import InvalidContent, OriginKeyConflict
from quanyu.modules.messaging.facts import FactName, tell
from quanyu.modules.messaging.governor import Decision, Draft, Governor, Held, Refused, Reserved, give_back
from quanyu.modules.messaging.kinds import kind_of
from quanyu.modules.messaging.linking import MessageLinks
from quanyu.modules.messaging.ports import (
    PersonalPages,
    PersonVariables,
    PreferencePage,
    Recipient,
    Recipients,
)
from quanyu.modules.messaging.queries import intents, settings
from quanyu.modules.messaging.queries.intents import IntentRow, KnownIntent
from quanyu.modules.messaging.rendering import Rendered, Unrenderable
from quanyu.modules.messaging.sealing import Letter, Sealer
from quanyu.modules.messaging.traces import MessageDecision, write_trace

BATCH_MAX: Final = 5_000
PREFERENCES_URL: Final = "preferences_url"
FORMS: Final = "forms"


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A new message, rendered, with its recipient."""

    message: PlanMessage
    source_hash: bytes
    recipient: Recipient | None
    rendered: Rendered | Unrenderable
    draft: Draft
    links: MessageLinks | None


@dataclass(frozen=True, slots=True)
class Trial:
    """What a message would say, and whether its account knows the person."""

    rendered: Rendered | Unrenderable
    is_reachable: bool


class Planner:
    """Turns ``PlanMessage`` into decided, written messages."""

    def __init__(
        self,
        governor: Governor,
        recipients: Recipients,
        variables: PersonVariables,
        sealer: Sealer,
        preferences: PreferencePage | None = None,
        forms: PersonalPages | None = None,
        links: ShortLinks | None = None,
    ) -> None:
        self._links = links
        self._forms = forms
        self._preferences = preferences
        self._governor = governor
        self._recipients = recipients
        self._variables = variables
        self._sealer = sealer

    async def plan(self, uow: UnitOfWork, messages: Sequence[PlanMessage]) -> list[PlannedMessage]:
        """Plan up to ``BATCH_MAX`` messages; see ``Messaging.plan``."""
        assert len(messages) <= BATCH_MAX, f"at most {BATCH_MAX} messages a batch, got {len(messages)}"
        firsts = _first_of_each(messages)
        hashes = {key: source_hash(message) for key, message in firsts.items()}
        connection = await uow.raw()
        known = await intents.find_by_origin(connection, uow.tenant_id, list(firsts))
        fresh = [message for key, message in firsts.items() if key not in known]
        planned = await self._plan_fresh(uow, fresh, hashes) if fresh else {}
        if len(planned) < len(fresh):  # Somebody else planned some of them just now.
            missing = [message.origin_key for message in fresh if message.origin_key not in planned]
            known |= await intents.find_by_origin(connection, uow.tenant_id, missing)
        for key, intent in known.items():
            planned[key] = _already_known(key, intent, hashes[key])
        return [planned[message.origin_key] for message in messages]

    async def _plan_fresh(
        self, uow: UnitOfWork, messages: Sequence[PlanMessage], hashes: Mapping[str, bytes]
    ) -> dict[str, PlannedMessage]:
        prepared = await self._prepare(uow, messages, hashes)
        decisions = await self._governor.decide(uow, [item.draft for item in prepared])
        now = uow.clock.now()
        policy = await settings.load_policy(await uow.raw(), uow.tenant_id)
        rows = [self._row(uow, item, d, policy) for item, d in zip(prepared, decisions, strict=True)]
        written = await intents.insert(await uow.raw(), uow.tenant_id, rows, now=now)
        lost = [row for row in rows if row.id not in written]
        await give_back(
            uow,
            holds=[(row.person_id, hold) for row in lost for hold in row.holds],
            windows=[row.window for row in lost],
            from_credits=[row.credit for row in lost],
        )
        if self._links is not None:
            await self._links.write_copies(uow, _copies(prepared, rows, written))
        planned: dict[str, PlannedMessage] = {}
        for row in rows:
            if row.id in written:
                planned[row.origin_key] = _planned(row)
                if row.state == MessageState.REFUSED:
                    tell(uow, FactName.REFUSED, row, at=now, reason=row.reason)
        return planned

    async def preview(self, uow: UnitOfWork, messages: Sequence[PlanMessage]) -> list[Trial]:
        """Return what would be said, with stand-ins for links; nothing is decided or written."""
        prepared = await self._prepare(uow, messages, {one.origin_key: b"" for one in messages})
        return [Trial(one.rendered, one.recipient is not None) for one in prepared]

    async def _prepare(
        self, uow: UnitOfWork, messages: Sequence[PlanMessage], hashes: Mapping[str, bytes]
    ) -> list[_Prepared]:
        recipients = await self._resolve(uow, messages)
        variables = await self._load_variables(uow, messages)
        forms = await self._load_forms(uow, messages)
        zone = await self._governor.zone(uow)
        now = uow.clock.now()
        prepared = []
        for message in messages:
            recipient = recipients.get((message.account_id, message.person_id))
            person = variables.get(message.person_id, {})
            links = MessageLinks(self._links, uow.tenant_id) if self._links is not None else None
            known = {"person": person, **self._pages_of(uow, message, forms)}
            rendered = _render(message, known, zone, links)
            draft = self._draft(message, recipient, rendered, now)
            prepared.append(_Prepared(message, hashes[message.origin_key], recipient, rendered, draft, links))
        return prepared

    def _pages_of(
        self, uow: UnitOfWork, message: PlanMessage, forms: Mapping[str, Callable[[PersonId], str]]
    ) -> Mapping[str, Any]:
        pages: dict[str, Any] = {}
        if self._preferences is not None and _wants(message, PREFERENCES_URL):
            page = self._preferences(uow.tenant_id, message.person_id, uow.clock.now())
            pages[PREFERENCES_URL] = page
        if wanted := _parts(message, FORMS):
            pages[FORMS] = {one: forms[one](message.person_id) for one in wanted if one in forms}
        return pages

    async def _load_forms(
        self, uow: UnitOfWork, messages: Sequence[PlanMessage]
    ) -> Mapping[str, Callable[[PersonId], str]]:
        wanted = {one for message in messages for one in _parts(message, FORMS)}
        return await self._forms.pages(uow, sorted(wanted)) if wanted and self._forms is not None else {}

    async def _resolve(
        self, uow: UnitOfWork, messages: Sequence[PlanMessage]
    ) -> dict[tuple[int, PersonId], Recipient]:
        by_account: dict[int, set[PersonId]] = defaultdict(set)
        for message in messages:
            by_account[message.account_id].add(message.person_id)
        found: dict[tuple[int, PersonId], Recipient] = {}
        for account_id, person_ids in by_account.items():
            recipients = await self._recipients.resolve(uow, account_id, sorted(person_ids))
            found |= {(account_id, person_id): recipient for person_id, recipient in recipients.items()}
        return found

    async def _load_variables(
        self, uow: UnitOfWork, messages: Sequence[PlanMessage]
    ) -> Mapping[PersonId, Mapping[str, Any]]:
        wanted = {message.person_id for message in messages if _wants(message, "person")}
        return await self._variables.load(uow, sorted(wanted)) if wanted else {}

    def _draft(
        self,
        message: PlanMessage,
        recipient: Recipient | None,
        rendered: Rendered | Unrenderable,
        now: datetime,
    ) -> Draft:
        token = None
        if recipient is not None:
            token = self._sealer.recipient_token(message.account_id, recipient.address)
        return Draft(
            id=new_id(),
            origin_key=message.origin_key,
            person_id=message.person_id,
            account_id=message.account_id,
            kind=message.message_kind,
            message_class=message.message_class,
            purpose=message.purpose or "",
            journey_id=message.journey_id,
            expires_at=message.expires_at or now + rules.EXPIRES_AFTER,
            template_id=kind_of(message.message_kind).template_id(message.content),
            template_fields=frozenset(message.content.get("data") or ()),
            recipient=token,
            is_subscribed=recipient is not None and recipient.subscribed,
            unrenderable=rendered.reason if isinstance(rendered, Unrenderable) else None,
            digest=rendered.digest if isinstance(rendered, Rendered) else b"",
            campaign=campaign_of(message),
        )

    def _row(self, uow: UnitOfWork, item: _Prepared, decision: Decision, policy: MessagePolicy) -> IntentRow:
        message, draft, rendered = item.message, item.draft, item.rendered
        now = uow.clock.now()
        sealed = None
        if isinstance(rendered, Rendered):
            address = item.recipient.address if item.recipient else ""
            rendered = item.links.filled(rendered) if item.links is not None else rendered
            letter = Letter(address, rendered.payload, rendered.preview, capability_of(draft.kind).address)
            sealed = self._sealer.seal(uow.tenant_id, draft.id, letter)
        state, reason, wake_at = settle(decision, now)
        return IntentRow(
            id=draft.id,
            origin_key=draft.origin_key,
            source_hash=item.source_hash,
            person_id=draft.person_id,
            account_id=draft.account_id,
            channel=str(capability_of(draft.kind).channel),
            kind=str(draft.kind),
            message_class=str(draft.message_class),
            purpose=draft.purpose,
            state=str(state),
            reason=reason,
            detail=_detail(decision, rendered),
            template_id=draft.template_id,
            recipient=draft.recipient,
            sealed=sealed,
            body_hash=draft.digest or None,
            journey_id=message.journey_id,
            node_id=message.node_id,
            due_at=wake_at or now,
            wake_at=wake_at,
            expires_at=draft.expires_at,
            window=decision.window if isinstance(decision, Reserved) else None,
            credit=decision.credit if isinstance(decision, Reserved) else None,
            holds=decision.holds if isinstance(decision, Reserved) else (),
            campaign=draft.campaign,
            priority=rules.turn_of(message.message_class, policy.priority_of(draft.campaign)),
            decision=write_trace(trace_of(decision, now, detail=_detail(decision, rendered))),
        )


def _copies(prepared: Sequence[_Prepared], rows: Sequence[IntentRow], written: Collection[int]) -> list[Copy]:
    """Return the links of the messages that were written and may go out."""
    return [
        copy
        for item, row in zip(prepared, rows, strict=True)
        if item.links is not None and row.id in written and row.state != MessageState.REFUSED
        for copy in item.links.copies(
            person_id=row.person_id,
            message_id=row.id,
            campaign=row.campaign,
            node_id=row.node_id or "",
            channel=row.channel,
        )
    ]


def campaign_of(message: PlanMessage) -> str:
    """Return what a message takes turns as, with others of its account; empty: with those of their own."""
    if message.campaign or message.journey_id is None:
        return message.campaign
    return encode_id("jrn", message.journey_id)


def _detail(decision: Decision, rendered: Rendered | Unrenderable) -> str | None:
    if isinstance(decision, Refused) and decision.detail is not None:
        return decision.detail
    return rendered.detail if isinstance(rendered, Unrenderable) else None


def settle(decision: Decision, now: datetime) -> tuple[MessageState, str | None, datetime | None]:
    """Return the state, reason and next instant a decision leads to."""
    match decision:
        case Refused(reason, _):
            return MessageState.REFUSED, str(reason), None
        case Held(until, _):
            return MessageState.PLANNED, None, until
        case Reserved():
            return MessageState.RESERVED, None, now


def trace_of(decision: Decision, now: datetime, *, detail: str | None = None) -> MessageDecision:
    """Return a decision as the message's trace keeps it."""
    match decision:
        case Refused(reason, about):
            return traces.refused(now, str(reason), about or detail)
        case Held(until, why):
            return traces.held(now, why, until)
        case Reserved():
            took = [hold.partition("@")[0] for hold in decision.holds]
            if decision.window is not None:
                took.append(f"window:{decision.window.kind}")
            if decision.credit is not None:
                took.append("credit")
            return traces.reserved(now, took)


def source_hash(message: PlanMessage) -> bytes:
    """Digest what makes a message this message: repeating an origin key with another is a conflict.

    Variables are left out: a caller that tries again may by then know newer values.
    """
    stated: tuple[Any, ...] = (
        message.person_id,
        message.account_id,
        message.message_kind,
        message.message_class,
        message.content,
        message.journey_id,
        message.node_id,
    )
    if message.purpose is not None:  # Of those that name none the digest is what it always was.
        stated += (message.purpose,)
    return hashlib.blake2b(msgspec.json.encode(stated, order="deterministic"), digest_size=16).digest()


def _first_of_each(messages: Sequence[PlanMessage]) -> dict[str, PlanMessage]:
    firsts: dict[str, PlanMessage] = {}
    for message in messages:
        first = firsts.setdefault(message.origin_key, message)
        if first is not message and source_hash(first) != source_hash(message):
            raise _conflict(message.origin_key)
    return firsts


def _already_known(origin_key: str, intent: KnownIntent, wanted_hash: bytes) -> PlannedMessage:
    if intent.source_hash != wanted_hash:
        raise _conflict(origin_key)
    return PlannedMessage(
        message_id=intent.id,
        origin_key=origin_key,
        person_id=intent.person_id,
        state=MessageState(intent.state),
        reason=intent.reason,
        due_at=intent.due_at,
        created=False,
    )


def _conflict(origin_key: str) -> OriginKeyConflict:
    return OriginKeyConflict(
        f"origin key {origin_key!r} was used for another message; give each message a key of its own",
        message_zh=f"标识 {origin_key!r} 已用于另一条消息",
    )


def _planned(row: IntentRow) -> PlannedMessage:
    return PlannedMessage(
        message_id=row.id,
        origin_key=row.origin_key,
        person_id=row.person_id,
        state=MessageState(row.state),
        reason=row.reason,
        due_at=row.due_at,
        created=True,
    )


def _render(
    message: PlanMessage, known: Mapping[str, Any], zone: ZoneInfo, links: MessageLinks | None
) -> Rendered | Unrenderable:
    variables = {**message.variables, **known}
    try:
        return rendering.render(message.message_kind, message.content, variables, zone, links)
    except InvalidContent as error:
        # Senders check content when it is written; what slips through must not stop a whole batch.
        return Unrenderable(RefusalReason.TEMPLATE_ERROR, error.message)


def _wants(message: PlanMessage, variable: str) -> bool:
    try:
        return rendering.wants(message.message_kind, message.content, variable)
    except InvalidContent:
        return False


def _parts(message: PlanMessage, variable: str) -> frozenset[str]:
    try:
        return rendering.parts_of(message.message_kind, message.content, variable)
    except InvalidContent:
        return frozenset()
