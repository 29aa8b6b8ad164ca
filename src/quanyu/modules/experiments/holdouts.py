"""The brand's hold-out group: people no marketing goes to, so that its worth can be told."""

from collections.abc import Collection

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.experiments import assignment
from quanyu.modules.experiments.queries import experiments


async def held_out(uow: UnitOfWork, people: Collection[PersonId]) -> set[PersonId]:
    """Return who of these people is held out."""
    holdout = await experiments.find_holdout(uow)
    if holdout is None or not holdout.share_bps:
        return set()
    return {
        one
        for one in people
        if assignment.is_held_out(holdout.seed, encode_id("per", one), holdout.share_bps)
    }
