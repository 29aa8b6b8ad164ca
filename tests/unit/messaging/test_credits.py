"""Credits, as rules over one row (FC: token ledgers reconciled with the platform)."""

from datetime import UTC, datetime, timedelta

from quanyu.kernel.ids import PersonId
from quanyu.modules.messaging.credits import Answer, Credit, told

AT = datetime(2026, 3, 4, tzinfo=UTC)


def after(credit: Credit | None, *answers: Answer, long_term: bool = False) -> Credit:
    for answer in answers:
        position = credit.position + 1 if credit else 1
        at = AT + timedelta(minutes=position)
        credit = told(credit, answer, person_id=PersonId(7), at=at, position=position, long_term=long_term)
    assert credit is not None
    return credit


def test_each_accept_pays_for_one_and_withdrawing_takes_all() -> None:
    credit = after(None, Answer.ACCEPTED, Answer.ACCEPTED)
    assert (credit.granted, credit.left) == (2, 2)
    assert after(credit, Answer.SENT_ELSEWHERE).left == 1
    gone = after(credit, Answer.WITHDRAWN)
    assert (gone.granted, gone.used, gone.since) == (0, 0, AT + timedelta(minutes=3))
    assert after(gone, Answer.SENT_ELSEWHERE).used == 0
    assert after(gone, Answer.ACCEPTED).left == 1


def test_an_event_counted_before_changes_nothing() -> None:
    credit = after(None, Answer.ACCEPTED, Answer.ACCEPTED)
    again = told(
        credit, Answer.ACCEPTED, person_id=PersonId(7), at=AT, position=credit.position, long_term=False
    )
    assert again == credit


def test_a_long_term_template_stays_open_until_withdrawn_and_can_be_switched_on_again() -> None:
    credit = after(None, Answer.ACCEPTED, long_term=True)
    assert credit.long_term
    off = after(credit, Answer.WITHDRAWN, long_term=True)
    assert off.granted == 0
    assert after(off, Answer.ALLOWED, long_term=True).granted == 1
    assert after(after(None, Answer.ACCEPTED), Answer.WITHDRAWN, Answer.ALLOWED).granted == 0  # One-time.
