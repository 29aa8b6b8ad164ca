"""Lanes: the token bucket and the circuit breaker, told the time."""

from quanyu.modules.messaging.lanes import Breaker, TokenBucket


def test_a_bucket_allows_its_burst_then_its_rate() -> None:
    bucket = TokenBucket(rate_per_s=10, burst=5)
    assert bucket.available(100.0) == 5
    bucket.take(5)
    assert bucket.available(100.0) == 0
    assert bucket.available(100.1) == 1
    assert bucket.available(200.0) == 5  # Never more than the burst.


def test_an_hour_of_asking_often_gives_the_rate() -> None:
    bucket = TokenBucket(rate_per_s=2.5, burst=1)
    taken = 0
    for tick in range(36_000):
        now = bucket.available(tick / 10)
        bucket.take(now)
        taken += now
    assert taken == 9_000


def test_a_bucket_changes_its_rate() -> None:
    bucket = TokenBucket(rate_per_s=100, burst=100)
    bucket.set_rate(0.5)
    assert bucket.available(0.0) == 1
    bucket.take(1)
    assert bucket.wait_s() == 2.0
    assert bucket.available(1.9) == 0
    assert bucket.available(2.1) == 1


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
