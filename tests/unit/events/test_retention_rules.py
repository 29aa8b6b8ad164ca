"""How long events are kept: cuts, days of the archive, and what counts as asking further back."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import ValidationError

from quanyu.modules.events.retention.contracts import EventUse, Keep
from quanyu.modules.events.retention.rules import (
    EVERY_OTHER,
    Cuts,
    again,
    archive_cuts,
    further_back,
    judge_day,
    names_without_rule,
    warehouse_cuts,
)

TODAY = date(2026, 4, 4)
KEPT = frozenset({"people.consent_granted"})
RULES = {
    EVERY_OTHER: Keep(warehouse_days=400, archive_days=800),
    "Page Viewed": Keep(warehouse_days=30, archive_days=60),
    "Order Completed": Keep(),
}


def days_ago(days: int) -> datetime:
    return datetime(2026, 4, 4, tzinfo=UTC) - timedelta(days=days)


def test_a_name_goes_by_its_own_rule_or_by_that_of_all_others() -> None:
    cuts = warehouse_cuts(RULES, KEPT, TODAY)
    assert cuts.of("Page Viewed") == days_ago(30)
    assert cuts.of("Video Played") == days_ago(400)
    assert cuts.of("Order Completed") is None
    assert cuts.of("people.consent_granted") is None
    assert cuts.latest == days_ago(30)


def test_nothing_goes_that_somebody_has_not_read() -> None:
    cuts = warehouse_cuts(RULES, KEPT, TODAY).no_later_than(days_ago(90))
    assert (cuts.of("Page Viewed"), cuts.of("Video Played")) == (days_ago(90), days_ago(400))
    assert cuts.of("Order Completed") is None
    assert Cuts({}, None).latest is None


def test_a_day_of_the_archive_is_judged_by_names() -> None:
    cuts = archive_cuts(RULES, KEPT, TODAY)
    young, old, ancient = (judge_day(cuts, TODAY - timedelta(days=days)) for days in (60, 61, 801))
    assert young.spares_all
    assert young.mark == ""
    assert [old.goes(name) for name in ("Page Viewed", "Video Played", "Order Completed")] == [
        True,
        False,
        False,
    ]
    assert [ancient.goes(name) for name in ("Page Viewed", "Video Played", "Order Completed", *KEPT)] == [
        True,
        True,
        False,
        False,
    ]
    assert old.mark == judge_day(cuts, TODAY - timedelta(days=70)).mark != ancient.mark


def test_what_is_stored_anew_goes_again_unless_the_rule_was_made_longer() -> None:
    dropped = {"Page Viewed": days_ago(31), "Video Played": days_ago(401), "Order Completed": days_ago(9)}
    assert again(dropped, RULES, KEPT, TODAY).named == {
        "Page Viewed": days_ago(31),
        "Video Played": days_ago(401),
    }
    longer = {**RULES, "Page Viewed": Keep(warehouse_days=50, archive_days=60)}
    assert again(dropped, longer, KEPT, TODAY).of("Page Viewed") == days_ago(50)


@pytest.mark.parametrize(
    ("warehouse_days", "archive_days"), [(0, None), (None, 30), (31, 30), (40_000, None), (True, None)]
)
def test_impossible_rules_are_refused(warehouse_days: int | None, archive_days: int | None) -> None:
    with pytest.raises(ValidationError):
        Keep(warehouse_days=warehouse_days, archive_days=archive_days)


def test_only_longer_windows_of_the_names_concerned_are_in_the_way() -> None:
    def use(event: str, days: int | None) -> EventUse:
        return EventUse(event=event, kind="segment", id=f"seg_{event}_{days}", name="x", days=days)

    uses = [use("A", 30), use("A", 31), use("A", None), use("B", None)]
    assert further_back(uses, Keep(warehouse_days=30), ["A"]) == (uses[1], uses[2])
    assert further_back(uses, Keep(), ["A"]) == ()
    assert names_without_rule(["B", "A", "A", *KEPT], {"B": Keep()}, KEPT) == ["A"]
