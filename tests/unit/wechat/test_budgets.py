"""Budgets: nothing known limits nothing; what is known holds calls back, and for how long."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.kernel.clock import FixedClock
from quanyu.wechat import budgets
from quanyu.wechat.budget_keeping import Budgets, MemoryBudgetStore
from quanyu.wechat.budgets import Budget
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


def test_in_store_goes_a_small_part_of_what_is_left() -> None:
    known = budgets.learn(Budget(), quota(daily=100, used=0), AT)

    after, got = budgets.grant(known, AT, need=4, spare=50)

    assert isinstance(got, budgets.Grant)
    assert (got.calls, got.spare) == (4 + 6, 6)
    assert (after.used, after.lent) == (10, 6)


def test_what_is_left_of_a_slice_comes_back_once_its_day_and_count_are_the_same() -> None:
    known = budgets.learn(Budget(), quota(daily=100, used=0), AT)
    after, got = budgets.grant(known, AT, need=1, spare=6)
    assert isinstance(got, budgets.Grant)

    settled = budgets.settle(after, got, rest=5, now=AT)
    learnt = budgets.settle(budgets.learn(after, quota(daily=100, used=1), AT), got, rest=5, now=AT)
    next_day = budgets.settle(after, got, rest=5, now=MIDNIGHT)

    assert (settled.used, settled.lent) == (2, 0)
    assert (learnt.used, learnt.lent) == (7, 0), (
        "the platform's count came after: it stays, with what was lent"
    )
    assert (next_day.used, next_day.lent) == (0, 0)


def test_calls_made_while_the_platform_was_asked_count_on_top() -> None:
    known = budgets.learn(Budget(), quota(daily=100, used=10), AT)
    since = budgets.mark(known, AT)
    called = take_all(known, AT, most=3)[0]

    assert budgets.learn(called, quota(daily=100, used=10), AT, since=since).used == 13
    assert budgets.learn(called, quota(daily=100, used=20), AT, since=since).used == 23


@given(st.data())
def test_whatever_processes_take_and_give_back_they_make_no_more_calls_than_allowed(
    data: st.DataObject,
) -> None:
    """Three processes with slices, at random, on one budget with a day's count and a bucket."""
    daily, burst = data.draw(st.integers(1, 200)), data.draw(st.integers(1, 60))
    budget, now = budgets.learn(Budget(), quota(daily=daily, burst=burst, seconds=10), AT), AT
    held: list[tuple[budgets.Grant, int] | None] = [None, None, None]
    made: list[datetime] = []
    for _ in range(data.draw(st.integers(1, 60))):
        who = data.draw(st.integers(0, 2))
        kept = held[who]
        if kept is not None and kept[1] > 0 and data.draw(st.booleans()):
            held[who] = (kept[0], kept[1] - 1)
            made.append(now)
            continue
        now += timedelta(seconds=data.draw(st.sampled_from([0, 0, 0.1, 1, 5])))
        if kept is not None:
            budget = budgets.settle(budget, kept[0], rest=kept[1], now=now)
        need = data.draw(st.integers(1, 5))
        budget, got = budgets.grant(budget, now, need=need, spare=data.draw(st.integers(0, 20)))
        if isinstance(got, datetime):
            held[who] = None
            continue
        at_once = got.calls - got.spare
        made += [now] * at_once
        held[who] = (got, got.spare)

    assert len(made) <= daily
    for first in range(len(made)):
        for last in range(first, len(made)):
            span_s = (made[last] - made[first]).total_seconds()
            assert last - first + 1 <= burst + span_s * burst / 10 + 1e-3


class CountingStore(MemoryBudgetStore):
    """Counts how often it is asked."""

    asked = 0

    async def change(self, app_id: str, path: str, step: Any) -> Any:
        self.asked += 1
        await asyncio.sleep(0)  # As any store that is not in this process.
        return await super().change(app_id, path, step)


async def test_a_busy_process_rarely_goes_to_the_store() -> None:
    store = CountingStore()
    kept = Budgets(store, FixedClock(AT), slice_max=128)

    for _ in range(10_000):
        await kept.take("wx1", PATH)

    assert store.asked < 200


async def test_callers_that_wait_together_are_served_by_one_look() -> None:
    store = CountingStore()
    kept = Budgets(store, FixedClock(AT), slice_max=128)

    await asyncio.gather(*(kept.take("wx1", PATH) for _ in range(100)))

    assert store.asked <= 3


async def test_a_quiet_process_keeps_nothing_in_store() -> None:
    store, clock = MemoryBudgetStore(), FixedClock(AT)
    kept = Budgets(store, clock, slice_max=128)

    for _ in range(20):
        await kept.take("wx1", PATH)
        clock.advance(timedelta(seconds=2))

    budget = await store.change("wx1", PATH, lambda budget: (budget, budget))
    assert (budget.used, budget.lent) == (20, 0)
