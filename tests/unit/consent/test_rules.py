"""What a ledger of consent comes to: pure decisions."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.modules.people.consent.contracts import EVERY, Basis, ConsentState
from quanyu.modules.people.consent.rules import Said, is_stop_word, purposes_of_categories, rule

NOW = datetime(2026, 3, 4, 4, tzinfo=UTC)
GRANTED, WITHDRAWN, EXPIRED = ConsentState.GRANTED, ConsentState.WITHDRAWN, ConsentState.EXPIRED


def said(state: ConsentState, minute: int = 0, *, purpose: str = "news", channel: str = EVERY) -> Said:
    return Said(
        purpose=purpose, channel=channel, state=state, occurred_at=NOW - timedelta(minutes=60 - minute)
    )


@pytest.mark.parametrize(
    ("basis", "allowed"),
    [
        # Nothing said, granted, withdrawn, expired.
        (Basis.CONSENT, (False, True, False, False)),
        (Basis.UNTIL_WITHDRAWN, (True, True, False, True)),
        (Basis.CONTRACT, (True, True, False, True)),
        (Basis.LEGAL_DUTY, (True, True, True, True)),
    ],
)
def test_the_basis_decides_what_a_word_allows(basis: Basis, allowed: tuple[bool, ...]) -> None:
    ledgers: list[list[Said]] = [[], [said(GRANTED)], [said(WITHDRAWN)], [said(EXPIRED)]]
    assert tuple(rule(one, "news", basis, "sms", NOW).is_allowed for one in ledgers) == allowed


def test_the_newest_word_counts_and_a_withdrawal_wins_a_tie_in_any_order() -> None:
    lines = [said(GRANTED, 1), said(WITHDRAWN, 2), said(GRANTED, 2), said(EXPIRED, 2)]
    for ledger in itertools.permutations(lines):
        assert rule(ledger, "news", Basis.CONSENT, "sms", NOW).state is WITHDRAWN
    assert rule([*lines, said(GRANTED, 3)], "news", Basis.CONSENT, "sms", NOW).state is GRANTED


def test_a_word_about_one_channel_or_purpose_leaves_the_others_alone() -> None:
    ledger = [said(GRANTED, 1), said(WITHDRAWN, 2, channel="sms"), said(WITHDRAWN, 3, purpose="calls")]
    assert rule(ledger, "news", Basis.CONSENT, "sms", NOW).state is WITHDRAWN
    assert rule(ledger, "news", Basis.CONSENT, "wecom", NOW).state is GRANTED
    ledger.append(said(WITHDRAWN, 4, purpose=EVERY))
    assert rule(ledger, "news", Basis.CONSENT, "wecom", NOW).state is WITHDRAWN


def test_a_grant_ends_at_the_instant_it_names() -> None:
    line = Said(
        purpose="news", channel=EVERY, state=GRANTED, occurred_at=NOW, valid_until=NOW + timedelta(days=1)
    )
    assert rule([line], "news", Basis.CONSENT, "sms", NOW + timedelta(days=1, seconds=-1)).is_allowed
    assert rule([line], "news", Basis.CONSENT, "sms", NOW + timedelta(days=1)).state is EXPIRED


@given(
    st.lists(
        st.builds(
            said,
            st.sampled_from(ConsentState),
            st.integers(0, 3),
            purpose=st.sampled_from(["news", "calls", EVERY]),
            channel=st.sampled_from(["sms", "wecom", EVERY]),
        ),
        max_size=8,
    )
)
def test_keeping_only_the_newest_line_per_purpose_and_channel_changes_nothing(lines: list[Said]) -> None:
    """Which is what the query of the ledger does."""
    rank = {WITHDRAWN: 2, EXPIRED: 1, GRANTED: 0}
    newest: dict[tuple[str, str], Said] = {}
    for one in sorted(lines, key=lambda line: (line.occurred_at, rank[line.state])):
        newest[one.purpose, one.channel] = one
    whole = rule(lines, "news", Basis.CONSENT, "sms", NOW)
    assert rule(newest.values(), "news", Basis.CONSENT, "sms", NOW).state is whole.state


def test_stop_words_stand_alone() -> None:
    assert all(is_stop_word(text) for text in ("退订", " TD ", "stop.", "取消订阅！"))
    assert not any(is_stop_word(text) for text in ("怎么退订？", "", "stop it please", "n"))


def test_a_banner_speaks_of_purposes_by_their_key_or_category() -> None:
    purposes = {"marketing": ("Advertising", "C0004"), "service": (), "sharing": ("Partners",)}
    choices = {"advertising": True, "C0004": False, "SERVICE": True, "Partners": "yes"}
    assert purposes_of_categories(choices, purposes) == {"marketing": False, "service": True}
