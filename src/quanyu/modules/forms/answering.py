"""The page people answer on: what they see, and taking their answers once."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

import msgspec

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import FactIdentifier, UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import PersonId, TenantId, encode_id, new_id
from quanyu.modules.forms import rules
from quanyu.modules.forms.answer_queries import AnswerQueries, KeptAnswer, deltas_of
from quanyu.modules.forms.contracts import ANSWER_PREFIX, AnswerId, FormId, SubmitAnswers
from quanyu.modules.forms.definition import FormDefinition, FormKind, Once
from quanyu.modules.forms.errors import (
    AlreadyAnswered,
    AnswersRefused,
    FormChanged,
    FormFull,
    FormNotOpen,
    SubmissionConflict,
)
from quanyu.modules.forms.facts import answer_fact
from quanyu.modules.forms.public_view import public_form, vote_counts
from quanyu.modules.forms.queries import FormQueries, KeptForm, KeptVersion, was_valid
from quanyu.modules.forms.rules import Accepted, Opening
from quanyu.modules.people.contracts import Identifier
from quanyu.modules.people.identifiers import NAMESPACES
from quanyu.modules.tenants.contracts import NO_TENANT
from quanyu.modules.tenants.service import Tenants

GRACE: Final = timedelta(hours=24)  # So long a page opened before a new version may still send.
SEAL_CONTEXT: Final = b"forms.answer"
_encode = msgspec.json.Encoder(order="sorted").encode


class Visitors(Protocol):
    """Who looks, and what names them."""

    async def person(self, uow: UnitOfWork, ticket: str, cookies: Mapping[str, str]) -> PersonId | None:
        """Return who was recognised, as they are known today."""
        ...

    async def locate(self, uow: UnitOfWork, person_id: PersonId, namespace: str) -> Sequence[Identifier]:
        """Return a person's identifiers of one kind."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """What a request says of who looks."""

    device: bytes = field(repr=False)
    ticket: str = field(default="", repr=False)
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)
    source: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """A form as it stands while somebody answers."""

    form: KeptForm
    out: KeptVersion
    zone: ZoneInfo


class FormDoor:
    """Shows forms and takes answers; everybody may call it."""

    def __init__(
        self, uows: UnitOfWorkFactory, keyring: KeyRing, tenants: Tenants, visitors: Visitors
    ) -> None:
        self._uows = uows
        self._keyring = keyring
        self._tenants = tenants
        self._visitors = visitors

    async def find(self, token: str) -> tuple[TenantId, FormId] | None:
        """Return whose form an address names."""
        if not 1 <= len(token) <= 40:
            return None
        async with self._uows.system(NO_TENANT) as uow:
            return await FormQueries(uow).by_token(token)

    async def open(self, token: str, browser: Browser) -> dict[str, Any] | None:
        """Return what the page shows, and count who opened it; ``None`` where there is no such form."""
        found = await self.find(token)
        if found is None:
            return None
        tenant_id, form_id = found
        async with self._uows.app(tenant_id) as uow:
            form = await FormQueries(uow).get(form_id)
            brand = await self._tenants.get_brand(uow)
            if form.published is None:
                return None
            place = await self._place(uow, form)
            person = await self._visitors.person(uow, browser.ticket, browser.cookies)
            mine = None
            if place.out.definition.rules.once is not Once.MANY:
                mine = await AnswerQueries(uow).of_subject(form_id, person, browser.device)
            state = await self._opening(uow, place, mine)
            await FormQueries(uow).note_visit(form_id, browser.device, source=browser.source[:64])
            return await self._shown(uow, place, mine, state, browser, brand.name)

    async def note_page(self, token: str, device: bytes, page: int) -> None:
        """Keep how far a browser came; never fails."""
        found = await self.find(token)
        if found is None:
            return
        async with self._uows.app(found[0]) as uow:
            await FormQueries(uow).note_page(found[1], device, page)

    async def submit(self, token: str, browser: Browser, command: SubmitAnswers) -> dict[str, Any] | None:
        """Take an answer and return what to show then; ``None`` where there is no such form.

        Idempotent on ``submission``. The answer, its counters and the fact it states commit together;
        publishes ``forms.submitted`` or ``forms.answer_edited``.

        Raises:
            AnswersRefused: it does not follow the form; each place is named.
            AlreadyAnswered, FormNotOpen, FormFull, FormChanged, SubmissionConflict
        """
        found = await self.find(token)
        if found is None:
            return None
        tenant_id, form_id = found
        async with self._uows.app(tenant_id) as uow:
            # Shared: many answer at once, and a version is published between answers.
            form = await FormQueries(uow).get(form_id, lock="SHARE")
            if form.published is None:
                return None
            place = await self._place(uow, form)
            answer = await self._submit(uow, place, browser, command)
            return await self._thanks(uow, place, answer)

    async def _submit(
        self, uow: UnitOfWork, place: _Place, browser: Browser, command: SubmitAnswers
    ) -> KeptAnswer:
        queries, form_id = AnswerQueries(uow), place.form.form_id
        body_hash = hashlib.blake2b(_encode(command.answers), digest_size=16).digest()
        if (kept := await self._sent_before(uow, form_id, command, body_hash)) is not None:
            return kept
        self._require_open(uow, place)
        version = await self._version(uow, place, command.version)
        accepted = _accepted(version.definition, command.answers)
        person = await self._visitors.person(uow, command.ticket or browser.ticket, browser.cookies)
        before = None
        if version.definition.rules.once is not Once.MANY:
            before = await queries.of_subject(form_id, person, browser.device, lock=True)
        if before is not None and not _may_edit(place, before, browser):
            raise _already()
        answer = self._answer(uow, version, accepted, browser, command, person, before, form_id)
        if not await queries.add_submission(form_id, command.submission, answer.answer_id, body_hash):
            # Somebody sent the same at the same time, and was first.
            kept = await self._sent_before(uow, form_id, command, body_hash)
            assert kept is not None
            return kept
        if before is not None:
            await queries.replace(answer)
        elif not await queries.insert(answer):
            raise _already()
        await self._count(uow, place, before, answer)
        await FormQueries(uow).note_submitted(form_id, browser.device)
        await self._state(uow, place, version.definition, answer, accepted, command, person, before)
        return answer

    async def _sent_before(
        self, uow: UnitOfWork, form_id: FormId, command: SubmitAnswers, body_hash: bytes
    ) -> KeptAnswer | None:
        queries = AnswerQueries(uow)
        sent = await queries.find_submission(form_id, command.submission)
        if sent is None:
            return None
        kept = await queries.find(form_id, sent.answer_id)
        if sent.body_hash != body_hash or kept is None:
            raise SubmissionConflict(
                "this submission was used for another answer, or its answer was deleted",
                message_zh="该提交编号已用于其他内容，或对应的回答已被删除",
            )
        return kept

    async def _place(self, uow: UnitOfWork, form: KeptForm) -> _Place:
        out = (await FormQueries(uow).latest([form.form_id]))[form.form_id]
        return _Place(form, out, ZoneInfo((await self._tenants.get_brand(uow)).time_zone))

    def _require_open(self, uow: UnitOfWork, place: _Place) -> None:
        state = rules.opening(place.form.state, place.out.definition.rules, uow.clock.now())
        if state is not Opening.OPEN:
            raise FormNotOpen(
                f"the form takes no answers now: {state}",
                message_zh="表单尚未开始" if state is Opening.NOT_YET else "表单已结束",
                state=state.value,
            )

    async def _version(self, uow: UnitOfWork, place: _Place, number: int) -> KeptVersion:
        if number == place.out.version:
            return place.out
        versions = await FormQueries(uow).versions(place.form.form_id)
        if not was_valid(versions, number, uow.clock.now(), GRACE):
            raise FormChanged(
                "the form was published anew: open the page again",
                message_zh="表单内容已更新，请刷新页面后再提交",
                version=place.out.version,
            )
        return versions[number]

    def _answer(
        self,
        uow: UnitOfWork,
        version: KeptVersion,
        accepted: Accepted,
        browser: Browser,
        command: SubmitAnswers,
        person: PersonId | None,
        before: KeptAnswer | None,
        form_id: FormId,
    ) -> KeptAnswer:
        clear, sealed = rules.divide(version.definition, accepted.answers)
        once, now = version.definition.rules.once, uow.clock.now()
        fresh = KeptAnswer(
            answer_id=AnswerId(new_id()),
            form_id=form_id,
            version=version.version,
            person_id=person,
            known_as=person,
            device=browser.device,
            device_counts=once is Once.DEVICE or (once is Once.PERSON and person is None),
            once=once,
            is_repeat=False,
            answers=clear,
            sealed=self._keyring.seal(_encode(sealed), context=SEAL_CONTEXT) if sealed else None,
            score=accepted.score,
            result="" if accepted.result is None else accepted.result.title,
            source=command.source,
            seconds=command.seconds,
            submitted_at=now,
            edited_at=None,
        )
        if before is None:
            return fresh
        return replace(
            before,
            version=fresh.version,
            answers=fresh.answers,
            sealed=fresh.sealed,
            score=fresh.score,
            result=fresh.result,
            edited_at=now,
        )

    async def _count(
        self, uow: UnitOfWork, place: _Place, before: KeptAnswer | None, after: KeptAnswer
    ) -> None:
        """Move the counters of limits; whatever is over a limit undoes the whole answer."""
        definition = place.out.definition
        limits = rules.limits(definition, uow.clock.now(), place.zone)
        old = counters_of(definition, before, place.zone) & limits.keys() if before is not None else set()
        deltas = deltas_of(old, counters_of(definition, after, place.zone) & limits.keys())
        if not deltas:
            return
        stand = await AnswerQueries(uow).count_on(place.form.form_id, deltas)
        for key, delta in deltas.items():
            if delta > 0 and stand[key] > limits[key]:
                raise _full(definition, key)

    async def _state(
        self,
        uow: UnitOfWork,
        place: _Place,
        definition: FormDefinition,
        answer: KeptAnswer,
        accepted: Accepted,
        command: SubmitAnswers,
        person: PersonId | None,
        before: KeptAnswer | None,
    ) -> None:
        context = {
            "channel": "h5",
            **{
                key: value
                for key, value in (("source", command.source), ("campaign", command.campaign))
                if value
            },
        }
        uow.publish(
            answer_fact(
                place.form.name,
                definition,
                answer,
                accepted.answers,
                submission=command.submission,
                identifiers=await self._identifiers(uow, person, answer.device),
                context=context,
                is_edit=before is not None,
            )
        )

    async def _identifiers(
        self, uow: UnitOfWork, person: PersonId | None, device: bytes
    ) -> tuple[FactIdentifier, ...]:
        """Name who answers: a known person by their strongest identifier, else the browser.

        Who came by another's link must not have their browser taken for the other's.
        """
        if person is not None:
            for namespace in NAMESPACES:
                found = await self._visitors.locate(uow, person, namespace)
                if found:
                    one = found[0]
                    return (FactIdentifier(namespace=one.namespace, scope=one.scope, value=one.value),)
            return ()
        return (FactIdentifier(namespace="anonymous_id", scope="", value=f"form-{device.hex()}"),)

    async def _opening(self, uow: UnitOfWork, place: _Place, mine: KeptAnswer | None) -> Opening:
        state = rules.opening(place.form.state, place.out.definition.rules, uow.clock.now())
        if mine is not None:
            return Opening.ANSWERED
        if state is Opening.OPEN:
            limits = rules.limits(place.out.definition, uow.clock.now(), place.zone)
            stand = await AnswerQueries(uow).counters(place.form.form_id, limits)
            if any(not key.startswith("o:") and stand.get(key, 0) >= limit for key, limit in limits.items()):
                return Opening.FULL
        return state

    async def _shown(
        self,
        uow: UnitOfWork,
        place: _Place,
        mine: KeptAnswer | None,
        state: Opening,
        browser: Browser,
        brand: str,
    ) -> dict[str, Any]:
        definition = place.out.definition
        is_open = rules.opening(place.form.state, definition.rules, uow.clock.now()) is Opening.OPEN
        editable = mine is not None and is_open and _may_edit(place, mine, browser)
        shown: dict[str, Any] = {
            "state": state.value,
            "brand": brand,
            "title": definition.title,
            "version": place.out.version,
            "opens_at": definition.rules.opens_at,
            "can_edit": editable,
        }
        if state is Opening.OPEN or editable:
            limits = {
                key: limit
                for key, limit in rules.limits(definition, uow.clock.now(), place.zone).items()
                if key.startswith("o:")
            }
            stand = await AnswerQueries(uow).counters(place.form.form_id, limits)
            full = {key for key, limit in limits.items() if stand.get(key, 0) >= limit}
            shown["form"] = public_form(definition, full)
        if editable and mine is not None:
            shown["answers"] = open_answer(self._keyring, mine)
        if mine is not None:
            shown["thanks"] = await self._thanks(uow, place, mine)
        return shown

    async def _thanks(self, uow: UnitOfWork, place: _Place, answer: KeptAnswer) -> dict[str, Any]:
        definition = place.out.definition
        result = next((one for one in definition.results if one.title == answer.result), None)
        shown: dict[str, Any] = {
            "answer": encode_id(ANSWER_PREFIX, answer.answer_id),
            "title": definition.thanks.title,
            "text": definition.thanks.text,
            "link_url": definition.thanks.link_url,
            "link_label": definition.thanks.link_label,
            "result": None if result is None else {"title": result.title, "text": result.text},
            "score": answer.score if definition.rules.shows_score else None,
        }
        if definition.kind is FormKind.VOTE and definition.rules.shows_results:
            shown["votes"] = await vote_counts(uow, place.form.form_id, definition)
        return shown


def open_answer(keyring: KeyRing, answer: KeptAnswer) -> dict[str, Any]:
    """Return all values of an answer, unsealed."""
    if answer.sealed is None:
        return dict(answer.answers)
    sealed = msgspec.json.decode(keyring.open(answer.sealed, context=SEAL_CONTEXT))
    return {**answer.answers, **sealed}


def counters_of(definition: FormDefinition, answer: KeptAnswer, zone: ZoneInfo) -> set[str]:
    """Return the counters an answer stands in."""
    period = definition.rules.period_limit
    return rules.counted(
        answer.answers,
        submitted_at=answer.submitted_at,
        every="" if period is None else period.every,
        zone=zone,
    )


def _accepted(definition: FormDefinition, answers: Mapping[str, Any]) -> Accepted:
    try:
        return rules.accept(definition, answers)
    except rules.Refused as refused:
        first = refused.problems[0]
        raise AnswersRefused(
            f"{first.place}: {first.text}",
            message_zh=first.text_zh,
            problems=[
                {"place": one.place, "code": one.code, "text": one.text, "text_zh": one.text_zh}
                for one in refused.problems
            ],
        ) from None


def _may_edit(place: _Place, before: KeptAnswer, browser: Browser) -> bool:
    """Only from the browser that answered: a link passed on does not show or change another's answer."""
    return place.out.definition.rules.can_edit and before.device == browser.device


def _already() -> AlreadyAnswered:
    return AlreadyAnswered("this form takes one answer from each", message_zh="您已经提交过了")


def _full(definition: FormDefinition, key: str) -> FormFull:
    if key.startswith("o:"):
        _, question, option = key.split(":")
        return FormFull(
            "this option has been chosen as often as it may be",
            message_zh="该选项已满，请选择其他选项",
            place=question,
            option=option,
        )
    is_total = key == rules.TOTAL
    return FormFull(
        "the form takes no more answers" + ("" if is_total else " for now"),
        message_zh="名额已满" if is_total else "本时段名额已满，请稍后再来",
        place="",
    )
