"""What the review queue shows, made from what is stored: pure."""

from typing import Final

from quanyu.kernel.ids import encode_id
from quanyu.modules.people.contracts import PersonRow
from quanyu.modules.people.matching.contracts import ComparedField, MatchRun, MatchState, MatchView
from quanyu.modules.people.matching.finder import RUN_PREFIX
from quanyu.modules.people.matching.model import Record
from quanyu.modules.people.matching.queries import Run
from quanyu.modules.people.matching.reading import shown
from quanyu.modules.people.matching.suggestion_queries import Suggestion

_SWAPPED_WITH: Final = {"given_name": "surname"}

Side = tuple[PersonRow, Record]


def match(one: Suggestion, a: Side, b: Side, *, prefix: str) -> MatchView:
    """Return a suggestion with both people beside each other."""
    fields = [
        ComparedField(
            field=agreement.field,
            level=agreement.level,
            bits=round(agreement.weight, 2),
            a=_values(a[1], agreement.field, agreement.level),
            b=_values(b[1], agreement.field, agreement.level),
        )
        for agreement in sorted(one.agreements, key=lambda agreement: (-agreement.weight, agreement.field))
    ]
    return MatchView(
        id=encode_id(prefix, one.id),
        a=a[0],
        b=b[0],
        score=one.score,
        model=one.model,
        fields=tuple(fields),
        state=MatchState(one.state),
        found_at=one.found_at,
        decided_by=one.decided_by,
        decided_at=one.decided_at,
        is_automatic=one.is_automatic,
    )


def run(one: Run, *, automatic: int, accepted: int) -> MatchRun:
    """Return a run, with the edges of it that stand."""
    done = one.person_at / one.person_until if one.kind == "all" and one.person_until else 1.0
    return MatchRun(
        id=encode_id(RUN_PREFIX, one.id),
        kind=one.kind,
        model=one.model,
        started_by=one.started_by,
        started_at=one.started_at,
        finished_at=one.finished_at,
        progress=1.0 if one.finished_at else round(min(done, 1.0), 3),
        people=one.people,
        pairs=one.pairs,
        suggested=one.suggested,
        impossible=one.impossible,
        blocks_dropped=one.blocks_dropped,
        joined=automatic,
        accepted=accepted,
        rollback_by=one.rollback_by,
        rollback_at=one.rollback_at,
        rolled_back=one.rolled_back,
        rolled_back_at=one.rolled_back_at,
    )


def _values(record: Record, field: str, level: str) -> tuple[str, ...]:
    fields = [field, _SWAPPED_WITH[field]] if level == "swapped" else [field]
    return tuple(shown(name, value) for name in fields for value in record.get(name, ()))
