"""Reads callbacks written as JSON into what the XML reader would have made of them.

Mini programs may choose JSON. The platform writes one field now as a number and now as text, and a list
of one now as a list and now without; here every scalar becomes text, as it is in XML, so that the types
of the callbacks are read alike from both.
"""

from typing import Any, Final

import msgspec

from quanyu.wechat.callbacks.errors import CallbackRefusal, MalformedCallback
from quanyu.wechat.callbacks.xml import DEPTH_MAX, DOCUMENT_BYTES_MAX, ELEMENTS_MAX, LISTS, Fields

_SPACE: Final = b" \t\r\n"


def is_json(document: bytes) -> bool:
    """Tell JSON from XML by its first sign: what the platform sets as content type is not to be relied on."""
    return document.lstrip(_SPACE).startswith(b"{")


def read_json_fields(document: bytes, reason: CallbackRefusal) -> Fields:
    """Return the members of the document as text, nested dictionaries and lists; empty ones are left out.

    Raises:
        MalformedCallback: with ``reason``; says what is wrong.
    """
    if len(document) > DOCUMENT_BYTES_MAX:
        raise MalformedCallback(reason, f"the document exceeds {DOCUMENT_BYTES_MAX} bytes")
    try:
        members = msgspec.json.decode(document, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedCallback(reason, f"not the expected JSON: {error}") from error
    fields = _Flattener(reason).fields(members, depth=1)
    if not fields:
        raise MalformedCallback(reason, "the document has no fields")
    return fields


class _Flattener:
    """Turns scalars into text, within the limits of the XML reader."""

    def __init__(self, reason: CallbackRefusal) -> None:
        self._reason = reason
        self._elements = 0

    def fields(self, members: dict[str, Any], *, depth: int) -> Fields:
        if depth >= DEPTH_MAX:
            raise MalformedCallback(self._reason, f"nested deeper than {DEPTH_MAX}")
        read = {name: self._value(value, depth=depth) for name, value in members.items()}
        return {
            name: [value] if name in LISTS and not isinstance(value, list) else value
            for name, value in read.items()
            if value
        }

    def _value(self, value: Any, *, depth: int) -> Any:
        self._elements += 1
        if self._elements > ELEMENTS_MAX:
            raise MalformedCallback(self._reason, f"more than {ELEMENTS_MAX} elements")
        match value:
            case dict():
                return self.fields(value, depth=depth + 1)
            case list():
                if depth + 1 >= DEPTH_MAX:
                    raise MalformedCallback(self._reason, f"nested deeper than {DEPTH_MAX}")
                read = (self._value(one, depth=depth + 1) for one in value)
                return [one for one in read if one]
            case bool():
                return str(int(value))
            case None:
                return ""
            case _:
                return str(value)
