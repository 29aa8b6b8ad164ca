"""Lanes: leases of a rate all processes share, and the circuit breaker, told the time."""

from hypothesis import given
from hypothesis import strategies as st

from quanyu.modules.messaging.lanes import Breaker, Slice, Stock, lease


def _take(stock: Stock | None, now_s: float, asked: int = 1_000, rate: float = 10) -> tuple[Stock, int]:
    return lease(stock, rate_per_s=rate, asked=asked, returned=0, now_s=now_s)


def test_a_rate_allows_a_second_at_once_then_its_average() -> None:
    stock, granted = _take(None, 100.0)
    assert granted == 10
    assert [granted for stock, granted in [_take(stock, 100.0), _take(stock, 100.1)]] == [0, 1]
    assert _take(stock, 200.0)[1] == 10  # Never more than a second's worth.


def test_an_hour_of_asking_often_gives_the_rate() -> None:
    stock, taken = _take(None, 0.0, rate=0.5)
    for tick in range(1, 36_001):
        stock, granted = _take(stock, tick / 10, rate=0.5)
        taken += granted
    assert taken == 1 + 1_800


def test_what_was_not_used_is_given_back() -> None:
    stock, granted = lease(None, rate_per_s=10, asked=8, returned=0, now_s=1.0)
    assert granted == 8
    stock, granted = lease(stock, rate_per_s=10, asked=10, returned=5, now_s=1.0)
    assert granted == 7


@given(st.lists(st.tuples(st.floats(-5, 5), st.integers(0, 20)), max_size=50))
def test_processes_whose_clocks_differ_never_send_faster_together(asks: list[tuple[float, int]]) -> None:
    stock: Stock | None = None
    taken, times = 0, []
    for number, (skew_s, asked) in enumerate(asks):
        times.append(1_000 + number / 10 + skew_s)
        stock, granted = lease(stock, rate_per_s=10, asked=asked, returned=0, now_s=times[-1])
        taken += granted
    if times:
        assert taken <= 10 + (max(times) - times[0]) * 10 + 1


def test_a_slice_ends() -> None:
    assert Slice(left=3, ends_s=2.0).available(1.9) == 3
    assert Slice(left=3, ends_s=2.0).available(2.0) == 0
    assert Slice().available(0.0) == 0


def test_a_breaker_opens_after_failures_in_a_row_only() -> None:
    breaker = Breaker(threshold=3, cooldown_s=10)
    for _ in range(5):
        breaker.failed(0.0)
        breaker.failed(0.0)
        breaker.succeeded()
    assert not breaker.is_open
    assert breaker.allowance(0.0, 7) == 7
    for _ in range(3):
        breaker.failed(1.0)
    assert breaker.is_open
    assert breaker.allowance(10.9, 7) == 0


def test_an_open_breaker_lets_one_call_try_and_closes_when_it_succeeds() -> None:
    breaker = Breaker(threshold=1, cooldown_s=10)
    breaker.failed(0.0)
    assert breaker.allowance(10.0, 7) == 1
    breaker.began(1)
    assert breaker.allowance(11.0, 7) == 0
    breaker.failed(12.0)
    assert breaker.allowance(13.0, 7) == 0
    assert breaker.allowance(22.0, 7) == 1
    breaker.began(1)
    breaker.succeeded()
    assert breaker.allowance(22.0, 7) == 7
