"""What was answered: single answers, files."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from quanyu.infra.crypto import KeyRing
from quanyu.infra.spreadsheet import write_csv
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, decode_id, encode_id
from quanyu.kernel.paging import clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.forms.answer_queries import AnswerQueries, KeptAnswer
from quanyu.modules.forms.answering import counters_of
from quanyu.modules.forms.behind_queries import BehindQueries, Choice
from quanyu.modules.forms.contracts import (
    ANSWER_PREFIX,
    FILE_PREFIX,
    FORM_PREFIX,
    AnswerId,
    AnswerPage,
    AnswerRow,
    FormId,
    Narrowing,
    PersonForm,
    PersonForms,
    ShownFile,
    ShownValue,
)
from quanyu.modules.forms.definition import FormDefinition, Question
from quanyu.modules.forms.errors import UnknownAnswer, UnknownFile
from quanyu.modules.forms.facts import deleted_fact, exported_fact
from quanyu.modules.forms.file_queries import FileQueries, KeptFile
from quanyu.modules.forms.narrowing import bounds_of
from quanyu.modules.forms.queries import FormQueries
from quanyu.modules.forms.showing import open_answer
from quanyu.modules.forms.uploads import AnswerFiles
from quanyu.modules.forms.values import shown_value
from quanyu.modules.people.identifiers import mask
from quanyu.modules.people.service import People
from quanyu.modules.tenants.service import Tenants

EXPORT_MAX: Final = 50_000
EXPORT_PAGE: Final = 2_000
_PERSON_ANSWERS: Final = 50


class FormResultsDesk:
    """Reads answers."""

    def __init__(self, keyring: KeyRing, people: People, tenants: Tenants) -> None:
        self._keyring = keyring
        self._files = AnswerFiles(keyring)
        self._people = people
        self._tenants = tenants

    async def answers(
        self,
        uow: UnitOfWork,
        form_id: FormId,
        *,
        question: str = "",
        value: str = "",
        narrowing: Narrowing | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> AnswerPage:
        """Return answers, the newest first; of a question and one of its bars, those behind the bar.

        Raises:
            UnknownForm, UnfitFilter
        """
        await FormQueries(uow).get(form_id)
        size = clamp_limit(limit)
        before = decode_cursor(cursor, int)[0] if cursor else None
        zone = ZoneInfo((await self._tenants.get_brand(uow)).time_zone)
        bounds = bounds_of(narrowing or Narrowing(), zone)
        choice = _choice(question, value)
        queries = BehindQueries(uow, form_id, bounds)
        found = await queries.page(choice, before=before, limit=size + 1)
        page = found[:size]
        return AnswerPage(
            items=await self._shown(uow, form_id, page),
            next_cursor=encode_cursor(page[-1].answer_id) if len(found) > size else None,
            total=await queries.count(choice),
        )

    async def of_person(self, uow: UnitOfWork, person_id: PersonId) -> PersonForms:
        """Return what one person answered, the newest first."""
        canonical = await self._people.canonical_ids(uow, [person_id])
        found = await AnswerQueries(uow).of_person(canonical.get(person_id, person_id), _PERSON_ANSWERS)
        names = {one.form_id: one.name for one in await FormQueries(uow).list_all()} if found else {}
        items = []
        for answer in found:
            (row,) = await self._shown(uow, answer.form_id, [answer])
            items.append(
                PersonForm(
                    form=encode_id(FORM_PREFIX, answer.form_id),
                    name=names.get(answer.form_id, ""),
                    answer=row,
                )
            )
        return PersonForms(items=tuple(items))

    async def file(self, uow: UnitOfWork, form_id: FormId, answer: str, file: str) -> tuple[ShownFile, bytes]:
        """Return a file of an answer with its content.

        Raises:
            UnknownFile
        """
        answer_id, file_id = AnswerId(decode_id(ANSWER_PREFIX, answer)), decode_id(FILE_PREFIX, file)
        queries = FileQueries(uow)
        kept = (await queries.of_answers(form_id, [answer_id])).get(answer_id, [])
        shown = [one for ones in self._files.shown(kept).values() for one in ones if one.id == file]
        sealed = await queries.content(form_id, answer_id, file_id) if shown else None
        if sealed is None:
            raise UnknownFile("the answer has no such file", message_zh="没有这个文件")
        return shown[0], self._files.open(sealed)

    async def delete(self, uow: UnitOfWork, form_id: FormId, answer: str, *, actor: str) -> None:
        """Remove an answer for good and give its places free; states who did so.

        What it wrote into the profile stays: there it has a history of its own.

        Raises:
            UnknownForm, UnknownAnswer
        """
        await FormQueries(uow).get(form_id, lock="SHARE")
        queries, answer_id = AnswerQueries(uow), AnswerId(decode_id(ANSWER_PREFIX, answer))
        kept = await queries.find(form_id, answer_id, lock=True)
        if kept is None:
            raise UnknownAnswer("the form has no such answer", message_zh="没有这条回答")
        out, brand = await FormQueries(uow).get_published(form_id), await self._tenants.get_brand(uow)
        zone = ZoneInfo(brand.time_zone)
        counters = await queries.counters(form_id, counters_of(out.definition, kept, zone))
        if counters:
            await queries.count_on(form_id, dict.fromkeys(sorted(counters), -1))
        await queries.delete(form_id, answer_id)
        uow.publish(deleted_fact(form_id, kept, actor=actor, at=uow.clock.now()))

    async def export(
        self,
        uow: UnitOfWork,
        form_id: FormId,
        *,
        question: str = "",
        value: str = "",
        narrowing: Narrowing | None = None,
        actor: str,
    ) -> bytes:
        """Return what ``answers`` lists as CSV for spreadsheets, the earliest first, contacts masked.

        Texts that a spreadsheet would compute are quoted. Publishes ``forms.exported``.

        Raises:
            UnknownForm, FormNotOpen, UnfitFilter
        """
        out = await FormQueries(uow).get_published(form_id)
        zone = ZoneInfo((await self._tenants.get_brand(uow)).time_zone)
        queries = BehindQueries(uow, form_id, bounds_of(narrowing or Narrowing(), zone))
        choice = _choice(question, value)
        rows: list[list[str]] = []
        after = 0
        asked = out.definition.questions
        head = ["回答 answer", "客户 person", "提交时间 submitted", "修改时间 edited", "版本 version"]
        head += ["渠道 source", "用时秒 seconds", "得分 score", "结果 result", "重复 repeat"]
        head += [question.title for question in asked]
        while len(rows) < EXPORT_MAX and (
            page := await queries.following(choice, after=after, limit=EXPORT_PAGE)
        ):
            after = page[-1].answer_id
            for answer in page:
                values = open_answer(self._keyring, answer)
                rows.append([*_meta(answer, zone), *(_cell(one, values) for one in asked)])
        uow.publish(exported_fact(form_id, actor=actor, answers=len(rows), at=uow.clock.now()))
        return write_csv(head, rows)

    async def _shown(
        self, uow: UnitOfWork, form_id: FormId, answers: Sequence[KeptAnswer]
    ) -> tuple[AnswerRow, ...]:
        versions = await FormQueries(uow).versions(form_id) if answers else {}
        known = [PersonId(one.known_as) for one in answers if one.known_as is not None]
        names = await self._people.display_names(uow, known) if known else {}
        files = await FileQueries(uow).of_answers(form_id, [one.answer_id for one in answers])
        return tuple(
            self._row(
                one,
                versions[one.version].definition,
                names.get(PersonId(one.known_as)) if one.known_as is not None else None,
                files.get(one.answer_id, []),
            )
            for one in answers
        )

    def _row(
        self, answer: KeptAnswer, definition: FormDefinition, name: str | None, files: list[KeptFile]
    ) -> AnswerRow:
        values, sent = open_answer(self._keyring, answer), self._files.shown(files)
        return AnswerRow(
            id=encode_id(ANSWER_PREFIX, answer.answer_id),
            person=None if answer.known_as is None else encode_id("per", answer.known_as),
            person_name=name,
            version=answer.version,
            submitted_at=answer.submitted_at,
            edited_at=answer.edited_at,
            seconds=answer.seconds,
            source=answer.source,
            score=answer.score,
            result=answer.result,
            is_repeat=answer.is_repeat,
            values=tuple(
                ShownValue(
                    question=one.key,
                    title=one.title,
                    text=_cell(one, values),
                    files=sent.get(one.key, ()),
                )
                for one in definition.questions
                if one.key in values
            ),
        )


def _choice(question: str, value: str) -> Choice:
    return Choice("chose", question, value) if question else Choice()


def _meta(answer: KeptAnswer, zone: ZoneInfo) -> list[str]:
    edited = answer.edited_at
    return [
        encode_id(ANSWER_PREFIX, answer.answer_id),
        "" if answer.known_as is None else encode_id("per", answer.known_as),
        f"{answer.submitted_at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
        "" if edited is None else f"{edited.astimezone(zone):%Y-%m-%d %H:%M:%S}",
        str(answer.version),
        answer.source,
        str(answer.seconds),
        str(answer.score),
        answer.result,
        "1" if answer.is_repeat else "",
    ]


def _cell(question: Question, values: Mapping[str, Any]) -> str:
    if question.key not in values or values[question.key] is True:
        return ""
    return shown_value(question, values[question.key], mask=mask)


def file_name(form: str, day: date) -> str:
    """Return what the file with the answers is called."""
    return f"{form}-{day:%Y%m%d}.csv"
