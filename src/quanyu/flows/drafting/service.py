"""Plain words to checked drafts; people look them over, and save or publish them by themselves."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from quanyu.flows.drafting import conditions, journeys
from quanyu.flows.drafting.contracts import (
    Describe,
    JourneyDraft,
    JourneyFindings,
    NoteView,
    SegmentDraft,
    Source,
)
from quanyu.flows.drafting.errors import NotUnderstood
from quanyu.flows.drafting.journeys import read_journey
from quanyu.flows.drafting.model.drafter import Drafted, ModelDrafter
from quanyu.flows.drafting.model.errors import ModelFailed
from quanyu.flows.drafting.model.queries import KeptModel
from quanyu.flows.drafting.model.service import ModelDesk
from quanyu.flows.drafting.model.words import REASONS
from quanyu.flows.drafting.names import BrandNames, Known
from quanyu.flows.drafting.reading import read_segment
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.journeys.contracts import FindingView
from quanyu.modules.journeys.service import Journeys
from quanyu.modules.segments.service import Segments
from quanyu.modules.segments.tree import dump_definition

_AskModel = Callable[[TenantId, KeptModel, Known, str], Awaitable[Drafted]]


class Drafting:
    """The use cases of drafting. Nothing is saved here, and nothing published."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        names: BrandNames,
        segments: Segments,
        brand_journeys: Journeys,
        models: ModelDesk,
    ) -> None:
        self._uows = uows
        self._names = names
        self._segments = segments
        self._journeys = brand_journeys
        self._models = models
        self._drafter = ModelDrafter(models, segments)

    async def segment(self, tenant_id: TenantId, command: Describe) -> SegmentDraft:
        """Read a sentence as conditions of a segment, as the builder writes them.

        Raises:
            NotUnderstood: nothing could be made of it; names the words.
            InvalidDefinition: what was read is not one this release allows.
            WarehouseUnavailable: the brand's names cannot be read now.
        """
        known = await self._names.gather(tenant_id)
        drafted, failed = await self._by_model(tenant_id, command, known, self._drafter.segment)
        if drafted is not None:
            return SegmentDraft(
                definition=drafted.definition, unknown=drafted.unknown, notes=(), source=Source.MODEL
            )
        reading = read_segment(command.text, known.words, known.today)
        if reading.is_empty:
            raise _not_understood(reading.unknown)
        definition = self._segments.read(reading.definition)
        return SegmentDraft(
            definition=dump_definition(definition),
            unknown=reading.unknown,
            notes=(*failed, *_notes(reading.notes.codes, conditions.NOTES)),
            source=Source.RULES,
        )

    async def journey(self, tenant_id: TenantId, command: Describe) -> JourneyDraft:
        """Read a sentence as a journey; the journeys' own checker says what is missing.

        Raises:
            NotUnderstood: nothing could be made of it; names the words.
            WarehouseUnavailable: the brand's names cannot be read now.
        """
        known = await self._names.gather(tenant_id)
        drafted, failed = await self._by_model(tenant_id, command, known, self._drafter.journey)
        if drafted is not None:
            return JourneyDraft(
                name=drafted.name,
                definition=drafted.definition,
                unknown=drafted.unknown,
                notes=(),
                findings=await self._findings(tenant_id, drafted.definition),
                source=Source.MODEL,
            )
        reading = read_journey(command.text, known.words, known.today, account=known.account)
        if {"no_entry", "no_step"} <= set(reading.notes):
            raise _not_understood(reading.unknown)
        return JourneyDraft(
            name=reading.name,
            definition=reading.definition,
            unknown=reading.unknown,
            notes=(*failed, *_notes(reading.notes, journeys.NOTES)),
            findings=await self._findings(tenant_id, reading.definition),
            source=Source.RULES,
        )

    async def check_journey(self, tenant_id: TenantId, definition: Mapping[str, Any]) -> JourneyFindings:
        """Say what would keep a graph from being published."""
        return JourneyFindings(findings=await self._findings(tenant_id, definition))

    async def _findings(self, tenant_id: TenantId, definition: Mapping[str, Any]) -> tuple[FindingView, ...]:
        async with self._uows.app(tenant_id) as uow:
            return await self._journeys.check(uow, definition)

    async def _by_model(
        self, tenant_id: TenantId, command: Describe, known: Known, draft: _AskModel
    ) -> tuple[Drafted | None, tuple[NoteView, ...]]:
        """Return a model's draft, or nothing and why the rules have to do."""
        model = await self._models.find(tenant_id) if command.by == "auto" else None
        if model is None:
            return None, ()
        try:
            return await draft(tenant_id, model, known, command.text), ()
        except ModelFailed as error:
            zh, en = REASONS[error.reason]
            return None, (
                NoteView(
                    code=f"model_{error.reason}", zh=f"已按规则起草：{zh}", en=f"Drafted by rules: {en}"
                ),
            )


def _notes(codes: Iterable[str], words: Mapping[str, tuple[str, str]]) -> tuple[NoteView, ...]:
    return tuple(NoteView(code=code, zh=words[code][0], en=words[code][1]) for code in codes)


def _not_understood(unknown: tuple[str, ...]) -> NotUnderstood:
    words = "、".join(unknown[:10])
    return NotUnderstood(
        f"nothing of this names anything of the brand{f' (not understood: {words})' if words else ''}; "
        "say what people did, have or are, for example “ordered at least 3 times in the last 30 days”",
        message_zh=f"没有读懂{f'（未识别：{words}）' if words else ''}。"
        "请说明做过什么、有什么属性或标签，例如“最近 30 天下单至少 3 次”",
        unknown=list(unknown),
    )
