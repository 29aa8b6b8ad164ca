"""Which values a content says, and which of them it cannot do without. Pure: found by leaving one out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from quanyu.infra.liquid_text import BrokenTemplate, LiquidText, MissingValue, parse_liquid
from quanyu.modules.messaging.contracts import MessageKind
from quanyu.modules.messaging.kinds import kind_of
from quanyu.modules.messaging.planning import FORMS, PREFERENCES_URL

PERSON: Final = "person"
_OURS: Final = frozenset({FORMS, PREFERENCES_URL})  # What the platform itself fills in.
_ALWAYS: Final = frozenset({"display_name"})
_SAMPLE: Final = 1  # Fits every filter: an amount, an instant, a text.
_ZONE: Final = ZoneInfo("UTC")

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """A value that is said; without it the message is refused, unless there is a replacement."""

    path: Path
    is_needed: bool

    @property
    def attribute(self) -> str | None:
        """Return the person's attribute it is, if it is one."""
        return ".".join(self.path[1:]) if self.path[0] == PERSON and len(self.path) > 1 else None

    @property
    def name(self) -> str:
        """Return it as it is written."""
        return ".".join(self.path)


def needs_of(kind: MessageKind, content: Mapping[str, Any]) -> tuple[Need, ...]:
    """Return the values a checked content says that are not the platform's own."""
    texts = [parse_liquid(name, source, with_links=True) for name, source in kind_of(kind).sources(content)]
    paths = {path for text in texts for path in text.paths if path[0] not in _OURS}
    said = sorted(path for path in paths if not (path[0] == PERSON and path[1:2] and path[1] in _ALWAYS))
    return tuple(Need(path, any(_refuses(text, path, paths) for text in texts)) for path in said)


def lacks(variables: Mapping[str, Any], path: Path) -> bool:
    """Tell whether a value is not there."""
    place: Any = variables
    for part in path:
        if not isinstance(place, Mapping) or place.get(part) is None:
            return True
        place = place[part]
    return False


def _refuses(text: LiquidText, without: Path, paths: Iterable[Path]) -> bool:
    if without not in text.paths:
        return False
    try:
        text.render(_sample(path for path in paths if path != without), _ZONE, lambda target, name: target)
    except MissingValue:
        return True
    except BrokenTemplate:
        return False  # Of the sample: what people's own values make of it, sending says.
    return False


def _sample(paths: Iterable[Path]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for path in sorted(paths, key=len):
        place = made
        for part in path[:-1]:
            inner = place.get(part)
            if not isinstance(inner, dict):
                inner = place[part] = {}
            place = inner
        place.setdefault(path[-1], _SAMPLE)
    return made
