"""Once it is known whose an answer is: the answer says so, and the tags of its options are given."""

from collections.abc import Sequence
from typing import Any, Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.errors import NotFound
from quanyu.kernel.ids import PersonId, TenantId, decode_id
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.forms.answer_queries import AnswerPeople, AnswerQueries, KeptAnswer
from quanyu.modules.forms.contracts import ANSWER_PREFIX, EDITED, FORM_PREFIX, SUBMITTED, AnswerId, FormId
from quanyu.modules.forms.definition import ChoiceQuestion
from quanyu.modules.forms.queries import FormQueries, KeptVersion
from quanyu.modules.people.tags.contracts import Origin, TagChange
from quanyu.modules.people.tags.giving import TagGiving
from quanyu.modules.people.tags.rules import Cause

_log = get_logger("forms")


class AnswerSubscriber:
    """React subscriber ``forms.answers``; idempotent: what is said already is said again."""

    name: Final = "forms.answers"
    after: Final[Sequence[str]] = ()

    def __init__(self) -> None:
        self._tags = TagGiving()

    def wants(self, event_name: str) -> bool:
        """Only our own facts."""
        return event_name in (SUBMITTED, EDITED)

    async def prepare(self, tenant_id: TenantId, events: Sequence[LogEvent]) -> None:
        """Nothing is needed from outside."""

    async def apply(self, uow: UnitOfWork, events: Sequence[LogEvent], prepared: None) -> None:
        """Settle whose the answers are, then give their tags."""
        known = [one for one in events if one.person_id is not None and one.source.startswith("form:")]
        await AnswerPeople(uow).settle(
            [
                (_answer_id(one), one.stamped_id or one.person_id or 0, one.person_id or 0)
                for one in {_answer_id(one): one for one in known}.values()
            ]
        )
        versions: dict[FormId, dict[int, KeptVersion]] = {}
        for event in known:
            form_id = FormId(decode_id(FORM_PREFIX, event.properties["form_id"]))
            if form_id not in versions:
                versions[form_id] = await FormQueries(uow).versions(form_id)
            answer = await AnswerQueries(uow).find(form_id, AnswerId(_answer_id(event)))
            if answer is not None and event.person_id is not None:
                await self._give(uow, event.person_id, versions[form_id][answer.version], answer)

    async def _give(
        self, uow: UnitOfWork, person_id: PersonId, version: KeptVersion, answer: KeptAnswer
    ) -> None:
        for question in version.definition.questions:
            value = answer.answers.get(question.key)
            if not isinstance(question, ChoiceQuestion) or not isinstance(value, dict):
                continue
            for option in question.options:
                if option.key in value["picks"]:
                    await self._give_each(uow, person_id, option.tags, answer)

    async def _give_each(
        self, uow: UnitOfWork, person_id: PersonId, tags: Sequence[str], answer: KeptAnswer
    ) -> None:
        """One by one: of tags that exclude each other the last stays; one that is gone is left out."""
        for tag in tags:
            cause = Cause(origin=Origin.FORM, about=f"form:{answer.form_id}")
            try:
                await self._tags.change(uow, [person_id], TagChange(add=(tag,)), cause=cause)
            except NotFound:
                _log.info("forms.tag_gone", tag=tag, form_id=answer.form_id)


def _answer_id(event: Any) -> int:
    return decode_id(ANSWER_PREFIX, event.properties["answer_id"])
