"""What a column probably is, by its name and by what stands in it. Pure; the operator decides."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Literal

from quanyu.flows.imports.cells import LATEST, TimeReader
from quanyu.flows.imports.faults import Fault
from quanyu.flows.imports.mapping import CellType, ImportKind, TimeFormat
from quanyu.flows.imports.wizard import headers
from quanyu.flows.imports.wizard.contracts import ColumnRole, ColumnUse
from quanyu.modules.people.computed.keys import is_computed_key

Reason = Literal["header", "values", "none"]

_SEPARATORS: Final = re.compile(r"[\s_\-（）()【】\[\]：:*/]+")
_NOT_IN_KEYS: Final = re.compile(r"[^\w.$-]+")
_KEY_CHARS_MAX: Final = 100
_ALIKE: Final = 0.8  # Share of the samples that must look alike.
_TIME_FORMATS: Final = (
    "iso",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M",
    "%Y年%m月%d日",
    "%Y.%m.%d",
    "%Y%m%d",
    "%d/%m/%Y",
    "unix",
    "unix_ms",
)
_DIGITS_OF: Final = {"unix": 10, "unix_ms": 13, "%Y%m%d": 8}
_TRUTH: Final = frozenset(["true", "false", "yes", "no", "y", "n", "t", "f", "是", "否", "真", "假"])
_WHOLE: Final = re.compile(r"-?(?:0|[1-9]\d{0,14})")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d{0,11})\.\d{1,8}")


_LOOKS: Final = (
    ("phone", re.compile(r"(?:\+?86)?1[3-9]\d{9}")),
    ("email", re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")),
    ("openid", re.compile(r"o[A-Za-z0-9_-]{27}")),
    ("external_userid", re.compile(r"w[mo][A-Za-z0-9_-]{30}")),
)


def propose(
    column: str, samples: Sequence[str], kind: ImportKind, *, is_unique: bool = True
) -> tuple[ColumnUse, Reason]:
    """Return what a column is likely to be; at worst an attribute or a property under its own name."""
    header = headers.plain_header(column)
    use = _by_header(column, header, samples, kind)
    if use is not None and (is_unique or use.role is not ColumnRole.MESSAGE_ID):
        return use, "header"
    for namespace, look in _LOOKS:
        if _most(samples, lambda text, look=look: look.fullmatch(text) is not None):  # type: ignore[misc]
            return ColumnUse(column=column, role=ColumnRole.IDENTIFIER, target=namespace), "values"
    role = ColumnRole.ATTRIBUTE if kind is ImportKind.PEOPLE else ColumnRole.PROPERTY
    return _value(column, role, key_of(column), samples), "none"


def without_doubles(uses: Iterable[tuple[ColumnUse, Reason]]) -> list[tuple[ColumnUse, Reason]]:
    """Leave each target to the column that claims it best: by its name before by its values, then the first.

    The others wait for the operator: which of two telephone numbers counts is not ours to guess.
    """
    listed = list(uses)
    best: dict[tuple[ColumnRole, str], int] = {}
    for place, (use, reason) in enumerate(listed):
        key = (use.role, use.target)
        held = best.get(key)
        if held is None or (listed[held][1] != "header" and reason == "header"):
            best[key] = place
    made: list[tuple[ColumnUse, Reason]] = []
    for place, (use, reason) in enumerate(listed):
        if use.role in (ColumnRole.SKIP, ColumnRole.TIME) or best[(use.role, use.target)] == place:
            made.append((use, reason))
        else:
            made.append((ColumnUse(column=use.column), "none"))
    return made


def guess_kind(columns: Iterable[str]) -> ImportKind:
    """Return events where a column names them, else people."""
    return (
        ImportKind.EVENTS
        if any(headers.plain_header(one) in headers.EVENT_NAMES for one in columns)
        else ImportKind.PEOPLE
    )


def time_formats(samples: Sequence[str]) -> tuple[str, ...]:
    """Return the formats that read most of the samples, all those that are needed."""
    left, chosen = list(samples), []
    while left:
        read = {one: [text for text in left if _reads(text, one)] for one in _TIME_FORMATS}
        one = max(_TIME_FORMATS, key=lambda name: len(read[name]))
        if len(read[one]) < max(1, len(samples) // 10):
            break
        chosen.append(one)
        left = [text for text in left if text not in read[one]]
    return tuple(chosen) if len(left) <= (1 - _ALIKE) * len(samples) else ()


def key_of(column: str) -> str:
    """Return a key for values kept under the column's own name."""
    key = _NOT_IN_KEYS.sub("_", column.strip()).strip("_.$-")[:_KEY_CHARS_MAX]
    return "" if is_computed_key(key) else key


def _names_event(column: str) -> bool:
    return headers.plain_header(column) in headers.EVENT_NAMES


def _by_header(column: str, header: str, samples: Sequence[str], kind: ImportKind) -> ColumnUse | None:
    if header in headers.IDENTIFIERS:
        return ColumnUse(column=column, role=ColumnRole.IDENTIFIER, target=headers.IDENTIFIERS[header])
    if kind is ImportKind.PEOPLE:
        return _of_person(column, header, samples)
    return _of_event(column, header, samples)


def _of_person(column: str, header: str, samples: Sequence[str]) -> ColumnUse | None:
    if header in headers.TAGS:
        return ColumnUse(column=column, role=ColumnRole.TAGS, target=column.strip()[:40])
    if header in headers.CONSENT:
        return ColumnUse(column=column, role=ColumnRole.CONSENT, target="marketing")
    if header in headers.UPDATED and time_formats(samples):
        return ColumnUse(column=column, role=ColumnRole.TIME)
    if header in headers.ATTRIBUTES:
        return _value(column, ColumnRole.ATTRIBUTE, headers.ATTRIBUTES[header], samples)
    return None


def _of_event(column: str, header: str, samples: Sequence[str]) -> ColumnUse | None:
    if header in headers.EVENT_NAMES:
        return ColumnUse(column=column, role=ColumnRole.EVENT_NAME)
    if header in headers.MESSAGE_IDS:
        return ColumnUse(column=column, role=ColumnRole.MESSAGE_ID)
    if header in headers.HAPPENED and time_formats(samples):
        return ColumnUse(column=column, role=ColumnRole.TIME)
    if header in headers.CONTEXT:
        return ColumnUse(column=column, role=ColumnRole.CONTEXT, target=headers.CONTEXT[header])
    if header in headers.PROPERTIES:
        return _value(column, ColumnRole.PROPERTY, headers.PROPERTIES[header], samples)
    return None


def _value(column: str, role: ColumnRole, key: str, samples: Sequence[str]) -> ColumnUse:
    if not key:
        return ColumnUse(column=column)
    return ColumnUse(column=column, role=role, target=key, type=_type_of(samples))


def _type_of(samples: Sequence[str]) -> CellType:
    """All must fit: a number that is a code elsewhere in the file would be refused later."""
    if not samples:
        return CellType.TEXT
    if all(text.casefold() in _TRUTH for text in samples):
        return CellType.BOOLEAN
    if all(_WHOLE.fullmatch(text) for text in samples):
        return CellType.INTEGER
    if all(_WHOLE.fullmatch(text) or _NUMBER.fullmatch(text) for text in samples):
        return CellType.NUMBER
    if time_formats(samples) and all(any(_reads(text, one) for one in _TIME_FORMATS) for text in samples):
        has_clock = any(":" in text and not text.endswith("T00:00:00") for text in samples)
        return CellType.TIME if has_clock else CellType.DATE
    return CellType.TEXT


def _reads(text: str, name: str) -> bool:
    digits = _DIGITS_OF.get(name)
    if digits is not None and not (text.isdecimal() and len(text) == digits):
        return False
    if name == "iso" and text.isdecimal():
        return False
    read = TimeReader(TimeFormat(formats=(name,)), "", now=LATEST)(text)
    return not isinstance(read, Fault)


def _most(samples: Sequence[str], holds: Callable[[str], bool]) -> bool:
    return bool(samples) and sum(map(holds, samples)) >= _ALIKE * len(samples)
