"""What forms state in the log: who answered what, as far as it may be counted."""

import re
from collections.abc import Mapping
from typing import Any, Final

from quanyu.infra.unit_of_work import Fact, FactIdentifier
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.forms.answer_queries import KeptAnswer
from quanyu.modules.forms.contracts import (
    ANSWER_PREFIX,
    DELETED,
    EDITED,
    EXPORTED,
    FORM_PREFIX,
    SUBMITTED,
    FormId,
)
from quanyu.modules.forms.definition import (
    ChoiceQuestion,
    ContactQuestion,
    FileQuestion,
    FormDefinition,
    MatrixQuestion,
    Question,
    RankingQuestion,
    RegionQuestion,
    TextQuestion,
)
from quanyu.modules.forms.regions import find_place

# Anywhere within a text: somebody may write down how to reach them where nobody asked.
_CONTACT: Final = re.compile(r"\d{7,}|(?:\d[ -]?){11}|[^\s@]+@[^\s@]+\.")


def answer_fact(
    form: str,
    definition: FormDefinition,
    answer: KeptAnswer,
    values: Mapping[str, Any],
    *,
    submission: str,
    identifiers: tuple[FactIdentifier, ...],
    context: Mapping[str, str],
    is_edit: bool,
    may_identify: bool = True,
) -> Fact:
    """State an answer: countable values as properties, what the profile is to know as traits.

    ``message_id`` is of the submission: the fact is there once, whatever is sent again.
    """
    form_id = encode_id(FORM_PREFIX, answer.form_id)
    return Fact(
        name=EDITED if is_edit else SUBMITTED,
        message_id=f"{form_id}:{submission}",
        occurred_at=answer.edited_at if is_edit and answer.edited_at else answer.submitted_at,
        person_id=None if answer.known_as is None else PersonId(answer.known_as),
        identifiers=identifiers,
        properties={
            "form_id": form_id,
            "form": form,
            "form_kind": definition.kind.value,
            "version": answer.version,
            "answer_id": encode_id(ANSWER_PREFIX, answer.answer_id),
            "score": answer.score,
            "result": answer.result,
            "seconds": answer.seconds,
            "answers": {
                question.key: told
                for question in definition.questions
                if question.key in values and (told := _property(question, values[question.key])) is not None
            },
        },
        traits=traits_of(definition, values, may_identify=may_identify),
        context=context,
        source=f"form:{form_id}",
    )


def deleted_fact(form_id: FormId, answer: KeptAnswer, *, actor: str, at: Any) -> Fact:
    """State who took an answer away."""
    shown = encode_id(ANSWER_PREFIX, answer.answer_id)
    return Fact(
        name=DELETED,
        message_id=f"forms:deleted:{shown}",
        occurred_at=at,
        person_id=None if answer.known_as is None else PersonId(answer.known_as),
        properties={"form_id": encode_id(FORM_PREFIX, form_id), "answer_id": shown, "actor": actor},
    )


def exported_fact(form_id: FormId, *, actor: str, answers: int, at: Any) -> Fact:
    """State who took all answers of a form out as a file."""
    shown = encode_id(FORM_PREFIX, form_id)
    return Fact(
        name=EXPORTED,
        message_id=f"forms:exported:{shown}:{at.isoformat()}",
        occurred_at=at,
        properties={"form_id": shown, "actor": actor, "answers": answers},
    )


def traits_of(
    definition: FormDefinition, values: Mapping[str, Any], *, may_identify: bool = True
) -> dict[str, Any]:
    """Return the attributes an answer tells; those of several questions to one attribute, the last.

    A link can be passed on: unless an answer ``may_identify``, numbers and addresses in it name nobody.
    """
    traits: dict[str, Any] = {}
    for question in definition.questions:
        if question.attribute and question.key in values:
            if isinstance(question, ContactQuestion) and not may_identify:
                continue
            traits[question.attribute] = _trait(question, values[question.key])
    return traits


def _property(question: Question, value: Any) -> Any:
    """Return what of an answer may be counted; ``None`` where nothing may."""
    match question:
        case ContactQuestion():
            return None
        case TextQuestion():
            is_countable = question.kind == "text" and not question.personal and not question.attribute
            return value if is_countable and _CONTACT.search(value) is None else None
        case ChoiceQuestion():
            labels = {option.key: option.label for option in question.options}
            picked = [labels.get(key, key) for key in value["picks"]]
            return picked if question.kind == "multi" else picked[0]
        case RankingQuestion():
            names = {option.key: option.label for option in question.options}
            return [names.get(key, key) for key in value["ranked"]]
        case MatrixQuestion():
            columns = {one.key: one.label for one in question.columns}
            return {row: columns.get(column, column) for row, column in value.items()}
        case FileQuestion():
            return len(value)
        case RegionQuestion():
            place = find_place(value)
            return value if place is None else "/".join(place.names)
        case _:
            return value


def _trait(question: Question, value: Any) -> Any:
    match question:
        case ContactQuestion() | TextQuestion():
            return value
        case RegionQuestion():
            return _address(value)
        case RankingQuestion():
            return _property(question, value)[0]  # A profile keeps what somebody likes best.
        case ChoiceQuestion() if "other" in value:
            told = _property(question, value)
            others = [option.label for option in question.options if option.is_other]
            written = value["other"]
            if isinstance(told, list):
                return [written if one in others else one for one in told]
            return written
        case _:
            return _property(question, value)


def _address(code: str) -> dict[str, str]:
    """Return a place as an address; where the city is only "within the city", the province names it."""
    place = find_place(code)
    if place is None:
        return {"code": code}
    names = dict(zip(("province", "city", "district"), place.names, strict=False))
    if names.get("city") in ("市辖区", "县"):
        names["city"] = names["province"]
    return names
