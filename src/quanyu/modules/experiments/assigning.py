"""Assignment for callers outside: whom they know by which identifier, and what arm that person has."""

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, decode_id, encode_id
from quanyu.modules.experiments.contracts import Assignment, Assignments, AssignPeople
from quanyu.modules.experiments.service import Experiments, people_of
from quanyu.modules.people.contracts import Identifier
from quanyu.modules.people.service import People

_CAUSE = "api"


class OutsideCallers:
    """Tells a website or an application which arm its visitors have."""

    def __init__(self, experiments: Experiments, people: People) -> None:
        self._experiments = experiments
        self._people = people

    async def assign(self, uow: UnitOfWork, experiment_id: int, asked: AssignPeople) -> Assignments:
        """Return the arms in the order asked, and record exposures if they are to be.

        Raises:
            ExperimentNotFound: this brand has no such experiment.
            InvalidId: something is no person id.
        """
        found: list[PersonId | None] = [PersonId(decode_id("per", one)) for one in asked.people]
        found += await self._people.people_by_identifier(
            uow, [Identifier(one.namespace, one.scope, one.value) for one in asked.identifiers]
        )
        known = await self._people.canonical_ids(uow, [one for one in found if one is not None])
        today = [None if one is None else known.get(one) for one in found]
        arms = await self._experiments.assign(uow, experiment_id, [one for one in today if one is not None])
        if asked.expose:
            await self._experiments.expose(uow, experiment_id, people_of(arms), cause=_CAUSE)
        return Assignments(
            items=tuple(
                Assignment(
                    person_id=None if one is None else encode_id("per", one),
                    arm=None if one is None else arms[one],
                )
                for one in today
            )
        )
