"""Counts that add up: every planned message is in exactly one place."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from quanyu.kernel.ids import encode_id
from quanyu.modules.messaging.contracts import (
    JourneySummary,
    MessagesSummary,
    MessageState,
    ReasonCount,
)
from quanyu.modules.messaging.queries.listing import Tally
from quanyu.modules.messaging.reasons import reason_text

# A receipt says what became of a message the platform had accepted.
_ACCEPTED: Final = (MessageState.ACCEPTED, MessageState.DELIVERED, MessageState.FAILED)
_IN_PROGRESS: Final = (MessageState.PLANNED, MessageState.RESERVED, MessageState.HANDED)


def summarise(tallies: Sequence[Tally]) -> MessagesSummary:
    """Add tallies up."""
    states: Counter[MessageState] = Counter()
    journeys: dict[int | None, Counter[MessageState]] = {}
    reasons: Counter[tuple[MessageState, str]] = Counter()
    for row in tallies:
        state = MessageState(row.state)
        states[state] += row.count
        journeys.setdefault(row.journey_id, Counter())[state] += row.count
        if row.reason is not None:
            reasons[state, row.reason] += row.count
    return MessagesSummary(
        planned=states.total(),
        refused=states[MessageState.REFUSED],
        accepted=sum(states[state] for state in _ACCEPTED),
        rejected=states[MessageState.REJECTED],
        unknown=states[MessageState.UNKNOWN],
        in_progress=sum(states[state] for state in _IN_PROGRESS),
        delivered=states[MessageState.DELIVERED],
        failed=states[MessageState.FAILED],
        by_state=_every_state(states),
        reasons=_reasons(reasons),
        journeys=tuple(_journey(key, journeys[key]) for key in sorted(journeys, key=lambda key: key or 0)),
    )


def _every_state(states: Mapping[MessageState, int]) -> dict[MessageState, int]:
    return {state: states.get(state, 0) for state in MessageState}


def _reasons(counts: Counter[tuple[MessageState, str]]) -> tuple[ReasonCount, ...]:
    return tuple(
        ReasonCount(state=state, reason=reason, reason_text=reason_text(reason), count=count)
        for (state, reason), count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )


def _journey(journey_id: int | None, states: Counter[MessageState]) -> JourneySummary:
    return JourneySummary(
        journey_id=encode_id("jrn", journey_id) if journey_id is not None else None,
        planned=states.total(),
        by_state=_every_state(states),
    )
