"""Message templates: the room's public face."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, decode_id, encode_id, new_id
from quanyu.kernel.paging import Page, clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.messaging.capabilities import read_account_id
from quanyu.modules.messaging.contracts import TEST_PREFIX, MessageClass, PlanMessage
from quanyu.modules.messaging.kinds.base import Rendered
from quanyu.modules.messaging.planning import Trial
from quanyu.modules.messaging.ports import PersonVariables
from quanyu.modules.messaging.reasons import reason_text
from quanyu.modules.messaging.service import Messaging
from quanyu.modules.messaging.templates import queries
from quanyu.modules.messaging.templates.contracts import (
    PREFIX,
    AskMissing,
    AskPreview,
    LackingPeople,
    LackingPerson,
    MessageTemplateView,
    MissingAttribute,
    MissingReport,
    SaveMessageTemplate,
    SendTest,
    SentTests,
    TemplatePreview,
    TemplateVariant,
    TemplateVersionView,
    TriedMessage,
    VariantMissing,
    VariantPreview,
)
from quanyu.modules.messaging.templates.errors import MessageTemplateNotFound, TooManyTemplates
from quanyu.modules.messaging.templates.needs import PERSON, Need, lacks, needs_of
from quanyu.modules.messaging.templates.ports import Lacking, Members
from quanyu.modules.messaging.templates.queries import TemplateRow

TEMPLATES_MAX: Final = 1_000
VERSIONS_SHOWN: Final = 100
_TEST_LASTS: Final = timedelta(hours=1)


class MessageTemplates:
    """Keep what the brand says again and again, and try it out before people read it."""

    def __init__(
        self, messaging: Messaging, variables: PersonVariables, members: Members, lacking: Lacking
    ) -> None:
        self._messaging = messaging
        self._variables = variables
        self._members = members
        self._lacking = lacking

    # --- keeping them -------------------------------------------------------------------------------------

    async def create(self, uow: UnitOfWork, saved: SaveMessageTemplate, *, actor: str) -> MessageTemplateView:
        """Keep a new template as version 1.

        Raises:
            InvalidContent, InvalidId: a variant is not in the form of its kind, or its account is none.
            TooManyTemplates: the brand has ``TEMPLATES_MAX``.
        """
        self._check(saved.variants)
        if await queries.count(uow) >= TEMPLATES_MAX:
            raise TooManyTemplates(
                f"a brand has at most {TEMPLATES_MAX} message templates; delete some nobody needs",
                message_zh=f"一个品牌最多 {TEMPLATES_MAX} 个消息模板，请删除不需要的",
            )
        template_id = new_id()
        await queries.insert(uow, template_id, name=saved.name, note=saved.note)
        await queries.insert_version(uow, template_id, 1, saved.variants, actor=actor)
        return await self.get(uow, template_id)

    async def save(
        self, uow: UnitOfWork, template_id: int, saved: SaveMessageTemplate, *, actor: str
    ) -> MessageTemplateView:
        """Change a template; other words are a new version. What was begun from it stays as it is.

        Raises:
            MessageTemplateNotFound, InvalidContent, InvalidId
        """
        self._check(saved.variants)
        row = await _get(uow, template_id, lock=True)
        version = row.version
        if saved.variants != row.variants:
            version += 1
            await queries.insert_version(uow, template_id, version, saved.variants, actor=actor)
        await queries.update(uow, template_id, name=saved.name, note=saved.note, version=version)
        return await self.get(uow, template_id)

    async def delete(self, uow: UnitOfWork, template_id: int) -> None:
        """Delete a template; what was begun from it stays.

        Raises:
            MessageTemplateNotFound: this brand has no such template.
        """
        await _get(uow, template_id, lock=True)
        await queries.delete(uow, template_id)

    async def get(self, uow: UnitOfWork, template_id: int) -> MessageTemplateView:
        """Return a template.

        Raises:
            MessageTemplateNotFound: this brand has no such template.
        """
        return _view(await _get(uow, template_id))

    async def list_page(
        self, uow: UnitOfWork, *, cursor: str | None = None, limit: int | None = None
    ) -> Page[MessageTemplateView]:
        """Return templates, newest first.

        Raises:
            InvalidCursor: the cursor is not one of this list.
        """
        size = clamp_limit(limit)
        before = decode_cursor(cursor, int)[0] if cursor else None
        rows = await queries.list_page(uow, before_id=before, rows_max=size + 1)
        shown = rows[:size]
        following = encode_cursor(shown[-1].id) if len(rows) > size else None
        return Page(tuple(_view(row) for row in shown), following)

    async def versions(self, uow: UnitOfWork, template_id: int) -> tuple[TemplateVersionView, ...]:
        """Return what a template said, newest first.

        Raises:
            MessageTemplateNotFound: this brand has no such template.
        """
        await _get(uow, template_id)
        found = await queries.list_versions(uow, template_id, rows_max=VERSIONS_SHOWN)
        return tuple(
            TemplateVersionView(
                version=one.version, variants=one.variants, saved_at=one.saved_at, saved_by=one.saved_by
            )
            for one in found
        )

    def _check(self, variants: Sequence[TemplateVariant]) -> None:
        for one in variants:
            read_account_id(one.message_kind, one.account_id)
            self._messaging.check_content(one.message_kind, one.content)

    # --- trying them out ----------------------------------------------------------------------------------

    async def preview(self, uow: UnitOfWork, ask: AskPreview) -> TemplatePreview:
        """Return what every variant would say to somebody; nothing is written or sent.

        Raises:
            InvalidContent, InvalidId
        """
        self._check(ask.variants)
        person = PersonId(decode_id("per", ask.person_id))
        messages = [
            _message(one, person, f"preview:{number}", ask.variables)
            for number, one in enumerate(ask.variants)
        ]
        trials = await self._messaging.preview(uow, messages)
        known = {**ask.variables, PERSON: (await self._variables.load(uow, [person])).get(person, {})}
        return TemplatePreview(
            items=tuple(_shown(one, trial, known) for one, trial in zip(ask.variants, trials, strict=True))
        )

    async def missing(self, uow: UnitOfWork, ask: AskMissing) -> MissingReport:
        """Count who of a segment lacks which value, for all of them at once.

        Raises:
            InvalidContent, InvalidId, SegmentNotFound
        """
        self._check(ask.variants)
        people = await self._members.members(uow, ask.segment_id)
        needs = [needs_of(one.message_kind, one.content) for one in ask.variants]
        attributes = sorted({need.attribute for some in needs for need in some if need.attribute})
        counts = await self._lacking.count(uow, people, attributes) if attributes else {}
        variants = []
        for one, some in zip(ask.variants, needs, strict=True):
            needed = [need.attribute for need in some if need.attribute and need.is_needed]
            refused = await self._lacking.count_any(uow, people, needed) if needed else 0
            variants.append(
                VariantMissing(account_id=one.account_id, message_kind=one.message_kind, refused=refused)
            )
        return MissingReport(
            people=len(people),
            attributes=tuple(_missing(key, counts[key], needs) for key in attributes),
            variants=tuple(variants),
            elsewhere=tuple(sorted({n.name for some in needs for n in some if not n.attribute})),
        )

    async def missing_people(
        self, uow: UnitOfWork, segment_id: str, attribute: str, *, cursor: str | None, limit: int | None
    ) -> LackingPeople:
        """Return who of a segment lacks an attribute.

        Raises:
            SegmentNotFound, InvalidCursor
        """
        size = clamp_limit(limit)
        after = decode_cursor(cursor, int)[0] if cursor else 0
        members = await self._members.members(uow, segment_id)
        found = await self._lacking.list_people(uow, members, attribute, after=after, rows_max=size + 1)
        shown = found[:size]
        names = await self._variables.display_names(uow, shown)
        items = tuple(
            LackingPerson(id=encode_id("per", one), display_name=names.get(one, "")) for one in shown
        )
        return LackingPeople(
            items=items, next_cursor=encode_cursor(int(shown[-1])) if len(found) > size else None
        )

    async def send_test(self, uow: UnitOfWork, command: SendTest) -> SentTests:
        """Send a variant to some colleagues now: past caps and quiet hours, marked, counted nowhere.

        What the platform itself asks for (a window, a credit, a follower) holds for them as well. Idempotent
        on the command's key.

        Raises:
            InvalidContent, InvalidId, OriginKeyConflict
        """
        self._check([command.variant])
        now = uow.clock.now()
        people = [PersonId(decode_id("per", one)) for one in command.person_ids]
        messages = [
            _message(command.variant, one, f"{TEST_PREFIX}{command.key}:{one}", command.variables).model_copy(
                update={"expires_at": now + _TEST_LASTS}
            )
            for one in people
        ]
        planned = await self._messaging.plan(uow, messages)
        return SentTests(
            items=tuple(
                TriedMessage(
                    person_id=encode_id("per", one.person_id),
                    message_id=encode_id("msg", one.message_id),
                    state=one.state,
                    reason=one.reason,
                    reason_text=reason_text(one.reason) if one.reason else None,
                )
                for one in planned
            )
        )


def _message(
    variant: TemplateVariant, person: PersonId, key: str, variables: Mapping[str, Any]
) -> PlanMessage:
    """Make the message of a variant: of the class that quiet hours and caps leave alone."""
    return PlanMessage(
        origin_key=key,
        person_id=person,
        account_id=read_account_id(variant.message_kind, variant.account_id),
        message_kind=variant.message_kind,
        content=variant.content,
        variables=variables,
        message_class=MessageClass.TRANSACTIONAL,
    )


def _shown(variant: TemplateVariant, trial: Trial, known: Mapping[str, Any]) -> VariantPreview:
    said = trial.rendered
    needs = needs_of(variant.message_kind, variant.content)
    return VariantPreview(
        account_id=variant.account_id,
        message_kind=variant.message_kind,
        text=said.preview if isinstance(said, Rendered) else None,
        payload=said.payload if isinstance(said, Rendered) else None,
        reason=None if isinstance(said, Rendered) else str(said.reason),
        reason_text=None if isinstance(said, Rendered) else reason_text(str(said.reason)),
        detail=None if isinstance(said, Rendered) else said.detail,
        missing=tuple(need.name for need in needs if lacks(known, need.path)),
        is_reachable=trial.is_reachable,
    )


def _missing(attribute: str, people: int, needs: Sequence[Sequence[Need]]) -> MissingAttribute:
    saying = [
        (number, need) for number, some in enumerate(needs) for need in some if need.attribute == attribute
    ]
    return MissingAttribute(
        attribute=attribute,
        people=people,
        is_needed=any(need.is_needed for _, need in saying),
        variants=tuple(number for number, _ in saying),
    )


async def _get(uow: UnitOfWork, template_id: int, *, lock: bool = False) -> TemplateRow:
    row = await queries.find(uow, template_id, lock=lock)
    if row is None:
        raise MessageTemplateNotFound(
            "this brand has no such message template", message_zh="没有这个消息模板"
        )
    return row


def _view(row: TemplateRow) -> MessageTemplateView:
    return MessageTemplateView(
        id=encode_id(PREFIX, row.id),
        name=row.name,
        note=row.note,
        version=row.version,
        variants=row.variants,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
