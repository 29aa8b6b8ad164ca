"""The audit chain: whatever is changed, put in, taken out or swapped, the first such place is found."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.modules.tenants.audit.chain import START, Entry, Sealed, digest_of, find_break, seal

AT = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)
ENTRY = Entry(
    id=1,
    at=AT,
    user_id=7,
    actor="陈店长",
    role="admin",
    address="10.0.0.7",
    method="POST",
    path="/api/v1/segments/{segment}/publish",
    action="publish_segment",
    permission="segments.write",
    objects={"segment": "seg_1"},
    fields=("reason", "name"),
    said={"reason": "新版", "enabled": True},
)
Chain = list[Sealed]


def _chain(length: int) -> Chain:
    return list(seal((replace(ENTRY, id=one) for one in range(length)), after=0, previous=START))


def _broken_at(chain: Chain) -> int | None:
    found = find_break(chain, after=0, previous=START)
    return found.number if found else None


def test_what_was_sealed_is_intact_as_a_whole_and_in_parts() -> None:
    chain = _chain(9)
    assert _broken_at(chain) is None
    assert find_break(chain[4:], after=4, previous=chain[3].digest) is None
    longer = list(seal([ENTRY], after=9, previous=chain[-1].digest))
    assert _broken_at(chain + longer) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda one: replace(one, actor="别人"),
        lambda one: replace(one, at=one.at + timedelta(microseconds=1)),
        lambda one: replace(one, objects={"segment": "seg_2"}),
        lambda one: replace(one, fields=("name", "reason")),
        lambda one: replace(one, said={"reason": "新版", "enabled": False}),
        lambda one: replace(one, said={"reason": "新版"}),
        lambda one: replace(one, address=""),
    ],
)
def test_any_changed_word_is_found(change: Callable[[Entry], Entry]) -> None:
    chain = _chain(5)
    chain[2] = replace(chain[2], entry=change(chain[2].entry))
    assert _broken_at(chain) == 3


def test_the_zone_an_instant_is_read_in_and_the_order_of_keys_change_nothing() -> None:
    elsewhere = replace(ENTRY, at=AT.astimezone(timezone(timedelta(hours=8))))
    turned = replace(ENTRY, said={"enabled": True, "reason": "新版"})
    assert digest_of(ENTRY, 1, START) == digest_of(elsewhere, 1, START) == digest_of(turned, 1, START)


@given(length=st.integers(2, 12), data=st.data())
def test_an_entry_taken_out_put_in_or_swapped_is_found(length: int, data: st.DataObject) -> None:
    chain = _chain(length)
    place = data.draw(st.integers(0, length - 2))
    without = chain[:place] + chain[place + 1 :]
    assert _broken_at(without) == place + 1
    # Somebody who also numbers the rest anew does not get past the digests.
    renumbered = [replace(one, number=number) for number, one in enumerate(without, start=1)]
    assert _broken_at(renumbered) == place + 1
    swapped = list(chain)
    swapped[place], swapped[place + 1] = swapped[place + 1], swapped[place]
    assert _broken_at(swapped) == place + 1
    put_in = [*chain[:place], replace(chain[place], entry=replace(ENTRY, id=99)), *chain[place:]]
    assert _broken_at(put_in) == place + 1
