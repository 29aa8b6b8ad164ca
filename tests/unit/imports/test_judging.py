"""The tracking plan in imports: rows it keeps out are rejected whole, what it only counts is counted."""

from pathlib import Path

import pytest

from quanyu.flows.imports.judging import KINDS_MAX
from quanyu.modules.events.plan.contracts import PlanMode, PlanType, SourceRule, TrackingPlan
from support.imports import ORDERS_MAP, lines, prepared

VISITS_MAP = """
kind = "events"
source = "till"
time_zone = "Asia/Shanghai"

[event]
name = { column = "what" }

[time]
column = "at"
formats = ["%Y-%m-%d"]

[identifiers]
user_id = "who"

[properties]
size = "size"
minutes = { column = "minutes", type = "number" }
"""
LENIENT = "rejects_max_share = 0.9\n"
HEADER = "what,at,who,size,minutes"
ROWS = (
    "Fitting,2026-03-01,u1,M,12",
    "Fitting,2026-03-01,u2,XXL,5",
    "Fitting,2026-03-01,u3,,5",
    "Visit,2026-03-01,u4,,5",
)


def plan(mode: PlanMode, *rules: dict[str, object], name: str = "Fitting", unknown: str = "off") -> str:
    """Return a plan of one event."""
    at = "2026-03-01T00:00:00Z"
    return TrackingPlan.model_validate(
        {
            "events": [{"name": name, "mode": mode, "properties": list(rules), "updated_at": at}],
            "sources": [{"source": "import:till", "unknown": unknown}],
        }
    ).model_dump_json()


SIZE = {"key": "size", "required": True, "choices": ["S", "M", "L"]}


@pytest.mark.parametrize("mode", [PlanMode.REJECT, PlanMode.QUARANTINE])
def test_rows_that_the_plan_keeps_out_are_rejected(tmp_path: Path, mode: PlanMode) -> None:
    """An import's quarantine is its rejects file."""
    manifest, events = prepared(
        tmp_path,
        lines(*ROWS, header=HEADER),
        LENIENT + VISITS_MAP,
        plan_json=plan(mode, SIZE),
    )
    assert [event.names[0][2] for event in events] == ["u1", "u4"]
    assert manifest.reasons == {"plan.not_a_choice": 1, "plan.missing": 1}
    assert {(one["row"], one["column"]) for one in manifest.first_rejects} == {(3, "size"), (4, "size")}
    assert "埋点方案" in manifest.first_rejects[0]["message_zh"]
    told = {(one.outcome, one.problem, one.count, one.sample) for one in manifest.plan_issues}
    assert told == {("rejected", "not_a_choice", 1, "XXL"), ("rejected", "missing", 1, "")}


def test_what_the_plan_counts_is_imported(tmp_path: Path) -> None:
    manifest, events = prepared(
        tmp_path, lines(*ROWS, header=HEADER), VISITS_MAP, plan_json=plan(PlanMode.WARN, SIZE)
    )
    assert len(events) == 4
    assert not manifest.rows_rejected
    assert {(one.outcome, one.name, one.problem) for one in manifest.plan_issues} == {
        ("warned", "Fitting", "not_a_choice"),
        ("warned", "Fitting", "missing"),
    }


def test_events_without_a_plan_go_by_the_rule_of_the_source(tmp_path: Path) -> None:
    manifest, events = prepared(
        tmp_path,
        lines(*ROWS, header=HEADER),
        LENIENT + VISITS_MAP,
        plan_json=plan(PlanMode.OFF, SIZE, unknown="reject"),
    )
    assert [event.name for event in events] == ["Fitting"] * 3
    assert manifest.reasons == {"plan.unknown_event": 1}


def test_a_plan_that_is_off_or_of_another_event_says_nothing(tmp_path: Path) -> None:
    manifest, events = prepared(
        tmp_path,
        lines(*ROWS, header=HEADER),
        VISITS_MAP,
        plan_json=plan(PlanMode.REJECT, SIZE, name="Another"),
    )
    assert (len(events), manifest.plan_issues) == (4, [])


def test_an_order_is_judged_with_its_money_and_lines_and_rejected_whole(tmp_path: Path) -> None:
    rows = lines(
        "A1,s1,Tea,2,2026-03-01 10:00,4.50,u1,UK",
        "A1,s2,Cup,1,2026-03-01 10:00,3.00,u1,UK",
        "A2,s1,Tea,1,2026-03-01 10:00,4.50,u2,UK",
    )
    rules = (
        {"key": "revenue", "required": True, "type": PlanType.NUMBER},
        {"key": "products", "required": True, "type": PlanType.LIST, "max_length": 1},
    )
    manifest, events = prepared(
        tmp_path,
        rows,
        LENIENT + ORDERS_MAP,
        plan_json=plan(PlanMode.REJECT, *rules, name="Order Completed"),
    )
    assert [event.order_id for event in events] == ["A2"]
    assert manifest.reasons == {"plan.too_long": 2}


def test_names_a_file_makes_up_are_told_apart_up_to_a_bound(tmp_path: Path) -> None:
    rows = [f"Made up {number},2026-03-01,u1,M,1" for number in range(KINDS_MAX + 20)]
    text = TrackingPlan(
        events=(), sources=(SourceRule(source="import:till", unknown=PlanMode.WARN),)
    ).model_dump_json()
    manifest, _ = prepared(tmp_path, lines(*rows, header=HEADER), VISITS_MAP, plan_json=text)
    assert len(manifest.plan_issues) == KINDS_MAX + 1
    assert sum(one.count for one in manifest.plan_issues) == KINDS_MAX + 20
    assert manifest.plan_issues[-1].name == ""
