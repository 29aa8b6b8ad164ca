"""XML as the platform writes and reads it: root ``xml``, CDATA for text, digits for numbers.

Element order is kept as given, since some clients read with regular expressions.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias
from xml.etree import ElementTree
from xml.parsers import expat

XmlValue: TypeAlias = "str | int | float | Mapping[str, XmlValue] | list[XmlValue]"


class InvalidXml(ValueError):
    """A body is not the XML an account may answer with."""


def cdata(text: str) -> str:
    """Wrap text, splitting a closing mark so that it cannot end the section early."""
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def element(name: str, value: XmlValue) -> str:
    """Write one element; a list repeats it."""
    if isinstance(value, list):
        return "".join(element(name, item) for item in value)
    if isinstance(value, Mapping):
        inside = "".join(element(key, item) for key, item in value.items())
    elif isinstance(value, str):
        inside = cdata(value)
    else:
        inside = str(value)
    return f"<{name}>{inside}</{name}>"


def document(fields: Mapping[str, XmlValue]) -> str:
    """Write a whole message with the root ``xml``."""
    return element("xml", fields)


def parse(text: bytes | str) -> dict[str, Any]:
    """Read a message into nested dictionaries; repeated elements become lists.

    Raises:
        InvalidXml: not well formed, another root, or a document type (never accepted).
    """
    raw = text.encode() if isinstance(text, str) else text
    if b"<!DOCTYPE" in raw:
        raise InvalidXml("document types are refused")
    try:
        root = ElementTree.fromstring(raw)  # noqa: S314 - no document type, so no entities to expand.
    except (ElementTree.ParseError, expat.ExpatError, ValueError) as error:
        raise InvalidXml(f"not well-formed XML: {error}") from error
    if root.tag != "xml":
        raise InvalidXml(f"the root must be xml, not {root.tag}")
    content = _read(root)
    return content if isinstance(content, dict) else {}


def _read(node: ElementTree.Element) -> Any:
    children = list(node)
    if not children:
        return node.text or ""
    fields: dict[str, Any] = {}
    for child in children:
        value = _read(child)
        if child.tag not in fields:
            fields[child.tag] = value
        elif isinstance(fields[child.tag], list):
            fields[child.tag].append(value)
        else:
            fields[child.tag] = [fields[child.tag], value]
    return fields
