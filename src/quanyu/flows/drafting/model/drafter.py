"""Drafts by a model: its answer goes through the validators, with one round to put right what they refuse."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import msgspec

from quanyu.flows.drafting.model.errors import ModelFailed
from quanyu.flows.drafting.model.ports import Said
from quanyu.flows.drafting.model.prompts import (
    JOURNEY_SCHEMA,
    SEGMENT_SCHEMA,
    journey_prompt,
    segment_prompt,
    without_personal,
)
from quanyu.flows.drafting.model.queries import KeptModel
from quanyu.flows.drafting.model.service import ModelDesk
from quanyu.flows.drafting.names import Known
from quanyu.flows.drafting.usual_words import EVENTS
from quanyu.kernel.errors import AppError
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.asking.facts import Facts
from quanyu.modules.journeys.definition import (
    Definition,
    EventEntry,
    SegmentEntered,
    SegmentLeft,
    Send,
    WaitEvent,
)
from quanyu.modules.journeys.errors import InvalidJourney
from quanyu.modules.journeys.graph import parse_definition, questions_of
from quanyu.modules.segments import tree
from quanyu.modules.segments.service import Segments

_TURNS: Final = 2  # The answer, and one more after it was told what is wrong.
_WORDS_MAX: Final = 50
_WORD_LENGTH: Final = 100
_NAME_LENGTH: Final = 80
_Draft = TypeVar("_Draft")


@dataclass(frozen=True, slots=True)
class Drafted:
    """What a model made of a sentence, checked."""

    definition: dict[str, Any]
    unknown: tuple[str, ...]
    name: str = ""


class _Wrong(Exception):
    """The answer is no draft; says what to put right."""


class ModelDrafter:
    """Asks the brand's model for drafts."""

    def __init__(self, desk: ModelDesk, segments: Segments) -> None:
        self._desk = desk
        self._segments = segments

    async def segment(self, tenant_id: TenantId, model: KeptModel, known: Known, text: str) -> Drafted:
        """Return the conditions a model reads in a sentence.

        Raises:
            ModelFailed: it gave no usable draft.
        """

        async def read(answer: dict[str, Any]) -> Drafted:
            condition = self._condition(answer["definition"], known)
            if not isinstance(condition, tree.All):
                condition = tree.All(kind="all", of=(condition,))
            return Drafted(tree.dump_definition(condition), _words(answer))

        said = [Said("system", segment_prompt(known)), Said("user", without_personal(text))]
        return await self._converse(tenant_id, model, said, SEGMENT_SCHEMA, read, what="segment")

    async def journey(self, tenant_id: TenantId, model: KeptModel, known: Known, text: str) -> Drafted:
        """Return the graph a model reads in a sentence.

        Raises:
            ModelFailed: it gave no usable draft.
        """

        async def read(answer: dict[str, Any]) -> Drafted:
            definition = parse_definition(answer["definition"])
            unheard = sorted(set(_events_of(definition)) - _known_events(known))
            if unheard:
                raise _Wrong(f"these events are not among the names: {', '.join(unheard)}")
            for node in definition.nodes.values():
                for question in questions_of(node):
                    self._condition(dict(question.test), known)
                if isinstance(node, Send) and node.account_id != known.account:
                    raise _Wrong(f"account_id must be {known.account}")
            undated = definition.attributes() - {one.key for one in known.words.catalogue.attributes}
            if undated:
                raise _Wrong(f"these attributes are not among the names: {', '.join(sorted(undated))}")
            entry = definition.entry
            if (
                isinstance(entry, SegmentEntered | SegmentLeft)
                and entry.segment_id not in known.words.catalogue.segments.values()
            ):
                raise _Wrong("segment_id is not the id of one of the segments")
            name = str(answer.get("name") or text)[:_NAME_LENGTH]
            return Drafted(definition.model_dump(mode="json", exclude_none=True), _words(answer), name)

        said = [Said("system", journey_prompt(known)), Said("user", without_personal(text))]
        return await self._converse(tenant_id, model, said, JOURNEY_SCHEMA, read, what="journey")

    async def _converse(
        self,
        tenant_id: TenantId,
        model: KeptModel,
        said: list[Said],
        schema: Any,
        read: Callable[[dict[str, Any]], Awaitable[_Draft]],
        *,
        what: str,
    ) -> _Draft:
        for _ in range(_TURNS):
            reply = await self._desk.ask(tenant_id, model, said, schema, what=what)
            try:
                return await read(_object(reply.content))
            except _Wrong as error:
                problem = str(error)
            except InvalidJourney as error:
                problem = "; ".join(found.en for found in error.findings)
            except AppError as error:
                problem = error.message
            said = [
                *said,
                Said("assistant", reply.content[:8_000]),
                Said(
                    "user", f"That is not valid: {problem[:2_000]}. Answer again with the whole JSON object."
                ),
            ]
        raise ModelFailed("not_a_draft")

    def _condition(self, raw: object, known: Known) -> tree.Condition:
        """Read a condition, and refuse one about names the brand does not have."""
        condition = self._segments.read(raw)
        catalogue, events = known.words.catalogue, _known_events(known)
        keys = {one.key for one in catalogue.attributes}
        for part in tree.conditions_of(condition):
            match part:
                case tree.Attribute() | tree.DateTest() if part.key not in keys:
                    raise _Wrong(f"there is no attribute {part.key}")
                case tree.Tag() if not set(part.tags) <= set(catalogue.tags.values()):
                    raise _Wrong("tags holds an id that is not listed")
                case tree.InSegment() | tree.Moved() if part.segment not in catalogue.segments.values():
                    raise _Wrong("segment is an id that is not listed")
                case Facts() if not set(part.names) <= events:
                    raise _Wrong(
                        f"these events are not listed: {', '.join(sorted(set(part.names) - events))}"
                    )
                case tree.Sequence() if not {name for step in part.steps for name in step.names} <= events:
                    raise _Wrong("the sequence holds events that are not listed")
        return condition


def _known_events(known: Known) -> set[str]:
    return {one.key for one in known.words.catalogue.events} | set(EVENTS)


def _events_of(definition: Definition) -> Iterator[str]:
    if isinstance(definition.entry, EventEntry):
        yield definition.entry.event
    if definition.goal is not None:
        yield definition.goal.event
    for rule in definition.exits:
        if rule.kind == "event":
            yield rule.event
    for node in definition.nodes.values():
        if isinstance(node, WaitEvent):
            yield node.event


def _object(content: str) -> dict[str, Any]:
    """Return the JSON object of an answer, also where a fence stands around it."""
    text = content.strip()
    if text.startswith("```"):
        text = text.strip("`").removeprefix("json").strip()
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _Wrong("the answer is not one JSON object") from error
    if not isinstance(found, dict) or not isinstance(found.get("definition"), dict):
        raise _Wrong('the answer needs an object "definition"')
    return found


def _words(answer: dict[str, Any]) -> tuple[str, ...]:
    said = answer.get("unknown")
    words = said if isinstance(said, list) else []
    return tuple(word[:_WORD_LENGTH] for word in words[:_WORDS_MAX] if isinstance(word, str) and word.strip())
