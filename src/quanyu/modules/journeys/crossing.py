"""Coming into journeys and going out of them before the end, stated in the same commit."""

from collections.abc import Sequence

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.journeys import facts
from quanyu.modules.journeys.queries import enrolments
from quanyu.modules.journeys.queries.enrolments import Left, NewEnrolment
from quanyu.modules.journeys.rules import Exit


async def let_in(uow: UnitOfWork, journey_id: int, version: int, entries: Sequence[NewEnrolment]) -> set[int]:
    """Let people in and return who came; an occasion that let somebody in before does nothing (JN-1)."""
    came = await enrolments.insert(uow, journey_id, version, entries)
    those = [one for one in entries if one.id in came]
    for one in those:
        uow.publish(facts.entered(journey_id, version, one.id, one.person_id, one.state.came_at))
    return {one.person_id for one in those}


async def let_out(uow: UnitOfWork, ids: Sequence[int], reason: Exit) -> list[Left]:
    """Let these people out where they stand; return who was still on the way."""
    out = await enrolments.let_out(uow, ids, reason, now=uow.clock.now())
    for one in out:
        step = one.step
        uow.publish(
            facts.left(
                one.journey_id, one.id, one.person_id, step.left_at, seq=step.seq, reason=str(step.outcome)
            )
        )
    return out
