"""From the decrypted document to a typed callback.

Two lanes read a document. The *quick lane* matches the whole document against one pattern per type,
made from the type's declaration: exactly the form the platform writes, strings in CDATA without
``]`` and numbers in digits. Whatever does not fit it, by one sign, goes through the *careful lane*, a
real XML parser. The careful lane defines the meaning; a property test holds the quick one to it.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from msgspec.structs import FieldInfo

from quanyu.wechat.callbacks.errors import CallbackRefusal, MalformedCallback
from quanyu.wechat.callbacks.xml import DOCUMENT_BYTES_MAX, Fields, read_fields, with_lists
from quanyu.wechat.official_account.messages import (
    EVENT_TYPES,
    MESSAGE_TYPES,
    Callback,
    Event,
    Message,
    OtherEvent,
    OtherMessage,
    PlainText,
)

# Letters CDATA may hold and that mean themselves: no "]", no carriage return (XML reads it as a line
# feed), none of the signs XML forbids.
_LETTER: Final = r"[^\]\x00-\x08\x0b-\x1f\ufffe\uffff]"
_SPACE: Final = r"[ \t\r\n]*"
_NUMBERS: Final[dict[Any, tuple[str, Callable[[Any], Any]]]] = {
    int: (r"(0|[1-9]\d{0,17})", int),
    float: (r"(-?(?:0|[1-9]\d{0,8})(?:\.\d{1,12})?)", float),
}
_COMMON_TAIL: Final = ("MsgId", "MsgDataId", "Idx", "BusinessId")


def parse_callback(document: bytes) -> Callback:
    """Read a decrypted document.

    Raises:
        MalformedCallback: not UTF-8 or XML, beyond the limits, or without what every callback carries.
    """
    return _read_quickly(document) or read_carefully(document)


def read_carefully(document: bytes) -> Callback:
    """Read a document by a real XML parser; see ``parse_callback``."""
    fields = read_fields(document, CallbackRefusal.MALFORMED_MESSAGE)
    return to_callback(fields, MESSAGE_TYPES, EVENT_TYPES)


def to_callback(
    fields: Fields, message_types: Mapping[str, type[Message]], event_types: Mapping[str, type[Event]]
) -> Callback:
    """Give the fields of a document the type they belong to.

    Raises:
        MalformedCallback: without what every callback carries.
    """
    is_event = fields.get("MsgType") == "event"
    types: Mapping[str, type[Callback]] = event_types if is_event else message_types
    kind = types.get(str(fields.get("Event" if is_event else "MsgType")))
    if kind is not None:
        try:
            return msgspec.convert(with_lists(fields, kind), kind, strict=False)
        except msgspec.ValidationError:
            # The platform may change the form of a field; a signed callback is kept all the same.
            pass
    try:
        other: type[Callback] = OtherEvent if is_event else OtherMessage
        return msgspec.convert({**fields, "fields": fields}, other, strict=False)
    except msgspec.ValidationError as error:
        raise MalformedCallback(CallbackRefusal.MALFORMED_MESSAGE, str(error)) from error


def _read_quickly(document: bytes) -> Callback | None:
    if len(document) > DOCUMENT_BYTES_MAX:
        return None  # The careful lane says what is wrong.
    try:
        text = document.decode()
    except UnicodeDecodeError:
        return None
    shape = _MESSAGE_SHAPES.get(_first(text, "<MsgType><![CDATA["))
    if shape is None:
        shape = _EVENT_SHAPES.get(_first(text, "<Event><![CDATA["))
    return None if shape is None else shape.read(text)


def _first(text: str, opening: str) -> str:
    """Return what the first CDATA after ``opening`` seems to hold: a guess that the shape then proves."""
    start = text.find(opening) + len(opening)
    return text[start : text.find("]", start)]


class _Shape:
    """The exact form in which the platform writes one type."""

    def __init__(self, kind: type[Callback], fixed: dict[str, str]) -> None:
        fields = {field.name: field for field in msgspec.structs.fields(kind)}
        own = [name for name in fields if name not in _COMMON_TAIL]
        self._has_tail = issubclass(kind, Message)
        written = [fields[name] for name in (*own, *(_COMMON_TAIL if self._has_tail else ()))]
        elements = "".join(_element(field, fixed.get(field.encode_name)) for field in written)
        self._make: Callable[..., Callback] = kind
        self._pattern = re.compile(rf"{_SPACE}<xml>{_SPACE}{elements}</xml>{_SPACE}", re.ASCII)
        self._numbers = tuple(
            (at, _NUMBERS[field.type][1]) for at, field in enumerate(written) if field.type in _NUMBERS
        )

    def read(self, text: str) -> Callback | None:
        match = self._pattern.fullmatch(text)
        if match is None:
            return None
        values: list[Any] = list(match.groups(""))
        for at, number in self._numbers:
            values[at] = number(values[at] or 0)
        if not self._has_tail:
            return self._make(*values)
        message_id, article_id, index, business = values[-4:]
        return self._make(
            *values[:-4], MsgId=message_id, MsgDataId=article_id, Idx=index, BusinessId=business
        )


def _element(field: FieldInfo, fixed: str | None) -> str:
    if fixed is not None:
        value = rf"<!\[CDATA\[({re.escape(fixed)})\]\]>"
    elif field.type in _NUMBERS:
        value = _NUMBERS[field.type][0]
    elif field.type is str:
        value = rf"<!\[CDATA\[({_LETTER}{'+' if field.required else '*'})\]\]>"
    else:
        value = r"([A-Za-z0-9_.-]*)"  # PlainText.
    element = rf"<{field.name}>{value}</{field.name}>{_SPACE}"
    return element if field.required else rf"(?:{element})?"


def _is_flat(kind: type[Callback]) -> bool:
    return all(
        field.type in (str, int, float) or field.type == PlainText for field in msgspec.structs.fields(kind)
    )


_MESSAGE_SHAPES: Final = {
    name: _Shape(kind, {"MsgType": name}) for name, kind in MESSAGE_TYPES.items() if _is_flat(kind)
}
_EVENT_SHAPES: Final = {
    name: _Shape(kind, {"MsgType": "event", "Event": name})
    for name, kind in EVENT_TYPES.items()
    if _is_flat(kind)
}
