"""What a row about a person says beside attributes: tags and consent, each as an event of its own."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from quanyu.flows.imports.cells import LATEST, TextReader, scalar_reader
from quanyu.flows.imports.faults import Fault, Reason
from quanyu.flows.imports.mapping import ConsentField, Field, ImportMap, TagField
from quanyu.flows.imports.prepared import TRACK, PreparedEvent, instant_of, row_event
from quanyu.flows.imports.rules import Name
from quanyu.flows.imports.table import Table
from quanyu.modules.people.consent.contracts import GRANTED, WITHDRAWN

TAGS_STATED: Final = "imports.tags_stated"  # Heard by ``tagging``, which gives them.
TAGS_PER_CELL_MAX: Final = 20
TAG_CHARS_MAX: Final = 40


class Beside:
    """The tags and answers of a table of people, read column by column."""

    def __init__(self, import_map: ImportMap, table: Table) -> None:
        self._tags = [(one, _tags(table, one)) for one in import_map.tags]
        self._consents = [(one, _answers(import_map, table, one)) for one in import_map.consents]

    def events(self, row: int, about: PreparedEvent) -> Iterator[PreparedEvent]:
        """Return what one row says, at the time and of the person of its identify call."""
        for tag, names in self._tags:
            if names[row]:
                yield _event(about, TAGS_STATED, {"group": tag.group, "tags": list(names[row])})
        for consent, answers in self._consents:
            if answers[row] is not None:
                name = GRANTED if answers[row] else WITHDRAWN
                yield _event(about, name, {"purpose": consent.purpose, "channel": consent.channel.value})


def read_beside(import_map: ImportMap, table: Table) -> Beside | None:
    """Return what the rows say beside attributes, or ``None`` where the map asks for nothing of the kind."""
    return Beside(import_map, table) if import_map.tags or import_map.consents else None


def _event(about: PreparedEvent, name: str, properties: dict[str, Any]) -> PreparedEvent:
    return row_event(
        kind=TRACK,
        name=name,
        names=tuple(Name(*one) for one in about.names),
        occurred_at=instant_of(about.occurred_ms),
        traits={},
        properties=properties,
        context=about.context,
        message_id=None,
    )


def _tags(table: Table, tag: TagField) -> Sequence[tuple[str, ...]]:
    read = TextReader(tag.column)

    def names(text: str) -> Any:
        told = read(text)
        return told if isinstance(told, Fault) else _split(told, tag)

    cells: list[Any] = table.read(Field(key=tag.group, columns=(tag.column,)), names)
    return [cell if isinstance(cell, tuple) else () for cell in cells]


def _split(text: str, tag: TagField) -> tuple[str, ...] | Fault:
    for separator in tag.separators[1:]:
        text = text.replace(separator, tag.separators[0])
    names = dict.fromkeys(part.strip() for part in text.split(tag.separators[0]) if part.strip())
    if len(names) > TAGS_PER_CELL_MAX or any(len(name) > TAG_CHARS_MAX for name in names):
        return Fault(Reason.TAGS, tag.column)
    return tuple(names)


def _answers(import_map: ImportMap, table: Table, consent: ConsentField) -> Sequence[bool | None]:
    read = scalar_reader(consent.answer, numbers=import_map.numbers, times=import_map.times, now=LATEST)
    cells: list[Any] = table.read(consent.answer, read)
    return [cell if isinstance(cell, bool) else None for cell in cells]
