"""Tags that imported lists state: given to whoever the row turned out to be."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from quanyu.flows.imports.beside import TAG_CHARS_MAX, TAGS_STATED
from quanyu.flows.imports.queries import ImportQueries
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.errors import AppError
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.people.tags.contracts import NewTag, Origin, SaveTagGroup, TagChange
from quanyu.modules.people.tags.noting import TagNotes
from quanyu.modules.people.tags.rules import Cause
from quanyu.modules.people.tags.service import PersonTags

_log = get_logger("imports.tags")
_SOURCE: Final = "import:"
_Book = dict[str, tuple[str, dict[str, str]]]  # Group → its id, and its tags by name.


class ImportedTags:
    """React subscriber ``imports.tags``; idempotent: a tag given already is given again.

    A group or tag the brand does not have yet is made. Of a group where one counts, a row that states
    several gives the last.
    """

    name: Final = "imports.tags"
    after: Final[Sequence[str]] = ()

    def __init__(self, tags: PersonTags) -> None:
        self._tags = tags
        self._notes = TagNotes(tags.giving)

    def wants(self, event_name: str) -> bool:
        """Only what imports state."""
        return event_name == TAGS_STATED

    async def prepare(self, tenant_id: TenantId, events: Sequence[LogEvent]) -> None:
        """Nothing is needed from outside."""

    async def apply(self, uow: UnitOfWork, events: Sequence[LogEvent], prepared: Any) -> None:
        """Give the tags, people of the same tag together; one that cannot be made is left out and logged."""
        # Nobody else may give tags by sending an event of this name.
        stated = [one for one in events if one.person_id is not None and one.source.startswith(_SOURCE)]
        if not stated:
            return
        people: defaultdict[tuple[int | None, str, str, str], list[PersonId]] = defaultdict(list)
        written = await ImportQueries(uow).writing([one.position for one in stated])
        for event in stated:
            group = str(event.properties.get("group", ""))
            for tag in event.properties.get("tags", ()):
                key = (written.get(event.position), event.source, group, str(tag))
                people[key].append(PersonId(event.person_id or 0))
        book = await self._tags.names(uow)
        for (import_id, source, group, tag), named in people.items():
            if not 0 < len(tag) <= TAG_CHARS_MAX:
                continue
            try:
                tag_id = await self._made(uow, book, group, tag, actor=source)
            except AppError as error:  # It cannot be made now nor later; the event itself is kept.
                _log.warning("imports.tag_not_made", reason=error.code)
                continue
            cause = Cause(origin=Origin.IMPORT, actor=source, about=source)
            if import_id is None:  # Written by a release that did not note where an import's events lie.
                await self._tags.giving.change(uow, named, TagChange(add=(tag_id,)), cause=cause)
            else:
                await self._notes.give(uow, import_id, named, tag_id, cause=cause)

    async def _made(self, uow: UnitOfWork, book: _Book, group: str, tag: str, *, actor: str) -> str:
        if group not in book:
            book[group] = await self._tags.add_group(uow, SaveTagGroup(name=group)), {}
        group_id, tags = book[group]
        if tag not in tags:
            tags[tag] = await self._tags.add_tag(uow, NewTag(group=group_id, name=tag), actor=actor)
        return tags[tag]
