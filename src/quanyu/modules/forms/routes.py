"""HTTP: forms in the console, their pictures to print, and what was answered."""

from datetime import date
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Query, Response, status
from pydantic import BaseModel

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.ids import PersonId, decode_id
from quanyu.kernel.permissions import Permission
from quanyu.modules.channels.codes.contracts import ImageFormat
from quanyu.modules.channels.codes.service import draw
from quanyu.modules.forms.contracts import (
    AnswerPage,
    ChangeFormState,
    CrossTable,
    Form,
    FormIssues,
    FormRefusals,
    FormResults,
    FormRows,
    Narrowing,
    PersonForms,
    PublishPreview,
    QuestionWords,
    SaveForm,
)
from quanyu.modules.forms.figure_desk import FormFigures
from quanyu.modules.forms.results import FormResultsDesk, file_name
from quanyu.modules.forms.service import FormDesk, read_form_id
from quanyu.modules.forms.sniffing import IMAGES, MEDIA_TYPES
from quanyu.modules.forms.word_desk import FormWords

_Text = Annotated[str, Query(max_length=200)]
_Mark = Annotated[str, Query(max_length=64)]


def _narrowing(
    first_day: Annotated[date | None, Query(alias="from")] = None,
    last_day: Annotated[date | None, Query(alias="to")] = None,
    source: _Mark = "",
    unmarked: bool = False,
) -> Narrowing:
    return Narrowing(first_day=first_day, last_day=last_day, source=source, unmarked=unmarked)


_Narrowed = Annotated[Narrowing, Depends(_narrowing)]


class MadeForm(BaseModel):
    """The id of the form that was made."""

    id: str


def router(desk: FormDesk, results: FormResultsDesk, figures: FormFigures, words: FormWords) -> APIRouter:
    """Return the routes under ``/api/v1``."""
    routes = APIRouter(prefix="/api/v1", tags=["forms"], dependencies=[permits.FORMS])
    _forms(routes, desk)
    _publishing(routes, desk)
    _figures(routes, figures, words)
    _results(routes, desk, results)
    _refused(routes, desk)
    return routes


def _forms(routes: APIRouter, desk: FormDesk) -> None:
    @routes.get("/forms")
    async def list_forms(uow: RequestUow) -> FormRows:
        """The brand's forms, the newest first, with their answers."""
        return await desk.list_forms(uow)

    @routes.post("/forms", status_code=status.HTTP_201_CREATED)
    async def create_form(uow: RequestUow, caller: CurrentCaller, command: SaveForm) -> MadeForm:
        """Make a draft; nobody sees it before it is published."""
        form_id = await desk.create(uow, command, actor=caller.name)
        return MadeForm(id=(await desk.get(uow, form_id)).row.id)

    @routes.post("/forms/check")
    @permits.reads
    async def check_form(uow: RequestUow, command: SaveForm) -> FormIssues:
        """Say what would keep a form from being published; nothing is kept."""
        return FormIssues(items=await desk.check(uow, command.definition))

    @routes.get("/forms/{form_id}")
    async def get_form(uow: RequestUow, form_id: str) -> Form:
        """One form: its draft, what is published, and what keeps the draft from that."""
        return await desk.get(uow, read_form_id(form_id))

    @routes.put("/forms/{form_id}")
    async def save_form(uow: RequestUow, form_id: str, command: SaveForm) -> Form:
        """Replace the draft; what is published stays out until the next publication."""
        return await desk.save(uow, read_form_id(form_id), command)

    @routes.delete("/forms/{form_id}", status_code=status.HTTP_204_NO_CONTENT)
    async def delete_form(uow: RequestUow, form_id: str) -> None:
        """Delete a form that was never published."""
        await desk.delete(uow, read_form_id(form_id))


def _publishing(routes: APIRouter, desk: FormDesk) -> None:
    @routes.get("/forms/{form_id}/publish-preview")
    async def preview_publishing(uow: RequestUow, form_id: str) -> PublishPreview:
        """Say what publishing the draft would mean for the answers that are there."""
        return await desk.preview(uow, read_form_id(form_id))

    @routes.post("/forms/{form_id}/publish")
    async def publish_form(uow: RequestUow, caller: CurrentCaller, form_id: str) -> Form:
        """Make the draft the next version, and open the form."""
        return await desk.publish(uow, read_form_id(form_id), actor=caller.name)

    @routes.put("/forms/{form_id}/state")
    async def change_form_state(uow: RequestUow, form_id: str, command: ChangeFormState) -> Form:
        """Open, close or put away a form that was published."""
        return await desk.set_state(uow, read_form_id(form_id), command)

    @routes.get("/forms/{form_id}/image", response_class=Response)
    async def image_of_form(
        uow: RequestUow,
        form_id: str,
        image_format: Annotated[ImageFormat, Query(alias="format")] = "png",
        scale: Annotated[int, Query(ge=1, le=40)] = 12,
        s: _Mark = "",
        c: _Mark = "",
    ) -> Response:
        """The picture to print; ``s`` (source) and ``c`` (campaign) tell copies of it apart."""
        row = (await desk.get(uow, read_form_id(form_id))).row
        marks = urlencode({name: value for name, value in (("s", s), ("c", c)) if value})
        picture, media_type = draw(row.url + (f"?{marks}" if marks else ""), image_format, scale=scale)
        name = f'inline; filename="{row.id}.{image_format}"'
        return Response(picture, media_type=media_type, headers={"Content-Disposition": name})


def _figures(routes: APIRouter, figures: FormFigures, words: FormWords) -> None:
    @routes.get("/forms/{form_id}/results")
    async def results_of_form(uow: RequestUow, form_id: str, narrowing: _Narrowed) -> FormResults:
        """All figures of a form, of chosen days (both included) and of one source where they are said."""
        return await figures.figures(uow, read_form_id(form_id), narrowing)

    @routes.get("/forms/{form_id}/cross")
    async def cross_table_of_form(
        uow: RequestUow, form_id: str, rows: _Mark, columns: _Mark, narrowing: _Narrowed
    ) -> CrossTable:
        """How two questions were answered together."""
        return await figures.cross(uow, read_form_id(form_id), rows, columns, narrowing)

    @routes.get("/forms/{form_id}/words")
    async def words_of_question(
        uow: RequestUow, form_id: str, question: _Mark, narrowing: _Narrowed
    ) -> QuestionWords:
        """The words of answers to a question for text that at least three people wrote."""
        return await words.of_question(uow, read_form_id(form_id), question, narrowing)


def _results(routes: APIRouter, desk: FormDesk, results: FormResultsDesk) -> None:
    @routes.get("/forms/{form_id}/answers")
    async def list_answers(
        uow: RequestUow,
        form_id: str,
        narrowing: _Narrowed,
        question: _Mark = "",
        value: _Text = "",
        cursor: str | None = None,
        limit: int | None = None,
    ) -> AnswerPage:
        """Single answers, the newest first; of a bar of a chart, those behind it. Contacts are masked."""
        return await results.answers(
            uow,
            read_form_id(form_id),
            question=question,
            value=value,
            narrowing=narrowing,
            cursor=cursor,
            limit=limit,
        )

    @routes.get("/forms/{form_id}/answers/{answer}/files/{file}", response_class=Response)
    @permits.noted
    async def get_answer_file(uow: RequestUow, form_id: str, answer: str, file: str) -> Response:
        """A file of an answer, to keep or, if it is a picture, to look at. Nothing in it runs."""
        shown, content = await results.file(uow, read_form_id(form_id), answer, file)
        how = "inline" if shown.kind in IMAGES else "attachment"
        headers = {
            "Content-Disposition": f"{how}; filename*=UTF-8''{quote(shown.name)}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, no-store",
        }
        return Response(content, media_type=MEDIA_TYPES[shown.kind], headers=headers)

    @routes.delete("/forms/{form_id}/answers/{answer}", status_code=status.HTTP_204_NO_CONTENT)
    async def delete_answer(uow: RequestUow, caller: CurrentCaller, form_id: str, answer: str) -> None:
        """Delete an answer for good; who did so is kept in the log."""
        await results.delete(uow, read_form_id(form_id), answer, actor=caller.name)

    @routes.post("/forms/{form_id}/export", response_class=Response)
    @permits.needs(Permission.PEOPLE_EXPORT)
    async def export_answers(
        uow: RequestUow,
        caller: CurrentCaller,
        form_id: str,
        narrowing: _Narrowed,
        question: _Mark = "",
        value: _Text = "",
    ) -> Response:
        """The answers that the list shows, as CSV, contacts masked; who took them out is kept in the log."""
        number = read_form_id(form_id)
        content = await results.export(
            uow, number, question=question, value=value, narrowing=narrowing, actor=caller.name
        )
        name = file_name((await desk.get(uow, number)).row.name, uow.clock.now().date())
        shown = f"attachment; filename*=UTF-8''{quote(name)}"
        return Response(content, media_type="text/csv", headers={"Content-Disposition": shown})

    @routes.get("/people/{person}/forms")
    async def list_forms_of_person(uow: RequestUow, person: str) -> PersonForms:
        """What one person answered, the newest first."""
        number = decode_id("per", person)
        return await results.of_person(uow, PersonId(number)) if number < 2**31 else PersonForms(items=())


def _refused(routes: APIRouter, desk: FormDesk) -> None:
    @routes.get("/forms/{form_id}/refusals")
    async def refusals_of_form(
        uow: RequestUow,
        form_id: str,
        first_day: Annotated[date | None, Query(alias="from")] = None,
        last_day: Annotated[date | None, Query(alias="to")] = None,
    ) -> FormRefusals:
        """How often answers were refused, by reason and day of the brand (both days included)."""
        return await desk.refusals(uow, read_form_id(form_id), first_day=first_day, last_day=last_day)
