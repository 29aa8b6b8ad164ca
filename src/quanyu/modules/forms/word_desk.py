"""Words people write most in answer to a question. What is sealed is opened to be counted, and no more."""

import asyncio
from collections.abc import Sequence
from typing import Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.forms.answer_queries import KeptAnswer
from quanyu.modules.forms.behind_queries import BehindQueries, Choice
from quanyu.modules.forms.contracts import FormId, Narrowing, QuestionWords, WordCount
from quanyu.modules.forms.definition import TextQuestion
from quanyu.modules.forms.errors import NoWords, UnknownQuestion
from quanyu.modules.forms.figure_desk import Asked, FormFigures
from quanyu.modules.forms.figures import tells_words
from quanyu.modules.forms.showing import open_answer
from quanyu.modules.forms.words import WRITERS_MIN, Written, count_words

_PAGE: Final = 1_000
ANSWERS_MAX: Final = 10_000
SIGNS_MAX: Final = 1_000_000  # Half a second of one processor.


class FormWords:
    """Counts words."""

    def __init__(self, keyring: KeyRing, figures: FormFigures) -> None:
        self._keyring = keyring
        self._figures = figures

    async def of_question(
        self, uow: UnitOfWork, form_id: FormId, question: str, narrowing: Narrowing
    ) -> QuestionWords:
        """Return the words of the latest answers, as many of these as can be read in a moment.

        Raises:
            UnknownForm, FormNotOpen, UnfitFilter
            UnknownQuestion: the form does not ask it, or not for text.
            NoWords: what is answered is about one person.
        """
        asked = await self._figures.asked(uow, form_id, narrowing)
        _require_text(asked, question)
        queries, choice = BehindQueries(uow, form_id, asked.bounds), Choice("answered", question)
        kept, answered = await _latest(queries, choice), await queries.count(choice)
        async with uow.apart():
            words, read = await asyncio.to_thread(self._count, kept, question)
        return QuestionWords(
            answered=answered,
            read=read,
            least=WRITERS_MIN,
            words=tuple(WordCount(word=word, answers=n) for word, n in words),
        )

    def _count(self, kept: Sequence[KeptAnswer], question: str) -> tuple[list[tuple[str, int]], int]:
        """Return the words, and of how many answers: opening and counting both take a processor."""
        written: list[Written] = []
        room = SIGNS_MAX
        for answer in kept:
            text = open_answer(self._keyring, answer).get(question)
            # What was erased since says no more than that it was there.
            known = text if isinstance(text, str) else ""
            room -= len(known)
            if room < 0:
                break
            written.append(Written(answer.known_as or answer.device, known))
        return count_words(written), len(written)


async def _latest(queries: BehindQueries, choice: Choice) -> list[KeptAnswer]:
    kept: list[KeptAnswer] = []
    before = None
    while len(kept) < ANSWERS_MAX and (page := await queries.page(choice, before=before, limit=_PAGE)):
        before = page[-1].answer_id
        kept += page
    return kept


def _require_text(asked: Asked, key: str) -> None:
    found = next((one for one in asked.out.definition.questions if one.key == key), None)
    if not isinstance(found, TextQuestion):
        raise UnknownQuestion(
            f"the form asks no question {key[:32]} for text",
            message_zh="表单中没有这道文字题，请重新选择",
        )
    if not tells_words(found):
        raise NoWords(
            f"answers to {key[:32]} are personal or written to the profile, so their words are not counted; "
            "read single answers instead",
            message_zh="此题的回答是个人信息或写入客户属性，不统计词频，请查看单份回答",
        )
