"""Reasons: a closed set, each with its texts, and the reference page that shows them."""

from pathlib import Path

from quanyu.modules.messaging import reasons
from quanyu.modules.messaging.reasons import (
    TEXTS,
    FailureReason,
    RefusalReason,
    RejectionReason,
    UnknownReason,
    reason_text,
)

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "refusal-reasons.md"
SETS = (RefusalReason, RejectionReason, UnknownReason, FailureReason)


def test_every_reason_has_both_texts_and_a_code_of_its_own() -> None:
    every = [reason for kind in SETS for reason in kind]
    assert set(TEXTS) == set(every)
    assert len({str(reason) for reason in every}) == len(every)
    for reason in every:
        assert reasons.TEXTS[reason].zh
        assert reasons.TEXTS[reason].en
        assert reason_text(str(reason)) == TEXTS[reason]


def test_the_reference_page_shows_exactly_these() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    expected = [f"| `{reason}` | {text.zh} | {text.en} |" for reason, text in TEXTS.items()]
    assert rows == expected
