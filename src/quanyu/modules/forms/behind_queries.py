"""The answers behind a figure."""

from dataclasses import dataclass
from typing import Any, Final, Literal, assert_never

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.forms.answer_queries import KeptAnswer, kept_answer
from quanyu.modules.forms.contracts import FormId
from quanyu.modules.forms.narrowing import ANSWERS, COUNTED, EVERYTHING, Bounds

# One text for whatever a bar stands for: an option, ``row/column`` of a matrix, ``option/place`` of an order,
# a step, a place, a day.
_FITS: Final = (
    "CASE WHEN jsonb_typeof(a.answers -> :question -> 'ranked') = 'array' THEN EXISTS ("
    "SELECT 1 FROM jsonb_array_elements_text(a.answers -> :question -> 'ranked') "
    "WITH ORDINALITY AS r(option, place) WHERE r.option || '/' || r.place = :value) "
    "WHEN jsonb_typeof(a.answers -> :question) = 'object' THEN "
    "coalesce(a.answers -> :question -> 'picks' @> to_jsonb(CAST(:value AS text)), "
    "a.answers -> :question ->> split_part(:value, '/', 1) = split_part(:value, '/', 2)) "
    "ELSE a.answers ->> :question = :value END"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which answers a figure counts: those with a value, those that answer a question, or all."""

    which: Literal["all", "chose", "answered"] = "all"
    question: str = ""
    value: str = ""

    def clause(self) -> str:
        """Return what such answers fulfil."""
        match self.which:
            case "all":
                return "true"
            case "chose":
                return _FITS
            case "answered":
                return "a.answers ? :question"
            case _:
                assert_never(self.which)


class BehindQueries:
    """Answers of one form within bounds."""

    def __init__(self, uow: UnitOfWork, form_id: FormId, bounds: Bounds = EVERYTHING) -> None:
        self._uow = uow
        self._params: dict[str, Any] = {"tenant": uow.tenant_id, "form": form_id, **bounds.params()}

    async def count(self, choice: Choice) -> int:
        """Return how many answers fit."""
        total = await self._uow.execute(
            f"SELECT count(*) FROM form_answer a WHERE {_where(choice)}",  # noqa: S608
            self._of(choice),
        )
        return int(total.scalar_one())

    async def page(self, choice: Choice, *, before: int | None, limit: int) -> list[KeptAnswer]:
        """Return answers that fit, the newest first."""
        rows = await self._uow.execute(
            f"SELECT a.* FROM form_answer a WHERE {_where(choice)} "  # noqa: S608
            "AND (CAST(:before AS bigint) IS NULL OR a.id < :before) ORDER BY a.id DESC LIMIT :limit",
            {**self._of(choice), "before": before, "limit": limit},
        )
        return [kept_answer(row) for row in rows]

    async def following(self, choice: Choice, *, after: int, limit: int) -> list[KeptAnswer]:
        """Return answers that fit in the order they were given, from the next after an id."""
        rows = await self._uow.execute(
            f"SELECT a.* FROM form_answer a WHERE {_where(choice)} "  # noqa: S608
            "AND a.id > :after ORDER BY a.id LIMIT :limit",
            {**self._of(choice), "after": after, "limit": limit},
        )
        return [kept_answer(row) for row in rows]

    async def people(self, choice: Choice, *, most: int) -> tuple[int, list[int]]:
        """Return how many known people answered so, and the first of them ascending."""
        rows = await self._uow.execute(
            "WITH behind AS (SELECT DISTINCT a.known_as AS person FROM form_answer a "  # noqa: S608
            f"WHERE {_where(choice)} AND a.known_as IS NOT NULL) "
            "SELECT (SELECT count(*) FROM behind), "
            "ARRAY(SELECT person FROM behind ORDER BY person LIMIT :most)",
            {**self._of(choice), "most": most},
        )
        total, people = rows.one()
        return total, people

    def _of(self, choice: Choice) -> dict[str, Any]:
        return {**self._params, "question": choice.question, "value": choice.value}


def _where(choice: Choice) -> str:
    """Repeats are listed, and no part of a figure."""
    return ANSWERS if choice.which == "all" else f"{COUNTED} AND {choice.clause()}"
