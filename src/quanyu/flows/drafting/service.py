"""Plain words to checked drafts; people look them over, and save or publish them by themselves."""

from collections.abc import Iterable, Mapping

from quanyu.flows.drafting import conditions, journeys
from quanyu.flows.drafting.contracts import JourneyDraft, NoteView, SegmentDraft, Source
from quanyu.flows.drafting.errors import NotUnderstood
from quanyu.flows.drafting.journeys import read_journey
from quanyu.flows.drafting.names import BrandNames
from quanyu.flows.drafting.reading import read_segment
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.journeys.service import Journeys
from quanyu.modules.segments.service import Segments
from quanyu.modules.segments.tree import dump_definition


class Drafting:
    """The use cases of drafting. Nothing is saved here, and nothing published."""

    def __init__(
        self, uows: UnitOfWorkFactory, names: BrandNames, segments: Segments, brand_journeys: Journeys
    ) -> None:
        self._uows = uows
        self._names = names
        self._segments = segments
        self._journeys = brand_journeys

    async def segment(self, tenant_id: TenantId, text: str) -> SegmentDraft:
        """Read a sentence as conditions of a segment, as the builder writes them.

        Raises:
            NotUnderstood: nothing could be made of it; names the words.
            InvalidDefinition: what was read is not one this release allows.
            WarehouseUnavailable: the brand's names cannot be read now.
        """
        known = await self._names.gather(tenant_id)
        reading = read_segment(text, known.words, known.today)
        if reading.is_empty:
            raise _not_understood(reading.unknown)
        definition = self._segments.read(reading.definition)
        return SegmentDraft(
            definition=dump_definition(definition),
            unknown=reading.unknown,
            notes=_notes(reading.notes.codes, conditions.NOTES),
            source=Source.RULES,
        )

    async def journey(self, tenant_id: TenantId, text: str) -> JourneyDraft:
        """Read a sentence as a journey; the journeys' own checker says what is missing.

        Raises:
            NotUnderstood: nothing could be made of it; names the words.
            WarehouseUnavailable: the brand's names cannot be read now.
        """
        known = await self._names.gather(tenant_id)
        reading = read_journey(text, known.words, known.today, account=known.account)
        if {"no_entry", "no_step"} <= set(reading.notes):
            raise _not_understood(reading.unknown)
        async with self._uows.app(tenant_id) as uow:
            findings = await self._journeys.check(uow, reading.definition)
        return JourneyDraft(
            name=reading.name,
            definition=reading.definition,
            unknown=reading.unknown,
            notes=_notes(reading.notes, journeys.NOTES),
            findings=findings,
            source=Source.RULES,
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
