"""Who is next: urgent messages first, then campaigns in turn."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from quanyu.modules.messaging.fairness import FairShares, Queue

SALE, NEWS, PAID = Queue(1, 1, "bct_sale"), Queue(1, 1, "bct_news"), Queue(1, 0, "jrn_paid")


def _shares(*queues: Queue) -> FairShares:
    shares = FairShares()
    shares.keep(queues)
    return shares


def test_what_people_wait_for_goes_before_any_campaign() -> None:
    shares = _shares(SALE, PAID, NEWS)
    assert shares.share([SALE, PAID, NEWS], {1: 5}, {}) == {PAID: 5}


def test_one_slot_at_a_time_is_shared_in_turn() -> None:
    shares, got = _shares(SALE, NEWS), Counter[Queue]()
    for _ in range(100):
        (queue,) = shares.share([SALE, NEWS], {1: 1}, {})
        shares.charge({queue: 1})
        got[queue] += 1
    assert got == {SALE: 50, NEWS: 50}


def test_who_comes_later_neither_waits_nor_catches_up() -> None:
    shares = _shares(SALE)
    shares.charge({SALE: 100_000})
    shares.keep([SALE, NEWS])
    assert shares.share([SALE, NEWS], {1: 10}, {}) == {SALE: 5, NEWS: 5}


def test_a_campaign_that_is_slowed_down_leaves_its_slots_to_others() -> None:
    assert _shares(SALE, NEWS).share([SALE, NEWS], {1: 10}, {SALE: 2}) == {SALE: 2, NEWS: 8}
    assert _shares(SALE, NEWS).share([SALE, NEWS], {1: 10}, {SALE: 0}) == {NEWS: 10}


@given(st.lists(st.integers(1, 40), min_size=1, max_size=60), st.integers(2, 7))
def test_campaigns_with_enough_to_send_never_differ_by_more_than_one(turns: list[int], count: int) -> None:
    queues = [Queue(1, 1, f"bct_{number}") for number in range(count)]
    shares, got = _shares(*queues), Counter[Queue]()
    for slots in turns:
        asked = shares.share(queues, {1: slots}, {})
        assert sum(asked.values()) == slots
        shares.charge(asked)
        got.update(asked)
    counts = [got[queue] for queue in queues]
    assert max(counts) - min(counts) <= 1
