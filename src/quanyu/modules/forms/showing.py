"""What the page of a form shows before and after an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import encode_id
from quanyu.modules.forms import rules
from quanyu.modules.forms.answer_queries import AnswerQueries, KeptAnswer
from quanyu.modules.forms.contracts import ANSWER_PREFIX
from quanyu.modules.forms.definition import FormKind
from quanyu.modules.forms.public_view import public_form, vote_counts
from quanyu.modules.forms.queries import KeptForm, KeptVersion
from quanyu.modules.forms.rules import Opening

SEAL_CONTEXT: Final = b"forms.answer"


@dataclass(frozen=True, slots=True)
class Place:
    """A form as it stands while somebody answers."""

    form: KeptForm
    out: KeptVersion
    zone: ZoneInfo


class FormView:
    """Puts together what is shown."""

    def __init__(self, keyring: KeyRing) -> None:
        self._keyring = keyring

    async def opening(self, uow: UnitOfWork, place: Place, mine: KeptAnswer | None) -> Opening:
        """Return what somebody meets who gave the answer ``mine``, or none."""
        state = rules.opening(place.form.state, place.out.definition.rules, uow.clock.now())
        if mine is not None:
            return Opening.ANSWERED
        if state is Opening.OPEN:
            limits = rules.limits(place.out.definition, uow.clock.now(), place.zone)
            stand = await AnswerQueries(uow).counters(place.form.form_id, limits)
            if any(not key.startswith("o:") and stand.get(key, 0) >= limit for key, limit in limits.items()):
                return Opening.FULL
        return state

    async def shown(
        self,
        uow: UnitOfWork,
        place: Place,
        mine: KeptAnswer | None,
        state: Opening,
        devices: Sequence[bytes],
        brand: str,
    ) -> dict[str, Any]:
        """Return what the page shows: the form, or what came of it."""
        definition = place.out.definition
        is_open = rules.opening(place.form.state, definition.rules, uow.clock.now()) is Opening.OPEN
        editable = mine is not None and is_open and may_edit(place, mine, devices)
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
            shown["thanks"] = await self.thanks(uow, place, mine)
        return shown

    async def thanks(self, uow: UnitOfWork, place: Place, answer: KeptAnswer) -> dict[str, Any]:
        """Return what is shown after an answer."""
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


def may_edit(place: Place, before: KeptAnswer, devices: Sequence[bytes]) -> bool:
    """Only from the browser, or by the WeChat identity, that answered.

    A link passed on does not show or change another's answer.
    """
    return place.out.definition.rules.can_edit and before.device in devices


def open_answer(keyring: KeyRing, answer: KeptAnswer) -> dict[str, Any]:
    """Return all values of an answer, unsealed."""
    if answer.sealed is None:
        return dict(answer.answers)
    sealed = msgspec.json.decode(keyring.open(answer.sealed, context=SEAL_CONTEXT))
    return {**answer.answers, **sealed}
