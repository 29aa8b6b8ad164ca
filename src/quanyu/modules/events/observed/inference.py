"""What properties events have, inferred from some of them. Pure."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from quanyu.modules.events.observed.contracts import PropertySeen, PropertyType

KEYS_MAX: Final = 200
DEPTH_MAX: Final = 5
DISTINCT_MAX: Final = 50  # Counting further would not tell a choice from free text any better.
EXAMPLES: Final = 5
EXAMPLE_LENGTH: Final = 60
HIDDEN: Final = "•••"

# Whether a value may be shown: (key, value) of a property.
MayShow = Callable[[str, Any], bool]


@dataclass(slots=True)
class _Seen:
    present: int = 0
    types: set[PropertyType] = field(default_factory=set)
    values: Counter[str] = field(default_factory=Counter)
    is_hidden: bool = False


def type_of(value: Any) -> PropertyType:
    """Return the type of a decoded JSON value that is neither an object nor null."""
    if isinstance(value, bool):
        return PropertyType.BOOLEAN
    if isinstance(value, int | float):
        return PropertyType.NUMBER
    return PropertyType.LIST if isinstance(value, list) else PropertyType.TEXT


def infer(samples: Sequence[Mapping[str, Any]], may_show: MayShow) -> tuple[PropertySeen, ...]:
    """Return the properties of ``samples`` by key, those in most events first; at most ``KEYS_MAX``."""
    seen: dict[str, _Seen] = {}
    objects: set[str] = set()
    for sample in samples:
        noted: set[str] = set()
        for key, value in _walk(sample):
            if isinstance(value, Mapping):
                objects.add(key)
            elif key in seen or len(seen) < KEYS_MAX:
                _note(seen.setdefault(key, _Seen()), key, value, may_show, is_first=key not in noted)
                noted.add(key)
    found = [_described(key, one, is_object=key in objects) for key, one in seen.items()]
    return tuple(sorted(found, key=lambda one: (-one.present, one.key)))


def _walk(
    properties: Mapping[str, Any], prefix: str = "", depth: int = DEPTH_MAX
) -> Iterator[tuple[str, Any]]:
    """Yield (dotted key, value) of everything that is not null, objects and what is in them."""
    for key, value in properties.items():
        if value is None:
            continue
        yield f"{prefix}{key}", value
        if isinstance(value, Mapping) and depth > 1:
            yield from _walk(value, f"{prefix}{key}.", depth - 1)


def redacted(properties: Mapping[str, Any], may_show: MayShow, prefix: str = "") -> dict[str, Any]:
    """Return properties as they may be shown: keys stay, values that may not be seen do not."""
    shown: dict[str, Any] = {}
    for key, value in properties.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            shown[key] = redacted(value, may_show, f"{path}.")
        else:
            shown[key] = value if may_show(path, value) else HIDDEN
    return shown


def _note(one: _Seen, key: str, value: Any, may_show: MayShow, *, is_first: bool) -> None:
    kind = type_of(value)
    one.present += is_first  # A key with dots may be there twice in one event.
    one.types.add(kind)
    if not may_show(key, value):
        one.is_hidden = True
        one.values.clear()
    if one.is_hidden or kind is PropertyType.LIST:
        return
    text = _text(value)
    if text in one.values or len(one.values) < DISTINCT_MAX:
        one.values[text] += 1


def _described(key: str, one: _Seen, *, is_object: bool) -> PropertySeen:
    common = sorted(one.values.items(), key=lambda entry: (-entry[1], entry[0]))[:EXAMPLES]
    return PropertySeen(
        key=key,
        type=next(iter(one.types)) if len(one.types) == 1 and not is_object else PropertyType.MIXED,
        present=one.present,
        distinct=len(one.values),
        examples=tuple(text[:EXAMPLE_LENGTH] for text, _ in common),
    )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)
