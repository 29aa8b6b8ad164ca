"""The way into the log for everything: doors, imports and the facts modules state.

Identifiers are sealed and names taken out before anything is written, so that nothing personal lies
in clear in the log and nothing of it can reach the warehouse.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from quanyu.flows.commerce import NOTHING, Commerce, decimal_text, lines_of, take_commerce
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import Fact, FactIdentifier, UnitOfWork
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.events.collector import COMMIT_EVENTS_MAX, Collector
from quanyu.modules.events.contracts import AcceptOutcome, Aside, EventKind, LogRecord
from quanyu.modules.events.service import APPEND_MAX, Log, body_hash
from quanyu.modules.people.contracts import IdentifierLike
from quanyu.modules.people.sealing import IdentifierSealer
from quanyu.modules.people.traits import split_properties, split_traits

_encode = msgspec.json.Encoder(decimal_format="string").encode


@dataclass(slots=True, kw_only=True)
class IntakeEvent:
    """An event on its way into the log. ``message_id`` with ``source`` is its permanent key."""

    kind: str
    name: str
    source: str
    message_id: str
    occurred_at: datetime
    identifiers: Sequence[FactIdentifier] = ()
    person_id: PersonId | None = None
    properties: dict[str, Any] = field(default_factory=dict)
    traits: dict[str, Any] = field(default_factory=dict)
    context: Mapping[str, str] = field(default_factory=dict)
    # Given where the sender states money itself; otherwise read from ``properties``.
    commerce: Commerce | None = None
    # What the event states, for telling a repetition from a contradiction; by default everything above.
    stated: tuple[bytes, ...] = ()
    # What is not as planned, as JSON, of an event that is to be kept aside; empty for all others.
    aside: bytes = b""
    # By how many seconds the sender's clock was off, where that was taken out of ``occurred_at``.
    skew_s: int = 0


class Intake:
    """Seals events and appends them to the log."""

    def __init__(self, log: Log, collector: Collector, keyring: KeyRing) -> None:
        self._log = log
        self._collector = collector
        self._keyring = keyring
        self._sealer = IdentifierSealer(keyring)

    async def accept(self, tenant_id: TenantId, events: Sequence[IntakeEvent]) -> list[AcceptOutcome]:
        """Commit ``events`` together with whatever else arrives; return one outcome each, in order.

        Idempotent on (source, ``message_id``). Returning means durable.

        Raises:
            LogBusy: too much waits already; nothing was kept.
            LogUnavailable: the outcome is unknown; sending the same events again is safe.
        """
        records = [self.seal(event) for event in events]
        outcomes: list[AcceptOutcome] = []
        for start in range(0, len(records), COMMIT_EVENTS_MAX):
            outcomes += await self._collector.accept(tenant_id, records[start : start + COMMIT_EVENTS_MAX])
        return outcomes

    async def append(self, uow: UnitOfWork, events: Sequence[IntakeEvent]) -> list[AcceptOutcome]:
        """Append at most ``APPEND_MAX`` events inside ``uow``: durable when it commits."""
        return await self._append(uow, [self.seal(event) for event in events])

    async def write_facts(self, uow: UnitOfWork, facts: Sequence[Fact]) -> None:
        """Append the facts a unit of work published; wiring hands this to the factory."""
        records = [self.seal(event) for fact in facts for event in _events_of(fact)]
        for start in range(0, len(records), APPEND_MAX):
            await self._append(uow, records[start : start + APPEND_MAX])

    async def _append(self, uow: UnitOfWork, records: Sequence[LogRecord]) -> list[AcceptOutcome]:
        outcomes = await self._log.append(
            await uow.raw(), uow.tenant_id, records, received_at=uow.clock.now()
        )
        uow.after_commit(lambda: self._log.announce(uow.tenant_id))
        return outcomes

    def seal(self, event: IntakeEvent) -> LogRecord:
        """Turn an event into the row the log keeps."""
        stated = event.stated or _stated(event)
        identifiers: Sequence[IdentifierLike] = event.identifiers
        commerce = event.commerce or NOTHING
        if event.kind == EventKind.IDENTIFY:
            split = split_traits(event.traits)
            properties, secret = {**split.clear, **split.derived}, split.sealed
            identifiers = (*identifiers, *split.identifiers)
        else:
            properties, secret = split_properties(event.properties)
            if event.commerce is None:
                commerce = take_commerce(event.name, properties)
        tokens, identifiers_json = self._sealer.seal(identifiers)
        return LogRecord(
            source=event.source,
            message_id=event.message_id,
            kind=event.kind,
            name=event.name,
            occurred_at=event.occurred_at,
            body_hash=body_hash(*stated),
            tokens=tokens,
            identifiers_json=identifiers_json,
            sealed=self._keyring.seal(_encode(secret)) if secret else None,
            person_id=event.person_id,
            properties_json=_encode(properties),
            context_json=_encode(event.context) if event.context else b"{}",
            items_json=_encode(commerce.items) if commerce.items else None,
            order_id=commerce.order_id,
            revenue=commerce.revenue,
            currency=commerce.currency,
            quantity=commerce.quantity,
            aside=self._aside(event) if event.aside else None,
        )

    def _aside(self, event: IntakeEvent) -> Aside:
        return Aside(self._keyring.seal(_encode(event)), event.aside)

    def open_aside(self, sealed: bytes) -> IntakeEvent:
        """Return an event that was kept aside, as it was sent."""
        event = _aside_decoder.decode(self._keyring.open(sealed))
        event.aside = b""
        return event

    async def release(self, uow: UnitOfWork, events: Sequence[IntakeEvent]) -> None:
        """Append events that were kept aside; the caller takes them away from there in ``uow``."""
        records = [self.seal(event) for event in events]
        await self._log.release(await uow.raw(), uow.tenant_id, records, received_at=uow.clock.now())
        uow.after_commit(lambda: self._log.announce(uow.tenant_id))


_aside_decoder = msgspec.json.Decoder(IntakeEvent)


def _stated(event: IntakeEvent) -> tuple[bytes, ...]:
    commerce = event.commerce or NOTHING
    return (
        event.kind.encode(),
        event.name.encode(),
        event.occurred_at.isoformat().encode(),
        "\0".join(f"{one.namespace}\1{one.scope}\1{one.value}" for one in event.identifiers).encode(),
        _encode(event.properties),
        _encode(event.traits),
        _encode(event.context),
        f"{commerce.order_id}\0{commerce.revenue}\0{commerce.currency}\0{commerce.quantity}".encode(),
        _encode(commerce.items),
    )


def _events_of(fact: Fact) -> list[IntakeEvent]:
    """A fact is one event; if it also tells of the person, an identify call beside it."""
    event = IntakeEvent(
        kind=EventKind.TRACK,
        name=fact.name,
        source=fact.source,
        message_id=fact.message_id,
        occurred_at=fact.occurred_at,
        identifiers=fact.identifiers,
        person_id=fact.person_id,
        properties=dict(fact.properties),
        context=fact.context,
        commerce=_commerce_of(fact),
    )
    if not fact.traits:
        return [event]
    about = IntakeEvent(
        kind=EventKind.IDENTIFY,
        name="Identify",
        source=fact.source,
        message_id=f"{fact.message_id}:traits",
        occurred_at=fact.occurred_at,
        identifiers=fact.identifiers,
        person_id=fact.person_id,
        traits=dict(fact.traits),
        context=fact.context,
    )
    return [event, about]


def _commerce_of(fact: Fact) -> Commerce:
    return Commerce(
        order_id=fact.order_id,
        revenue=_amount(fact.revenue),
        currency=fact.currency,
        quantity=_amount(fact.quantity),
        items=lines_of(fact.items, refund=False),
    )


def _amount(value: Decimal | None) -> str | None:
    return None if value is None else decimal_text(value)
