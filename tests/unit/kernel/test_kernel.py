"""The kernel's words: ids, money, clocks, cursors."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.kernel.clock import FixedClock, InvalidClock, SystemClock
from quanyu.kernel.errors import InvalidInput
from quanyu.kernel.ids import InvalidId, decode_id, encode_id, new_id
from quanyu.kernel.money import CurrencyMismatch, Money
from quanyu.kernel.paging import InvalidCursor, clamp_limit, decode_cursor, encode_cursor


@given(st.integers(0, 2**63 - 1))
def test_an_id_reads_back_as_it_was_written(number: int) -> None:
    assert decode_id("seg", encode_id("seg", number)) == number


@given(st.integers(0, 2**40), st.integers(0, 2**40))
def test_different_numbers_have_different_ids(first: int, second: int) -> None:
    assert (encode_id("per", first) == encode_id("per", second)) == (first == second)


@pytest.mark.parametrize(
    "text", ["", "seg_", "per_1", "seg_l", "seg_" + "1" * 14, "seg", "seg_zzzzzzzzzzzzz"]
)
def test_what_is_no_id_of_the_kind_is_refused(text: str) -> None:
    with pytest.raises(InvalidId):
        decode_id("seg", text)


def test_new_ids_rise_and_never_repeat() -> None:
    made = [new_id() for _ in range(10_000)]
    assert len(set(made)) == 10_000
    assert all(0 < number < 2**63 for number in made)


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 1000), min_size=1, max_size=20))
def test_parts_of_an_amount_sum_to_the_whole(amount: int, weights: list[int]) -> None:
    if sum(weights) == 0:
        with pytest.raises(InvalidInput):
            Money(amount).allocate(weights)
        return
    parts = Money(amount).allocate(weights)
    assert sum(part.amount_minor for part in parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.amount_minor * sum(weights) - amount * weight) < sum(weights)


def test_money_of_two_currencies_does_not_add() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(1, "CNY") + Money(1, "USD")


def test_a_fast_clock_runs_from_its_start() -> None:
    clock = SystemClock.from_env({"QUANYU_CLOCK": "0:1000:2"})
    assert clock.rate == 2
    assert clock.real_seconds(timedelta(seconds=10)) == 5
    assert SystemClock.from_env({"QUANYU_CLOCK": clock.to_env()}) == clock


@pytest.mark.parametrize("text", ["fast", "1:2", "1:2:0", "1:2:-1", "a:b:c"])
def test_a_clock_that_cannot_run_is_refused(text: str) -> None:
    with pytest.raises(InvalidClock):
        SystemClock.from_env({"QUANYU_CLOCK": text})


def test_a_fixed_clock_moves_only_when_told() -> None:
    clock = FixedClock(datetime(2026, 1, 1, tzinfo=UTC))
    clock.advance(timedelta(hours=1))
    assert clock.now() == datetime(2026, 1, 1, 1, tzinfo=UTC)


def test_a_cursor_of_another_list_is_refused() -> None:
    cursor = encode_cursor("2026-01-01", 7)
    assert decode_cursor(cursor, str, int) == ("2026-01-01", 7)
    for kinds in ((str,), (int, int), (str, int, int)):
        with pytest.raises(InvalidCursor, match="another list") as refused:
            decode_cursor(cursor, *kinds)
        assert refused.value.message_zh == "该分页游标属于另一个列表"
    with pytest.raises(InvalidCursor):
        decode_cursor("%%%", str)


def test_page_sizes_are_bounded() -> None:
    assert [clamp_limit(wanted) for wanted in (None, 0, 10, 10_000)] == [50, 1, 10, 200]
