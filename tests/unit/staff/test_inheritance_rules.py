"""Who takes whom over, what is known before, and what answers of the platform mean."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.modules.staff.inheritance import rules
from quanyu.modules.staff.inheritance.contracts import Kind, Method, PlanInheritance, Taker
from quanyu.modules.staff.inheritance.reasons import Reason
from quanyu.modules.staff.inheritance.rules import Found, Room, Step, Verdict
from quanyu.wechat.wecom.inheritance import TransferStatus

NOW = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
ROOMS = st.lists(st.tuples(st.integers(1, 9), st.integers(-2, 40)), min_size=1, max_size=6).map(
    lambda pairs: [Room(f"u{index}", *pair) for index, pair in enumerate(pairs)]
)


@given(st.integers(0, 120), ROOMS, st.sampled_from(Method))
def test_everybody_is_allotted_while_there_is_room_and_nobody_beyond_it(
    count: int, rooms: list[Room], method: Method
) -> None:
    chosen = rules.allot(count, rooms, method)
    given_to = Counter(one for one in chosen if one is not None)
    free = {room.userid: max(0, room.free) for room in rooms}
    assert len(chosen) == count
    assert all(given_to[userid] <= room for userid, room in free.items())
    assert sum(given_to.values()) == min(count, sum(free.values()))
    assert chosen == rules.allot(count, rooms, method)


@given(st.integers(0, 120), st.integers(1, 6))
def test_evenly_differs_by_one_at_most(count: int, takers: int) -> None:
    rooms = [Room(f"u{index}", 1, 1_000) for index in range(takers)]
    numbers = Counter(rules.allot(count, rooms, Method.EVENLY))
    shares = [numbers[room.userid] for room in rooms]
    assert max(shares) - min(shares) <= 1


def test_weights_and_free_capacity_are_followed() -> None:
    weighed = [Room("a", 3, 1_000), Room("b", 1, 1_000)]
    assert Counter(rules.allot(100, weighed, Method.WEIGHT)) == {"a": 75, "b": 25}
    spacious = [Room("a", 1, 50), Room("b", 1, 10)]
    assert Counter(rules.allot(50, spacious, Method.CAPACITY)) == {"a": 45, "b": 5}
    assert rules.allot(2, [Room("a", 1, 1), Room("b", 1, 0)], Method.EVENLY) == ["a", None]


def test_problems_are_known_before() -> None:
    assert rules.problem_of(taker="a", moved=1, is_moving=False) == ""
    assert rules.problem_of(taker="a", moved=2, is_moving=False) == Reason.TOO_OFTEN
    assert rules.problem_of(taker="a", moved=2, is_moving=True) == Reason.IN_TRANSFER
    assert rules.problem_of(taker=None, moved=0, is_moving=False) == Reason.NO_ROOM


def test_ninety_natural_days_begin_at_midnight_in_china() -> None:
    assert rules.often_since(NOW) == datetime(2025, 12, 4, 16, 0, tzinfo=UTC)
    late = datetime(2026, 3, 4, 16, 30, tzinfo=UTC)  # Half past midnight of the next day there.
    assert rules.day_start(late) == datetime(2026, 3, 4, 16, 0, tzinfo=UTC)
    assert rules.next_day(late) == datetime(2026, 3, 5, 16, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "has_next", "verdict"),
    [
        (0, False, Verdict(Step.WAIT)),
        (40129, True, Verdict(Step.LOOK)),
        (40100, False, Verdict(Step.LOOK)),
        (40099, True, Verdict(Step.NEXT_TAKER, Reason.TAKER_FULL)),
        (40099, False, Verdict(Step.FAIL, Reason.TAKER_FULL)),
        (40128, True, Verdict(Step.FAIL, Reason.TOO_OFTEN)),
        (40131, True, Verdict(Step.FAIL, Reason.NOT_THEIRS)),
        (84074, True, Verdict(Step.NEXT_TAKER, Reason.TAKER_UNFIT)),
        (49999, False, Verdict(Step.FAIL, Reason.PLATFORM)),
    ],
)
def test_each_code_of_a_start_means_one_thing(code: int, has_next: bool, verdict: Verdict) -> None:
    assert rules.after_start(code, has_next=has_next) == verdict


def look(found: Found | None, code: int = 0, ended_before: bool = False) -> Verdict:
    return rules.after_look(found, intended_at=NOW, code=code, ended_before=ended_before)


def test_an_unknown_start_is_repeated_only_when_it_surely_did_not_happen() -> None:
    assert look(None) == Verdict(Step.AGAIN)
    assert look(Found(TransferStatus.WAITING, None)) == Verdict(Step.WAIT)
    assert look(Found(TransferStatus.WAITING, None), code=40129) == Verdict(Step.WAIT)
    assert look(None, code=40129) == Verdict(Step.FAIL, Reason.IN_TRANSFER)
    assert look(Found(TransferStatus.DONE, NOW + timedelta(days=1))) == Verdict(Step.DONE)
    assert look(Found(TransferStatus.DONE, NOW - timedelta(days=30))) == Verdict(Step.AGAIN)
    assert look(Found(TransferStatus.REFUSED, None)) == Verdict(Step.REFUSED, Reason.REFUSED)
    assert look(Found(TransferStatus.REFUSED, None), ended_before=True) == Verdict(Step.AGAIN)


def poll(found: Found | None, after: timedelta, has_next: bool = False) -> Verdict:
    return rules.after_poll(found, submitted_at=NOW, now=NOW + after, has_next=has_next)


def test_a_waiting_transfer_ends_as_the_platform_says() -> None:
    day = timedelta(hours=24, minutes=2)
    assert poll(Found(TransferStatus.WAITING, None), day) == Verdict(Step.WAIT)
    assert poll(Found(TransferStatus.DONE, NOW + rules.WAIT), day) == Verdict(Step.DONE)
    assert poll(Found(TransferStatus.DONE, NOW - timedelta(days=9)), day) == Verdict(Step.WAIT)
    assert poll(Found(TransferStatus.REFUSED, None), day, True) == Verdict(Step.REFUSED, Reason.REFUSED)
    assert poll(Found(TransferStatus.LIMIT, None), day, True) == Verdict(Step.NEXT_TAKER, Reason.TAKER_FULL)
    assert poll(None, day) == Verdict(Step.WAIT)
    assert poll(None, timedelta(days=10)) == Verdict(Step.FAIL, Reason.NO_ANSWER)


def test_questions_begin_after_a_day_and_grow_rare() -> None:
    first = NOW + timedelta(hours=24, minutes=1)
    assert rules.poll_at(NOW, NOW, 0) == first
    assert rules.poll_at(NOW, first, 1) == first + timedelta(minutes=10)
    assert rules.poll_at(NOW, first, 30) == first + timedelta(hours=6)


def test_the_next_candidate_was_not_tried() -> None:
    assert rules.next_taker(("a", "b", "c"), ("a", "b")) == "c"
    assert rules.next_taker(("a",), ("a",)) is None


def test_a_plan_names_nobody_twice_and_not_who_hands_over() -> None:
    def plan(*takers: str, **more: object) -> PlanInheritance:
        given = {"corp": "wcp_1", "handover": "a", "kind": Kind.ON_JOB, **more}
        return PlanInheritance.model_validate(
            given | {"takers": [Taker(userid=one).model_dump() for one in takers]}
        )

    assert plan("b", "c").method is Method.EVENLY
    for wrong in (("b", "b"), ("a",), ()):
        with pytest.raises(ValueError):  # noqa: PT011 - the framework words it.
            plan(*wrong)
    with pytest.raises(ValueError, match="takes no message"):
        plan("b", kind=Kind.RESIGNED, message="你好")
    with pytest.raises(ValueError, match="neither customers nor groups"):
        plan("b", customers=None)
