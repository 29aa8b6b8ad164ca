"""Answers follow people who become one, and go back when they come apart."""

from collections.abc import Mapping, Sequence

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.forms.answer_queries import AnswerPeople


class FormPeople:
    """Called where people become one or come apart (``flows.person_merge``)."""

    async def follow_merges(self, uow: UnitOfWork, known_as: Mapping[PersonId, PersonId]) -> None:
        """Give answers of merged people to who they are now; idempotent."""
        await AnswerPeople(uow).follow_merges(known_as)

    async def follow_splits(self, uow: UnitOfWork, splits: Sequence[tuple[int, int, int]]) -> int:
        """Give answers back to who came apart; count them. Idempotent."""
        return await AnswerPeople(uow).follow_splits(splits)
