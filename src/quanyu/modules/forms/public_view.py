"""What of a form everybody may see: no scores, no tags, nothing of the profile."""

from collections.abc import Collection
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.forms.contracts import FormId
from quanyu.modules.forms.definition import ChoiceQuestion, FormDefinition
from quanyu.modules.forms.result_queries import ResultQueries
from quanyu.modules.forms.rules import option_key

_INSIDE_QUESTION: Final = {"attribute", "personal"}
_INSIDE_OPTION: Final = {"score", "limit", "tags"}


def public_form(definition: FormDefinition, full: Collection[str]) -> dict[str, Any]:
    """Return the form as the page needs it; options that were chosen often enough say so."""
    shown = definition.model_dump(mode="json", include={"kind", "title", "intro", "pages"})
    for page in shown["pages"]:
        for question in page["questions"]:
            for name in _INSIDE_QUESTION & question.keys():
                del question[name]
            for part in ("options", "rows", "columns"):
                for option in question.get(part, ()):
                    for name in _INSIDE_OPTION:
                        del option[name]
                    if option_key(question["key"], option["key"]) in full:
                        option["is_full"] = True
    return shown


async def vote_counts(uow: UnitOfWork, form_id: FormId, definition: FormDefinition) -> list[dict[str, Any]]:
    """Return how a vote stands, for those who voted."""
    counts = await ResultQueries(uow, form_id).values()
    return [
        {
            "key": question.key,
            "title": question.title,
            "options": [
                {"key": one.key, "label": one.label, "count": counts.get(question.key, {}).get(one.key, 0)}
                for one in question.options
            ],
        }
        for question in definition.questions
        if isinstance(question, ChoiceQuestion)
    ]
