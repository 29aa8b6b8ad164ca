"""What a consent banner's object in the context becomes."""

import json

from quanyu.app.tracking.context import read_context


def test_the_choices_of_a_banner_are_kept_for_the_ledger() -> None:
    choices = {"Advertising": True, "C0004": False, "odd": "yes", "x" * 101: True}
    kept = read_context({"consent": {"categoryPreferences": choices}}).columns
    assert json.loads(kept["consent"]) == {"Advertising": True, "C0004": False}


def test_too_many_choices_or_none_are_not_kept() -> None:
    many = {f"c{number}": True for number in range(51)}
    for consent in ({"categoryPreferences": many}, {"categoryPreferences": []}, "yes", None, {}):
        assert "consent" not in read_context({"consent": consent}).columns
