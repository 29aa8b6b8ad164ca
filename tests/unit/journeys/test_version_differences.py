"""What differs between two graphs."""

from typing import Any

from quanyu.modules.journeys.versions.contracts import ChangeKind, FieldChange
from quanyu.modules.journeys.versions.differing import of_journey, of_nodes, whole


def graph(**nodes: Any) -> dict[str, Any]:
    return {"entry": {"kind": "event", "event": "Came"}, "start": next(iter(nodes)), "nodes": nodes}


WAIT = {"kind": "wait", "seconds": 60, "next": "out"}
OUT = {"kind": "end"}


def test_nodes_that_came_went_and_changed() -> None:
    before = whole(graph(rest=WAIT, out=OUT, lost=OUT))
    after = whole(graph(rest={**WAIT, "seconds": 90, "label": "歇一歇"}, out=OUT, extra=OUT))
    changes = of_nodes(before, after)
    assert [(one.node, one.change) for one in changes] == [
        ("lost", ChangeKind.REMOVED),
        ("rest", ChangeKind.CHANGED),
        ("extra", ChangeKind.ADDED),
    ]
    assert set(changes[1].fields) == {
        FieldChange(path="label", before="", after="歇一歇"),
        FieldChange(path="seconds", before="60", after="90"),
    }


def test_what_a_draft_leaves_out_is_no_difference() -> None:
    drawn = {**graph(rest=WAIT, out=OUT), "layout": {"rest": {"x": 9, "y": 9}}}
    published = whole(graph(rest={**WAIT, "label": ""}, out=OUT))
    assert of_nodes(whole(drawn), published) == ()
    assert of_journey(whole(drawn), published) == ()


def test_entry_goal_and_exits_are_named_by_place() -> None:
    before = whole(graph(out=OUT))
    after = whole(
        {
            **graph(out=OUT),
            "entry": {"kind": "event", "event": "Bought"},
            "exits": [{"kind": "consent_withdrawn", "purpose": "marketing"}],
        }
    )
    assert of_journey(before, after) == (
        FieldChange(path="entry.event", before="Came", after="Bought"),
        FieldChange(path="exits.0.kind", before=None, after="consent_withdrawn"),
        FieldChange(path="exits.0.purpose", before=None, after="marketing"),
    )


def test_an_unfinished_draft_is_compared_as_it_stands() -> None:
    for draft in ({}, {"nodes": 3}, graph(rest={"kind": "wait"})):
        assert whole(draft) is draft
    assert [one.change for one in of_nodes(whole(graph(out=OUT)), {"nodes": {}})] == [ChangeKind.REMOVED]
