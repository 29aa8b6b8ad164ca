"""Reading tracking calls: pure functions from bytes to events.

Source of the shapes: Segment HTTP tracking API and common fields, public documentation read 2026-11.
"""

import pkgutil
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from quanyu import modules
from quanyu.app.tracking.context import Context, merged, read_context, text_of
from quanyu.app.tracking.refusals import (
    KINDS,
    BodyTooLarge,
    EventTooLarge,
    InvalidBody,
    InvalidEvent,
    Reason,
)
from quanyu.flows.commerce import has_amount, read_currency
from quanyu.flows.intake import IntakeEvent
from quanyu.infra.unit_of_work import FactIdentifier

EVENT_BYTES_MAX: Final = 64 * 1024
BATCH_EVENTS_MAX: Final = 5_000
BODY_BYTES_MAX: Final = 5 * 1024 * 1024
NAME_LENGTH_MAX: Final = 200
ID_LENGTH_MAX: Final = 200
# Within this, the sender's clock is taken to be right and transit is not mistaken for skew.
SKEW_TOLERATED: Final = timedelta(seconds=5)
FUTURE_TOLERATED: Final = timedelta(hours=24)
_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Facts of our own: others act on them, and a write key may stand in any web page.
_OUR_FACTS: Final = (
    *(f"{module.name}." for module in pkgutil.iter_modules(modules.__path__)),
    "imports.",
    "wechat.",
)
_FIXED_NAMES: Final = {
    "identify": "Identify",
    "page": "Page Viewed",
    "screen": "Screen Viewed",
    "group": "Group",
    "alias": "Alias",
}
_SKEW_COUNTED_MAX_S: Final = 2_000_000_000  # It goes into an int of the database.
_CONTEXT_CACHE_MAX: Final = 4_096
_CONTEXT_BYTES_REMEMBERED: Final = 1_024
_PEOPLE_CACHE_MAX: Final = 32_768
_NOTHING: Final = (b"{}", b"null")

_Id = str | int | None
# Looks at an event that can be taken, and may refuse it all the same.
Judge = Callable[[IntakeEvent], None]


class _Call(msgspec.Struct, rename="camel"):
    """One event as it arrives; free-form parts stay encoded until they are needed."""

    # SDKs write what was not given as null as often as they leave it out.
    type: str | None = None
    event: str | None = None
    name: str | None = None
    category: str | None = None
    message_id: str | None = None
    user_id: _Id = None
    anonymous_id: _Id = None
    previous_id: _Id = None
    group_id: _Id = None
    timestamp: str | None = None
    original_timestamp: str | None = None
    sent_at: str | None = None
    properties: msgspec.Raw = msgspec.Raw(b"{}")
    traits: msgspec.Raw = msgspec.Raw(b"{}")
    context: msgspec.Raw = msgspec.Raw(b"{}")


class _Batch(msgspec.Struct, rename="camel"):
    batch: list[msgspec.Raw]
    sent_at: str | None = None
    context: msgspec.Raw = msgspec.Raw(b"{}")


class _Credential(msgspec.Struct, rename="camel"):
    write_key: str | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """An event of a batch that cannot be taken, by its place in the request."""

    index: int
    code: str
    reason: str
    message: str
    message_zh: str
    field: str = ""

    @classmethod
    def of(cls, index: int, error: InvalidEvent) -> "Rejected":
        """Tell why the event at ``index`` cannot be taken."""
        field = str(error.details.get("field", ""))
        return cls(index, error.code, error.reason.value, error.message, error.message_zh, field)


_call_decoder: Final = msgspec.json.Decoder(_Call)
_batch_decoder: Final = msgspec.json.Decoder(_Batch)
_credential_decoder: Final = msgspec.json.Decoder(_Credential)
_object_decoder: Final = msgspec.json.Decoder(dict[str, Any])


def write_key_in(body: bytes) -> str:
    """Return the ``writeKey`` some SDKs put into the body instead of the header; empty if none."""
    try:
        return _credential_decoder.decode(body).write_key or ""
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


class Reader:
    """Turns request bodies into events; remembers the contexts and people it has seen, as most repeat."""

    def __init__(self) -> None:
        self._contexts: dict[bytes, Context] = {}
        self._people: dict[tuple[_Id, _Id], tuple[FactIdentifier, ...]] = {}

    def read_one(self, kind: str, body: bytes, *, source: str, received_at: datetime) -> IntakeEvent:
        """Read the body of ``/v1/<kind>``.

        Raises:
            InvalidEvent: the event lacks what it must have, is not JSON or too large.
        """
        return self._event(kind, body, source=source, received_at=received_at, sent_at=None)

    def read_batch(
        self, body: bytes, *, source: str, received_at: datetime, judge: Judge | None = None
    ) -> tuple[list[IntakeEvent], list[Rejected]]:
        """Read the body of ``/v1/batch``; events that cannot be taken are returned beside the others.

        ``judge`` looks at each event and may refuse it as well.

        Raises:
            InvalidBody: the body is not a batch.
            BodyTooLarge: it holds too many events.
        """
        try:
            batch = _batch_decoder.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise InvalidBody(Reason.NOT_A_BATCH, detail=str(error)) from error
        if len(batch.batch) > BATCH_EVENTS_MAX:
            raise BodyTooLarge(Reason.TOO_MANY_EVENTS, count=len(batch.batch), limit=BATCH_EVENTS_MAX)
        sent_at = _instant(batch.sent_at, "sentAt") if batch.sent_at else None
        shared = bytes(batch.context)
        events: list[IntakeEvent] = []
        rejected: list[Rejected] = []
        for index, raw in enumerate(batch.batch):
            try:
                event = self._event(
                    "", raw, source=source, received_at=received_at, sent_at=sent_at, shared=shared
                )
                if judge is not None:
                    judge(event)
                events.append(event)
            except InvalidEvent as error:
                rejected.append(Rejected.of(index, error))
        return events, rejected

    def _event(
        self,
        kind: str,
        raw: bytes | msgspec.Raw,
        *,
        source: str,
        received_at: datetime,
        sent_at: datetime | None,
        shared: bytes = b"{}",
    ) -> IntakeEvent:
        call = _decode_call(raw)
        kind = kind or call.type or ""
        if kind not in KINDS:
            raise InvalidEvent(Reason.TYPE, field="type", value=kind)
        context = self._context(bytes(call.context), shared)
        identifiers = (*self._identifiers(call, kind), *context.identifiers)
        if not identifiers:
            raise InvalidEvent(Reason.NOBODY)
        properties = _object(call.properties, "properties")
        traits = _object(call.traits, "traits") if kind in ("identify", "group") else {}
        if kind in ("page", "screen"):
            _set_missing(properties, {"name": call.name or "", "category": call.category or ""})
        if kind == "group":
            properties = {**traits, "group_id": _group_id_of(call)}
            traits = {}
        if context.properties and kind == "track":
            _set_missing(properties, context.properties)
        if "currency" in properties:
            _check_currency(properties)
        occurred_at, skew_s = _occurred_at(call, sent_at=sent_at, received_at=received_at)
        return IntakeEvent(
            kind=kind,
            name=_name_of(call, kind),
            source=source,
            message_id=_message_id_of(call),
            occurred_at=occurred_at,
            identifiers=identifiers,
            properties=properties,
            traits=traits,
            context=context.columns,
            skew_s=skew_s,
            # What the event states, apart from when it was sent: a retry states the same.
            stated=(
                _who_when(call, kind),
                (call.event or "").encode(),
                bytes(call.properties),
                bytes(call.traits),
            ),
        )

    def _identifiers(self, call: _Call, kind: str) -> Sequence[FactIdentifier]:
        if kind == "alias":
            return _identifiers_of_alias(call)
        ids = (call.user_id, call.anonymous_id)
        known = self._people.get(ids)
        if known is None:
            known = tuple(_identifiers_of(call))
            if len(self._people) >= _PEOPLE_CACHE_MAX:
                self._people.clear()
            self._people[ids] = known
        return known

    def _context(self, raw: bytes, shared: bytes) -> Context:
        """Return an event's context; what the whole batch says holds where the event says nothing."""
        both = raw if shared in _NOTHING else b"\n".join((raw, shared))
        known = self._contexts.get(both)
        if known is None:
            said = _object(msgspec.Raw(raw), "context")
            if shared not in _NOTHING:
                said = merged(_object(msgspec.Raw(shared), "context"), said)
            known = read_context(said)
            if len(both) > _CONTEXT_BYTES_REMEMBERED:
                return known
            if len(self._contexts) >= _CONTEXT_CACHE_MAX:
                self._contexts.clear()
            self._contexts[both] = known
        return known


def _decode_call(raw: bytes | msgspec.Raw) -> _Call:
    if len(raw) > EVENT_BYTES_MAX:
        raise EventTooLarge(Reason.EVENT_TOO_LARGE, count=len(raw), limit=EVENT_BYTES_MAX)
    try:
        return _call_decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidEvent(Reason.NOT_AN_EVENT, detail=str(error)) from error


def _who_when(call: _Call, kind: str) -> bytes:
    at = call.timestamp or call.original_timestamp or ""
    return repr((kind, at, call.user_id, call.anonymous_id, call.previous_id, call.group_id)).encode()


def _object(raw: msgspec.Raw, field: str) -> dict[str, Any]:
    encoded = bytes(raw)
    if encoded in _NOTHING:
        return {}
    try:
        return _object_decoder.decode(encoded)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidEvent(Reason.NOT_AN_OBJECT, field=field, detail=str(error)) from error


def _name_of(call: _Call, kind: str) -> str:
    if kind != "track":
        return _FIXED_NAMES[kind]
    name = (call.event or "").strip()
    if not name:
        raise InvalidEvent(Reason.NAME_MISSING, field="event")
    _check_length("event", name, NAME_LENGTH_MAX)
    if name.startswith(_OUR_FACTS):
        ours = next(start for start in _OUR_FACTS if name.startswith(start))
        raise InvalidEvent(Reason.NAME_OURS, field="event", value=ours)
    return name


def _check_length(field: str, text: str, limit: int) -> None:
    if len(text) > limit:
        raise InvalidEvent(Reason.TOO_LONG, field=field, count=len(text), limit=limit)


def _check_currency(properties: dict[str, Any]) -> None:
    """Refuse an amount nobody could add up: without a currency it would silently leave the figures."""
    value = properties["currency"]
    if value not in (None, "") and not read_currency(value) and has_amount(properties):
        raise InvalidEvent(Reason.CURRENCY, field="properties.currency", value=str(value))


def _group_id_of(call: _Call) -> str:
    group_id = text_of(call.group_id)
    if not group_id:
        raise InvalidEvent(Reason.GROUP_MISSING, field="groupId")
    _check_length("groupId", group_id, ID_LENGTH_MAX)
    return group_id


def _message_id_of(call: _Call) -> str:
    _check_length("messageId", call.message_id or "", ID_LENGTH_MAX)
    return call.message_id or str(uuid.uuid4())


def _identifiers_of(call: _Call) -> list[FactIdentifier]:
    found = []
    for namespace, field, value in (
        ("user_id", "userId", call.user_id),
        ("anonymous_id", "anonymousId", call.anonymous_id),
    ):
        text = text_of(value)
        _check_length(field, text, ID_LENGTH_MAX)
        if text:
            found.append(FactIdentifier(namespace=namespace, scope="", value=text))
    return found


def _identifiers_of_alias(call: _Call) -> list[FactIdentifier]:
    found = _identifiers_of(call)
    previous = text_of(call.previous_id)
    if not previous or not found:
        raise InvalidEvent(Reason.ALIAS_INCOMPLETE)
    return [*found, FactIdentifier(namespace="anonymous_id", scope="", value=previous)]


def _occurred_at(call: _Call, *, sent_at: datetime | None, received_at: datetime) -> tuple[datetime, int]:
    """Return when it happened by our clock: the sender's time less their skew (IN-2), and that skew."""
    stated = call.original_timestamp or call.timestamp
    if not stated:
        return received_at, 0
    skew_s = 0
    occurred_at = _instant(stated, "timestamp")
    sent_at = (_instant(call.sent_at, "sentAt") if call.sent_at else None) or sent_at
    if sent_at is not None and abs(received_at - sent_at) > SKEW_TOLERATED:
        occurred_at = received_at - (sent_at - occurred_at)
        skew_s = min(int(abs(received_at - sent_at).total_seconds()), _SKEW_COUNTED_MAX_S)
    if occurred_at < _EARLIEST:
        raise InvalidEvent(Reason.TIME_TOO_EARLY, field="timestamp", value=stated)
    # A clock that is a day ahead is wrong; nothing can have happened after we heard of it.
    return received_at if occurred_at > received_at + FUTURE_TOLERATED else occurred_at, skew_s


def _instant(text: str, field: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is UTC:
            return at
        # Without an offset the specification's own SDKs mean UTC.
        return (at.replace(tzinfo=UTC) if at.tzinfo is None else at).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidEvent(Reason.TIME, field=field, value=text) from error


def _set_missing(properties: dict[str, Any], values: dict[str, str]) -> None:
    for key, value in values.items():
        if value and key not in properties:
            properties[key] = value
