"""A formula as a tree. Every node knows where in the text it began, so that an error can say so."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Place:
    """Line and column of the text, both from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a text, a truth value, or nothing."""

    value: Decimal | str | bool | None
    at: Place


@dataclass(frozen=True, slots=True)
class Name:
    """Another attribute, by its key."""

    key: str
    at: Place


@dataclass(frozen=True, slots=True)
class Unary:
    """``-`` or ``not``."""

    op: str
    of: "Node"
    at: Place


@dataclass(frozen=True, slots=True)
class Binary:
    """Arithmetic, a comparison, ``and`` or ``or``."""

    op: str
    left: "Node"
    right: "Node"
    at: Place


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the language."""

    name: str
    of: tuple["Node", ...]
    at: Place


Node = Literal | Name | Unary | Binary | Call
