"""Forms in the console: made, changed, published, opened and closed."""

import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.errors import AppError
from quanyu.kernel.ids import decode_id, encode_id, new_id
from quanyu.modules.forms import rules
from quanyu.modules.forms.answer_queries import AnswerQueries
from quanyu.modules.forms.checking import changed_kinds, check
from quanyu.modules.forms.contracts import (
    FORM_PREFIX,
    ChangeFormState,
    DraftChange,
    Form,
    FormId,
    FormIssue,
    FormRefusals,
    FormRow,
    FormRows,
    PublishPreview,
    SaveForm,
)
from quanyu.modules.forms.definition import ChoiceQuestion, FormDefinition
from quanyu.modules.forms.errors import FormNotOpen, FormUnfit
from quanyu.modules.forms.queries import FORMS_MAX, FormCounts, FormQueries, KeptForm, KeptVersion
from quanyu.modules.forms.refusals import Refusals
from quanyu.modules.forms.rules import FormState, Opening, Problem
from quanyu.modules.people.tags.contracts import Origin, TagChange
from quanyu.modules.people.tags.giving import TagGiving
from quanyu.modules.people.tags.rules import Cause
from quanyu.modules.tenants.service import Tenants

_ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"


def read_form_id(text: str) -> FormId:
    """Read an id as shown outside (``frm_…``).

    Raises:
        InvalidId: it is none.
    """
    return FormId(decode_id(FORM_PREFIX, text))


# Whether the brand has an official account connected by this id (``oac_…``).
HasAccount = Callable[[UnitOfWork, str], Awaitable[bool]]


class FormDesk:
    """Keeps forms. What is published never changes; a draft becomes the next version."""

    def __init__(self, tenants: Tenants, *, public_url: str, has_account: HasAccount | None = None) -> None:
        self._has_account = has_account
        self._tenants = tenants
        self._tags = TagGiving()
        self._refusals = Refusals(tenants)
        self._public_url = public_url.rstrip("/")

    def page_url(self, token: str) -> str:
        """Return where a form is answered."""
        return f"{self._public_url}/f/{token}"

    async def list_forms(self, uow: UnitOfWork) -> FormRows:
        """Return the brand's forms, the newest first, those put away last."""
        kept = await FormQueries(uow).list_all()
        return FormRows(items=await self._rows(uow, kept))

    async def get(self, uow: UnitOfWork, form_id: FormId) -> Form:
        """Return one form with what keeps its draft from being published.

        Raises:
            UnknownForm
        """
        queries = FormQueries(uow)
        kept = await queries.get(form_id)
        (row,) = await self._rows(uow, [kept])
        out = (await queries.latest([form_id])).get(form_id)
        return Form(
            row=row,
            draft=kept.draft,
            issues=_shown(await self._issues(uow, kept.draft, out)),
            published=None if out is None else out.definition,
            published_at=None if out is None else out.published_at,
            is_changed=out is None or out.definition != kept.draft,
        )

    async def create(self, uow: UnitOfWork, command: SaveForm, *, actor: str) -> FormId:
        """Keep a new draft; its address is settled now and never changes.

        Raises:
            FormUnfit: the brand has too many forms.
        """
        queries, now = FormQueries(uow), uow.clock.now()
        if await queries.count() >= FORMS_MAX:
            raise FormUnfit(f"a brand has at most {FORMS_MAX} forms", message_zh=f"表单最多 {FORMS_MAX} 个")
        form = KeptForm(
            form_id=FormId(new_id()),
            token="".join(secrets.choice(_ALPHABET) for _ in range(14)),
            name=command.name,
            state=FormState.DRAFT,
            draft=command.definition,
            published=None,
            created_at=now,
            updated_at=now,
        )
        await queries.insert(form, created_by=actor)
        return form.form_id

    async def save(self, uow: UnitOfWork, form_id: FormId, command: SaveForm) -> Form:
        """Replace the draft, fit or not; what is published stays out. Idempotent.

        Raises:
            UnknownForm
        """
        queries = FormQueries(uow)
        kept = await queries.get(form_id, lock="UPDATE")
        await queries.save(replace(kept, name=command.name, draft=command.definition))
        return await self.get(uow, form_id)

    async def check(self, uow: UnitOfWork, definition: FormDefinition) -> tuple[FormIssue, ...]:
        """Return what would keep a form from being published; nothing is kept."""
        return _shown(await self._issues(uow, definition, None))

    async def preview(self, uow: UnitOfWork, form_id: FormId) -> PublishPreview:
        """Return what publishing the draft would mean for the answers that are there.

        Raises:
            UnknownForm
        """
        queries = FormQueries(uow)
        kept = await queries.get(form_id)
        out = (await queries.latest([form_id])).get(form_id)
        counted = await self._counts_of_answers(uow, form_id) if out is not None else Counter()
        return PublishPreview(
            issues=_shown(await self._issues(uow, kept.draft, out)),
            changes=() if out is None else tuple(_changes(out.definition, kept.draft, counted)),
            answers=(await queries.counts([form_id]))[form_id].answers,
        )

    async def publish(self, uow: UnitOfWork, form_id: FormId, *, actor: str) -> Form:
        """Make the draft the next version and open the form. Publishing what is out already changes nothing.

        Counters of limits are counted anew: a limit that is new counts the answers that are there.

        Raises:
            UnknownForm
            FormUnfit: something is wrong; ``issues`` names each place.
        """
        queries = FormQueries(uow)
        kept = await queries.get(form_id, lock="UPDATE")
        versions = await queries.versions(form_id)
        out = None if kept.published is None else versions[kept.published]
        issues = await self._issues(uow, kept.draft, out)
        if issues:
            raise FormUnfit(
                f"the form cannot be published: {issues[0].place}: {issues[0].text}",
                message_zh=f"表单还不能发布：{issues[0].text_zh}（共 {len(issues)} 处）",
                issues=[one.model_dump() for one in _shown(issues)],
            )
        if out is None or out.definition != kept.draft:
            version = max(versions, default=0) + 1
            await queries.add_version(form_id, version, kept.draft, actor)
            kept = replace(kept, published=version)
            await self._recount(uow, form_id, kept.draft)
        await queries.save(replace(kept, state=FormState.OPEN))
        return await self.get(uow, form_id)

    async def set_state(self, uow: UnitOfWork, form_id: FormId, command: ChangeFormState) -> Form:
        """Open, close or put away a form that was published. Idempotent.

        Raises:
            UnknownForm
            FormNotOpen: it was never published.
        """
        queries = FormQueries(uow)
        kept = await queries.get(form_id, lock="UPDATE")
        if kept.published is None:
            raise FormNotOpen("the form was never published", message_zh="表单还没有发布", state="draft")
        await queries.save(replace(kept, state=FormState(command.state)))
        return await self.get(uow, form_id)

    async def delete(self, uow: UnitOfWork, form_id: FormId) -> None:
        """Remove a form that was never published; others are put away instead.

        Raises:
            UnknownForm
            FormNotOpen: it was published.
        """
        kept = await FormQueries(uow).get(form_id, lock="UPDATE")
        if kept.published is not None:
            raise FormNotOpen(
                "a form that was published is put away, not deleted",
                message_zh="已发布过的表单不能删除，可以归档",
                state=kept.state,
            )
        await FormQueries(uow).delete(form_id)

    async def refusals(
        self, uow: UnitOfWork, form_id: FormId, *, first_day: date | None = None, last_day: date | None = None
    ) -> FormRefusals:
        """Return how often answers were refused, and why; errors as ``Refusals.told``."""
        return await self._refusals.told(uow, form_id, first_day=first_day, last_day=last_day)

    async def _issues(
        self, uow: UnitOfWork, definition: FormDefinition, out: KeptVersion | None
    ) -> tuple[Problem, ...]:
        found = [*check(definition), *(changed_kinds(out.definition, definition) if out else ())]
        for question in definition.questions:
            if isinstance(question, ChoiceQuestion):
                for option in question.options:
                    if option.tags:
                        found += await self._tag_issues(uow, question.key, option.tags)
        access = definition.rules.wechat
        if access is not None and self._has_account and not await self._has_account(uow, access.account):
            found.append(
                Problem(
                    "rules", "account", "the official account is not connected", "公众号未接入，请重新选择"
                )
            )
        return tuple(found)

    async def _tag_issues(self, uow: UnitOfWork, question: str, tags: Sequence[str]) -> list[Problem]:
        try:  # For nobody: only checks.
            await self._tags.change(uow, [], TagChange(add=tuple(tags)), cause=Cause(origin=Origin.FORM))
        except (AppError, ValueError) as error:
            return [Problem(f"q:{question}", "tags", str(error), "标签不存在，或互斥的标签不能同时打上")]
        return []

    async def _counts_of_answers(self, uow: UnitOfWork, form_id: FormId) -> Counter[str]:
        """Count how often each question was answered and each option chosen."""
        counted: Counter[str] = Counter()
        after = 0
        while page := await AnswerQueries(uow).each(form_id, after=after):
            after = page[-1].answer_id
            for answer in page:
                counted.update(answer.answers.keys())
                counted.update(
                    rules.option_key(key, pick)
                    for key, value in answer.answers.items()
                    if isinstance(value, dict)
                    for pick in value.get("picks", ())
                )
        return counted

    async def _recount(self, uow: UnitOfWork, form_id: FormId, definition: FormDefinition) -> None:
        zone = ZoneInfo((await self._tenants.get_brand(uow)).time_zone)
        period = definition.rules.period_limit
        every = "" if period is None else period.every
        wanted = rules.limits(definition, uow.clock.now(), zone).keys()
        counted: Counter[str] = Counter()
        after = 0
        while page := await AnswerQueries(uow).each(form_id, after=after):
            after = page[-1].answer_id
            for answer in page:
                counted.update(
                    rules.counted(answer.answers, submitted_at=answer.submitted_at, every=every, zone=zone)
                    & wanted
                )
        await AnswerQueries(uow).recount(form_id, counted)

    async def _rows(self, uow: UnitOfWork, kept: Sequence[KeptForm]) -> tuple[FormRow, ...]:
        queries = FormQueries(uow)
        ids = [one.form_id for one in kept]
        counts, out = await queries.counts(ids), await queries.latest(ids)
        return tuple(
            self._row(uow, one, counts.get(one.form_id, FormCounts()), out.get(one.form_id)) for one in kept
        )

    def _row(self, uow: UnitOfWork, kept: KeptForm, counts: FormCounts, out: KeptVersion | None) -> FormRow:
        definition = kept.draft if out is None else out.definition
        opening = rules.opening(kept.state, definition.rules, uow.clock.now())
        limit = definition.rules.limit
        if opening is Opening.OPEN and limit is not None and counts.answers >= limit:
            opening = Opening.FULL
        return FormRow(
            id=encode_id(FORM_PREFIX, kept.form_id),
            name=kept.name,
            kind=definition.kind,
            state=kept.state,
            opening=opening,
            url=self.page_url(kept.token),
            published_version=kept.published,
            opened=counts.opened,
            answers=counts.answers,
            last_answer_at=counts.last_answer_at,
            updated_at=kept.updated_at,
        )


def _shown(problems: Sequence[Problem]) -> tuple[FormIssue, ...]:
    return tuple(
        FormIssue(place=one.place, code=one.code, text=one.text, text_zh=one.text_zh) for one in problems
    )


def _changes(before: FormDefinition, after: FormDefinition, counted: Counter[str]) -> list[DraftChange]:
    """Tell how a draft differs from what is out, the removed first."""
    old, new = ({one.key: one for one in part.questions} for part in (before, after))
    found = [
        DraftChange(change="question_removed", question=key, title=one.title, answers=counted[key])
        for key, one in old.items()
        if key not in new
    ]
    for key, one in new.items():
        was = old.get(key)
        if was is None:
            found.append(DraftChange(change="question_added", question=key, title=one.title))
            continue
        if isinstance(one, ChoiceQuestion) and isinstance(was, ChoiceQuestion):
            left = {option.key for option in one.options}
            found += [
                DraftChange(
                    change="option_removed",
                    question=key,
                    title=one.title,
                    option=option.label,
                    answers=counted[rules.option_key(key, option.key)],
                )
                for option in was.options
                if option.key not in left
            ]
        if was != one:
            found.append(
                DraftChange(change="question_changed", question=key, title=one.title, answers=counted[key])
            )
    return found
