"""Reads the platform's small XML documents into plain dictionaries, and refuses all that XML can do beyond.

No document type, no entities, no depth, no flood of elements: a DTD is refused where it starts, so
entity bombs and outside references have nothing to be declared with.
"""

from typing import Any, Final, get_origin
from xml.parsers import expat  # Used with every DTD refused; see _Reader.doctype.

import msgspec

from quanyu.wechat.callbacks.errors import CallbackRefusal, MalformedCallback

DOCUMENT_BYTES_MAX: Final = 256 * 1024
DEPTH_MAX: Final = 8
ELEMENTS_MAX: Final = 4_000
# Elements that repeat: always a list, also when there is one.
LISTS: Final = frozenset({"item", "List", "fail_idx", "Item", "SelectedItem", "OptionId"})

Fields = dict[str, Any]


def read_fields(document: bytes, reason: CallbackRefusal) -> Fields:
    """Return the elements below the root ``xml`` as text, nested dictionaries and lists.

    Empty elements are left out: the platform sends ``<EventKey><![CDATA[]]></EventKey>`` and no
    ``EventKey`` with one meaning.

    Raises:
        MalformedCallback: with ``reason``; says what is wrong and at which line.
    """
    if len(document) > DOCUMENT_BYTES_MAX:
        raise MalformedCallback(reason, f"the document exceeds {DOCUMENT_BYTES_MAX} bytes")
    reader = _Reader(reason)
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        # As text, so that neither a declaration nor a byte order mark can choose another encoding.
        parser.Parse(document.decode(), True)
    except UnicodeDecodeError as error:
        raise MalformedCallback(reason, f"not UTF-8 at byte {error.start}") from error
    except expat.ExpatError as error:
        raise MalformedCallback(reason, f"not well-formed XML: {error}") from error
    return reader.fields()


def with_lists(fields: Fields, kind: type[msgspec.Struct]) -> Fields:
    """Return the fields with a list of one where the type has a list and XML cannot tell."""
    lone = [
        field.name
        for field in msgspec.structs.fields(kind)
        if get_origin(field.type) is tuple and not isinstance(fields.get(field.name, []), list)
    ]
    return {**fields, **{name: [fields[name]] for name in lone}} if lone else fields


class _Reader:
    """Collects elements while expat reports them, within the limits."""

    def __init__(self, reason: CallbackRefusal) -> None:
        self._reason = reason
        self._path: list[tuple[str, Fields, list[str]]] = []
        self._root: Any = None
        self._elements = 0

    def fields(self) -> Fields:
        if not isinstance(self._root, dict):
            raise MalformedCallback(self._reason, "the document has no fields")
        return self._root

    def doctype(self, *_: object) -> None:
        raise MalformedCallback(self._reason, "a document type declaration is not allowed")

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self._elements += 1
        if not self._path and name != "xml":
            raise MalformedCallback(self._reason, f"the root is <{name[:40]}>, expected <xml>")
        if len(self._path) >= DEPTH_MAX:
            raise MalformedCallback(self._reason, f"nested deeper than {DEPTH_MAX}")
        if self._elements > ELEMENTS_MAX:
            raise MalformedCallback(self._reason, f"more than {ELEMENTS_MAX} elements")
        self._path.append((name, {}, []))

    def text(self, text: str) -> None:
        self._path[-1][2].append(text)

    def end(self, _name: str) -> None:
        name, children, texts = self._path.pop()
        value = children or "".join(texts)
        if not self._path:
            self._root = children or None
        elif value:
            _add(self._path[-1][1], name, value)


def _add(siblings: Fields, name: str, value: Any) -> None:
    known = siblings.get(name)
    if isinstance(known, list):
        known.append(value)
    elif known is not None:
        siblings[name] = [known, value]
    else:
        siblings[name] = [value] if name in LISTS else value
