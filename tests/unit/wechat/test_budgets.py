"""Budgets: nothing known limits nothing; what is known holds calls back, and for how long."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.kernel.clock import FixedClock
from quanyu.wechat import budgets
from quanyu.wechat.budgets import Budget, Budgets, MemoryBudgetStore
from quanyu.wechat.common import management
from quanyu.wechat.common.management import Quota, QuotaAnswer, RateLimit
from quanyu.wechat.errors import BudgetSpent, QuotaExceeded, refusal
from quanyu.wechat.official_account.client import OfficialAccountClient
from unit.wechat.scripted import AT, answer, scripted

PATH = "/cgi-bin/template/get_all_private_template"
MIDNIGHT = datetime(2026, 3, 4, 16, tzinfo=UTC)  # In China.


def quota(*, daily: int = 0, used: int = 0, burst: int = 0, seconds: int = 0) -> QuotaAnswer:
    return QuotaAnswer(
        quota=Quota(daily_limit=daily, used=used, remain=daily - used),
        rate_limit=RateLimit(call_count=burst, refresh_second=seconds),
    )


def limit(code: int) -> QuotaExceeded:
    error = refusal(code, "", path=PATH)
    assert isinstance(error, QuotaExceeded)
    return error


def take_all(budget: Budget, now: datetime, *, most: int = 1000) -> tuple[Budget, int, datetime | None]:
    for taken in range(most):
        budget, retry_at = budgets.take(budget, now)
        if retry_at is not None:
            return budget, taken, retry_at
    return budget, most, None


def test_nothing_known_limits_nothing() -> None:
    assert take_all(Budget(), AT)[1:] == (1000, None)


def test_the_daily_count_goes_on_from_what_the_platform_says() -> None:
    known = budgets.learn(Budget(), quota(daily=100, used=93), AT)

    spent, taken, retry_at = take_all(known, AT)

    assert (taken, retry_at) == (7, MIDNIGHT)
    assert budgets.take(spent, MIDNIGHT - timedelta(seconds=1))[1] == MIDNIGHT
    assert take_all(spent, MIDNIGHT)[1] == 100


def test_a_bucket_fills_as_time_passes() -> None:
    known = budgets.learn(Budget(), quota(burst=10, seconds=60), AT)

    spent, taken, retry_at = take_all(known, AT)

    assert (taken, retry_at) == (10, AT + timedelta(seconds=6))
    assert take_all(spent, AT + timedelta(seconds=18))[1] == 3
    assert take_all(spent, AT + timedelta(hours=1))[1] == 10


def test_what_is_told_again_does_not_fill_the_bucket() -> None:
    spent = take_all(budgets.learn(Budget(), quota(burst=10, seconds=60), AT), AT)[0]

    assert take_all(budgets.learn(spent, quota(burst=10, seconds=60), AT), AT)[1] == 0


@pytest.mark.parametrize(
    ("code", "until"),
    [
        (44990, AT + timedelta(seconds=1)),
        (42010, AT + timedelta(seconds=5)),
        (45011, AT + timedelta(minutes=1)),
        (44991, AT + timedelta(minutes=1)),
        (45009, MIDNIGHT),
        (44993, MIDNIGHT),
        (48006, datetime(2026, 3, 31, 16, tzinfo=UTC)),
    ],
)
def test_a_refusal_closes_the_call_for_as_long_as_it_lasts(code: int, until: datetime) -> None:
    closed = budgets.close(Budget(), limit(code), AT)

    assert budgets.take(closed, AT)[1] == until
    assert budgets.take(closed, until)[1] is None


def test_a_shorter_refusal_does_not_open_what_a_longer_one_closed() -> None:
    closed = budgets.close(budgets.close(Budget(), limit(45009), AT), limit(44990), AT)

    assert budgets.take(closed, AT)[1] == MIDNIGHT


def test_a_cleared_count_opens_the_call_again() -> None:
    closed = budgets.close(Budget(), limit(45009), AT)

    assert budgets.take(budgets.reopen(closed), AT)[1] is None
    assert budgets.take(budgets.learn(closed, quota(daily=100, used=0), AT), AT)[1] is None
    assert budgets.take(budgets.learn(closed, quota(daily=100, used=100), AT), AT)[1] == MIDNIGHT


def test_days_and_months_turn_in_china() -> None:
    assert budgets.next_day(datetime(2026, 3, 4, 15, 59, tzinfo=UTC)) == MIDNIGHT
    assert budgets.next_day(MIDNIGHT) == MIDNIGHT + timedelta(days=1)
    assert budgets.next_month(datetime(2026, 12, 31, 16, tzinfo=UTC)) == datetime(2027, 1, 31, 16, tzinfo=UTC)


@given(
    st.integers(1, 50),
    st.integers(1, 120),
    st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=200),
)
def test_no_span_ever_sees_more_calls_than_bucket_and_refill(
    burst: int, seconds: int, gaps: list[float]
) -> None:
    budget, now, taken = budgets.learn(Budget(), quota(burst=burst, seconds=seconds), AT), AT, []
    for gap in gaps:
        now += timedelta(seconds=gap)
        budget, retry_at = budgets.take(budget, now)
        if retry_at is None:
            taken.append(now)
        else:
            assert retry_at > now

    for first in range(len(taken)):
        for last in range(first, len(taken)):
            span_s = (taken[last] - taken[first]).total_seconds()
            assert last - first + 1 <= burst + span_s * burst / seconds + 1e-3


class Rig:
    """A client with budgets, and what it asked."""

    def __init__(self, *answers: Any) -> None:
        self.clock = FixedClock(AT)
        self.budgets = Budgets(MemoryBudgetStore(), self.clock)
        self.client, self.transport = scripted(
            OfficialAccountClient, *answers, clock=self.clock, budgets=self.budgets
        )


async def test_a_client_stops_calling_when_it_was_told_that_the_day_is_used_up() -> None:
    rig = Rig(answer({"errcode": 45009, "errmsg": "reach max api daily quota limit"}))

    with pytest.raises(QuotaExceeded):
        await rig.client.templates()
    with pytest.raises(BudgetSpent) as caught:
        await rig.client.templates()

    assert caught.value.retry_at == MIDNIGHT
    assert len(rig.transport.asked) == 1, "the second call was held back"


async def test_other_calls_go_on() -> None:
    rig = Rig(answer({"errcode": 45009, "errmsg": "x"}), answer({"ip_list": ["1.2.3.4"]}))
    with pytest.raises(QuotaExceeded):
        await rig.client.templates()

    assert await rig.client.callback_addresses() == ("1.2.3.4",)


async def test_asking_the_platform_for_the_quota_teaches_the_client() -> None:
    rig = Rig(answer({"quota": {"daily_limit": 10, "used": 9, "remain": 1}}), answer({"template_list": []}))

    await rig.client.quota(PATH)
    await rig.client.templates()
    with pytest.raises(BudgetSpent):
        await rig.client.templates()

    assert len(rig.transport.asked) == 2


async def test_a_cleared_call_goes_on() -> None:
    rig = Rig(answer({"errcode": 45009, "errmsg": "x"}), answer({}), answer({"template_list": []}))
    with pytest.raises(QuotaExceeded):
        await rig.client.templates()

    await rig.client.call(management.CLEAR_CALL_QUOTA, management.QuotaRequest(cgi_path=PATH))
    await rig.budgets.cleared(rig.client.app_id, PATH)

    assert await rig.client.templates() == ()
