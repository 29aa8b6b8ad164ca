"""The page people answer on: what they see, and taking their answers once."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import FactIdentifier, UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.errors import AppError
from quanyu.kernel.ids import PersonId, TenantId, new_id
from quanyu.modules.forms import refusing, rules
from quanyu.modules.forms.answer_queries import AnswerQueries, KeptAnswer, deltas_of
from quanyu.modules.forms.contracts import AnswerId, FormId, SubmitAnswers
from quanyu.modules.forms.definition import FormDefinition, Once, WeChatAccess
from quanyu.modules.forms.errors import FormChanged, SubmissionConflict
from quanyu.modules.forms.facts import answer_fact
from quanyu.modules.forms.queries import FormQueries, KeptForm, KeptVersion, was_valid
from quanyu.modules.forms.refusals import Refusals
from quanyu.modules.forms.refusing import already, full, reason_of, require_open, require_time_taken
from quanyu.modules.forms.rules import Accepted, Opening
from quanyu.modules.forms.showing import SEAL_CONTEXT, FormView, Place, may_edit
from quanyu.modules.forms.uploads import AnswerFiles
from quanyu.modules.forms.visitors import (
    Browser,
    Visitor,
    Visitors,
    devices_of,
    lacks_wechat,
    only_in_wechat,
    wechat_needed,
)
from quanyu.modules.people.identifiers import NAMESPACES
from quanyu.modules.tenants.contracts import NO_TENANT
from quanyu.modules.tenants.service import Tenants

GRACE: Final = timedelta(hours=24)  # So long a page opened before a new version may still send.
_encode = msgspec.json.Encoder(order="sorted").encode


class FormDoor:
    """Shows forms and takes answers; everybody may call it."""

    def __init__(
        self, uows: UnitOfWorkFactory, keyring: KeyRing, tenants: Tenants, visitors: Visitors
    ) -> None:
        self._uows = uows
        self._keyring = keyring
        self._tenants = tenants
        self._visitors = visitors
        self._view = FormView(keyring)
        self._files = AnswerFiles(keyring)
        self._refusals = Refusals(tenants)

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
            visitor = await self._visitors.who(uow, token, browser.ticket, browser.cookies)
            mine = None
            if place.out.definition.rules.once is not Once.MANY:
                devices = devices_of(visitor, browser)
                mine = await AnswerQueries(uow).of_subject(form_id, visitor.person, devices)
            state = await self._view.opening(uow, place, mine)
            await FormQueries(uow).note_visit(form_id, browser.device, source=browser.source[:64])
            if state is Opening.OPEN and lacks_wechat(place.out.definition, visitor):
                return only_in_wechat(place.out, brand.name)
            return await self._view.shown(uow, place, mine, state, devices_of(visitor, browser), brand.name)

    async def wechat_access(self, tenant_id: TenantId, form_id: FormId) -> WeChatAccess | None:
        """Return which official account tells who answers; ``None`` where none is to, or nothing is out."""
        async with self._uows.app(tenant_id) as uow:
            out = (await FormQueries(uow).latest([form_id])).get(form_id)
        return None if out is None else out.definition.rules.wechat

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
            AnsweredTooFast: fewer seconds passed than the form asks for.
            AlreadyAnswered, FormNotOpen, FormFull, FormChanged, SubmissionConflict, WeChatNeeded

        Refusals are counted by reason and day.
        """
        found = await self.find(token)
        if found is None:
            return None
        try:
            return await self._take(*found, browser, command)
        except AppError as refusal:
            # What was written of the answer is undone by now: the count is of another commit.
            reason = reason_of(refusal)
            if reason is not None:
                async with self._uows.app(found[0]) as uow:
                    await self._refusals.note(uow, found[1], reason)
            raise

    async def _take(
        self, tenant_id: TenantId, form_id: FormId, browser: Browser, command: SubmitAnswers
    ) -> dict[str, Any] | None:
        async with self._uows.app(tenant_id) as uow:
            # Shared: many answer at once, and a version is published between answers.
            form = await FormQueries(uow).get(form_id, lock="SHARE")
            if form.published is None:
                return None
            place = await self._place(uow, form)
            answer = await self._submit(uow, place, browser, command)
            return await self._view.thanks(uow, place, answer)

    async def _submit(
        self, uow: UnitOfWork, place: Place, browser: Browser, command: SubmitAnswers
    ) -> KeptAnswer:
        queries, form_id = AnswerQueries(uow), place.form.form_id
        body_hash = hashlib.blake2b(_encode(command.answers), digest_size=16).digest()
        if (kept := await self._sent_before(uow, form_id, command, body_hash)) is not None:
            return kept
        require_open(place.form.state, place.out.definition, uow.clock.now())
        version = await self._version(uow, place, command.version)
        accepted = refusing.accepted(version.definition, command.answers)
        ticket = command.ticket or browser.ticket
        visitor = await self._visitors.who(uow, place.form.token, ticket, browser.cookies)
        if lacks_wechat(version.definition, visitor):
            raise wechat_needed()
        devices, before = devices_of(visitor, browser), None
        if version.definition.rules.once is not Once.MANY:
            before = await queries.of_subject(form_id, visitor.person, devices, lock=True)
        if before is not None and not may_edit(place, before, devices):
            raise already()
        if before is None:
            began_at = await FormQueries(uow).began_at(form_id, browser.device)
            require_time_taken(place.out.definition.rules.least_seconds, began_at, uow.clock.now())
        answer = self._answer(uow, version, accepted, devices[0], command, visitor.person, before, form_id)
        if not await queries.add_submission(form_id, command.submission, answer.answer_id, body_hash):
            # Somebody sent the same at the same time, and was first.
            kept = await self._sent_before(uow, form_id, command, body_hash)
            assert kept is not None
            return kept
        if before is not None:
            await queries.replace(answer)
        elif not await queries.insert(answer):
            raise already()
        await self._files.attach(uow, version.definition, answer, accepted.answers, device=browser.device)
        await self._count(uow, place, before, answer)
        await FormQueries(uow).note_submitted(form_id, browser.device)
        await self._state(uow, place, version.definition, answer, accepted, command, visitor, before)
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

    async def _place(self, uow: UnitOfWork, form: KeptForm) -> Place:
        out = (await FormQueries(uow).latest([form.form_id]))[form.form_id]
        return Place(form, out, ZoneInfo((await self._tenants.get_brand(uow)).time_zone))

    async def _version(self, uow: UnitOfWork, place: Place, number: int) -> KeptVersion:
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
        device: bytes,
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
            device=device,
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
        self, uow: UnitOfWork, place: Place, before: KeptAnswer | None, after: KeptAnswer
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
                raise full(key)

    async def _state(
        self,
        uow: UnitOfWork,
        place: Place,
        definition: FormDefinition,
        answer: KeptAnswer,
        accepted: Accepted,
        command: SubmitAnswers,
        visitor: Visitor,
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
                identifiers=await self._identifiers(uow, visitor, answer.device),
                context=context,
                is_edit=before is not None,
                may_identify=not visitor.by_ticket,
            )
        )

    async def _identifiers(
        self, uow: UnitOfWork, visitor: Visitor, device: bytes
    ) -> tuple[FactIdentifier, ...]:
        """Name who answers: as WeChat does, a known person by their strongest identifier, else the browser.

        Who came by another's link must not have their browser taken for the other's.
        """
        if visitor.identifiers:
            return visitor.identifiers
        person = visitor.person
        if person is not None:
            for namespace in NAMESPACES:
                found = await self._visitors.locate(uow, person, namespace)
                if found:
                    one = found[0]
                    return (FactIdentifier(namespace=one.namespace, scope=one.scope, value=one.value),)
            return ()
        return (FactIdentifier(namespace="anonymous_id", scope="", value=f"form-{device.hex()}"),)


def counters_of(definition: FormDefinition, answer: KeptAnswer, zone: ZoneInfo) -> set[str]:
    """Return the counters an answer stands in."""
    period = definition.rules.period_limit
    return rules.counted(
        answer.answers,
        submitted_at=answer.submitted_at,
        every="" if period is None else period.every,
        zone=zone,
    )
