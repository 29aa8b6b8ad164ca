"""Who reads attributes of people: segments, journeys and their messages, saved analyses and boards."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import encode_id
from quanyu.modules.insight.behaviour.language import Analysis, ByPerson
from quanyu.modules.insight.computed.contracts import AttributeUse
from quanyu.modules.insight.dashboards.analyses import SavedQuestions
from quanyu.modules.insight.dashboards.contracts import Asked, ShowNote, ShowRfm
from quanyu.modules.insight.dashboards.service import Dashboards
from quanyu.modules.journeys.definition import Definition, Send
from quanyu.modules.journeys.graph import questions_of
from quanyu.modules.journeys.service import Journeys
from quanyu.modules.messaging.rendering import attributes_of
from quanyu.modules.segments import tree
from quanyu.modules.segments.conditions.dates import DateTest
from quanyu.modules.segments.service import Segments

_Found = AsyncIterator[tuple[AttributeUse, Collection[str]]]  # What reads, and the attributes it reads.


@dataclass(frozen=True, slots=True)
class AttributeUses:
    """``insight.computed.ports.AttributeReaders``."""

    segments: Segments
    analyses: SavedQuestions
    boards: Dashboards
    journeys: Journeys

    async def readers(
        self, uow: UnitOfWork, attributes: Sequence[str]
    ) -> Mapping[str, Sequence[AttributeUse]]:
        """Return by attribute what reads it: conditions, texts of messages, and breakdowns."""
        wanted, found = set(attributes), dict[str, list[AttributeUse]]()
        for use, read in (
            *[one async for one in self._of_segments(uow)],
            *[one async for one in self._of_journeys(uow)],
            *[one async for one in self._of_analyses(uow)],
        ):
            for attribute in sorted(wanted.intersection(read)):
                found.setdefault(attribute, []).append(use)
        return found

    async def _of_segments(self, uow: UnitOfWork) -> _Found:
        for segment, standing in (await self.segments.standing(uow)).items():
            read = conditions_read(tree.parse_definition(standing.view.definition))
            yield AttributeUse(kind="segment", id=encode_id("seg", segment), name=standing.name), read

    async def _of_journeys(self, uow: UnitOfWork) -> _Found:
        for journey, name, definition in await self.journeys.definitions(uow):
            read = journey_reads(definition)
            yield AttributeUse(kind="journey", id=encode_id("jrn", journey), name=name), read

    async def _of_analyses(self, uow: UnitOfWork) -> _Found:
        for kept in await self.analyses.list_all(uow):
            yield AttributeUse(kind="analysis", id=kept.id, name=kept.name), question_reads(kept.asked)
        for row in await self.boards.list_all(uow):
            cards = (await self.boards.get(uow, row.id)).draft.cards
            shown = [card.shows for card in cards if not isinstance(card.shows, (ShowRfm, ShowNote))]
            read = {key for one in shown for key in question_reads(one)}
            yield AttributeUse(kind="board", id=row.id, name=row.name), read


def conditions_read(definition: tree.Condition) -> set[str]:
    """Return the attributes a segment's conditions ask about."""
    return {one.key for one in tree.conditions_of(definition) if isinstance(one, tree.Attribute | DateTest)}


def journey_reads(definition: Definition) -> set[str]:
    """Return the attributes a journey's conditions ask about, its messages say, and its waits are for."""
    found: set[str] = set(definition.attributes())
    for node in definition.nodes.values():
        for question in questions_of(node):
            found |= conditions_read(tree.parse_definition(question.test))
        if isinstance(node, Send):
            found |= attributes_of(node.message_kind, node.content)
    return found


def question_reads(asked: Asked) -> set[str]:
    """Return the attribute a question tells people apart by, if it does."""
    question: Analysis = asked.question
    by = getattr(question, "breakdown", None)
    return {by.key} if isinstance(by, ByPerson) else set()
