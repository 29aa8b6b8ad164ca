"""How far an erasure has come, read from what it wrote down."""

from collections.abc import Mapping
from typing import Any, Final

from quanyu.flows.rights import tables
from quanyu.flows.rights.contracts import RightsStep, StepName, StepState
from quanyu.flows.rights.files import FILES
from quanyu.flows.rights.holdings import HOLDINGS, Fate

# What an erasure notes for itself, which says nothing to a reader.
_INNER: Final = ("quarantine_at", "quarantine_done", "log_at", "log_upto", "sought")
_APART: Final = ("again", "for_a_while")  # What says something else than what was done, and how often.


def report_of(steps: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was done by store, and what stays and why; ``for_a_while``: what goes by itself, and when.

    ``again``: of an erasure done again after a restore, when it was done before.
    """
    if not steps:
        return {}
    done = {name: value for name, value in steps.items() if name not in (*_INNER, *_APART)}
    kept = {one.table: one.why for one in HOLDINGS if one.fate is Fate.KEPT}
    files = {one.place: one.why for one in FILES if one.fate is Fate.KEPT}
    return {"done": done, "kept": kept | files} | {name: steps[name] for name in _APART if steps.get(name)}


def steps_of(steps: Mapping[str, Any]) -> tuple[RightsStep, ...]:
    """Return the steps of an erasure in their order; the first that is not done is the one under way."""
    cleared = [one.name for one in tables.CLEARED if one.name in steps]
    log_of = int(steps.get("log_upto", 0))
    found = [
        (StepName.PERSON, int("person" in steps), 1, _sum(steps.get("person", {}).get("identifiers", 0))),
        (StepName.TABLES, len(cleared), len(tables.CLEARED), sum(_sum(steps[name]) for name in cleared)),
        (
            StepName.ASIDE,
            int(bool(steps.get("quarantine_done")) and "files" in steps),
            1,
            _sum(steps.get("quarantine", 0)) + _sum(steps.get("files", 0)),
        ),
        (
            StepName.LOG,
            min(int(steps.get("log_at", 0)), log_of) if log_of else int("log_upto" in steps),
            max(log_of, 1),
            _sum(steps.get("log", 0)),
        ),
        (StepName.WAREHOUSE, int("warehouse" in steps), 1, _sum(steps.get("warehouse", 0))),
        (StepName.ARCHIVE, int("archive" in steps), 1, _sum(steps.get("archive", 0))),
    ]
    shown: list[RightsStep] = []
    for name, done, of, rows in found:
        is_next = all(one.state is StepState.DONE for one in shown)
        state = StepState.DONE if done >= of else StepState.RUNNING if is_next else StepState.WAITING
        shown.append(RightsStep(name=name, state=state, done=done, of=of, rows=rows))
    return tuple(shown)


def _sum(value: Any) -> int:
    return sum(value.values()) if isinstance(value, Mapping) else int(value)
