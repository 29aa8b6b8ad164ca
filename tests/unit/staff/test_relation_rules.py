"""Relations: what callbacks add up to, in any order and any number (EV-1, EV-2, EV-3, EV-4)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.modules.staff.customers.rules import (
    News,
    NewsKind,
    RelationStatus,
    Told,
    hear,
    standing,
)

_START = datetime(2026, 3, 4, 9, tzinfo=UTC)


def at(seconds: int) -> datetime:
    return _START + timedelta(seconds=seconds)


def told(*news: tuple[NewsKind, int]) -> Told:
    return hear(Told(), [News(kind, at(seconds)) for kind, seconds in news])


_NEWS = st.lists(
    st.builds(News, st.sampled_from(NewsKind), st.integers(0, 400).map(at)), min_size=1, max_size=8
)


@given(st.data(), _NEWS)
def test_order_and_repetition_change_nothing(data: st.DataObject, news: list[News]) -> None:
    """EV-2, EV-4: any order and any duplication of the same callbacks gives the same relation."""
    again = data.draw(st.lists(st.sampled_from(news), max_size=6))
    shuffled = data.draw(st.permutations([*news, *again]))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(shuffled)), max_size=3)))

    parts = Told()
    for start, end in zip([0, *cuts], [*cuts, len(shuffled)], strict=True):
        parts = hear(parts, shuffled[start:end])

    assert parts == hear(Told(), news)
    assert standing(parts) == standing(hear(Told(), news))


K, S = NewsKind, RelationStatus


@pytest.mark.parametrize(
    ("news", "status", "ended"),
    [
        ([(K.ADDED, 0)], S.ACTIVE, None),
        ([(K.HALF_ADDED, 0)], S.HALF, None),
        ([(K.HALF_ADDED, 0), (K.ADDED, 30)], S.ACTIVE, None),
        ([(K.DELETED_BY_STAFF, 50), (K.ADDED, 0)], S.DELETED_BY_STAFF, 50),  # EV-4: delete before add.
        ([(K.ADDED, 60), (K.DELETED_BY_CUSTOMER, 50)], S.ACTIVE, None),  # Added again.
        ([(K.ADDED, 0), (K.TRANSFERRED, 50)], S.TRANSFERRED, 50),
        ([(K.ADDED, 0), (K.DELETED_BY_CUSTOMER, 10), (K.DELETED_BY_STAFF, 50)], S.DELETED_BY_CUSTOMER, 10),
        ([(K.ADDED, 0), (K.DENIED, 200)], S.DELETED_BY_STAFF, 200),  # EV-3: it ended while we were away.
        ([(K.ADDED, 0), (K.DENIED, 30)], S.ACTIVE, None),  # Asked too early to say anything.
        ([(K.HALF_ADDED, 0), (K.DENIED, 200)], S.HALF, None),  # For the platform none yet.
        ([(K.ADDED, 0), (K.DENIED, 200), (K.CONFIRMED, 300)], S.ACTIVE, None),
        ([(K.ADDED, 0), (K.DENIED, 200), (K.TRANSFERRED, 90)], S.TRANSFERRED, 90),  # The callback came late.
        ([(K.ADDED, 0), (K.DELETED_BY_STAFF, 50), (K.CONFIRMED, 200)], S.ACTIVE, None),  # The add was lost.
        ([(K.ADDED, 0), (K.DELETED_BY_STAFF, 50), (K.CONFIRMED, 60)], S.DELETED_BY_STAFF, 50),
    ],
)
def test_standing(news: list[tuple[NewsKind, int]], status: RelationStatus, ended: int | None) -> None:
    found = standing(told(*news))
    assert (found.status, found.ended_at) == (status, None if ended is None else at(ended))


def test_a_second_with_both_is_settled_by_asking() -> None:
    both = [(NewsKind.ADDED, 5), (NewsKind.DELETED_BY_STAFF, 5)]
    assert standing(told(*both)).is_disputed
    assert standing(told(*both)).status is RelationStatus.DELETED_BY_STAFF

    there = standing(told(*both, (NewsKind.CONFIRMED, 20)))
    gone = standing(told(*both, (NewsKind.DENIED, 20)))

    assert (there.status, there.is_disputed) == (RelationStatus.ACTIVE, False)
    assert (gone.status, gone.is_disputed) == (RelationStatus.DELETED_BY_STAFF, False)
