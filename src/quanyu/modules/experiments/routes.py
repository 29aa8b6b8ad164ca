"""HTTP routes of experiments."""

from fastapi import APIRouter

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.ids import decode_id
from quanyu.modules.experiments.analysis.contracts import (
    PowerAnswer,
    PowerQuestion,
    Reading,
    Readings,
)
from quanyu.modules.experiments.analysis.service import Results
from quanyu.modules.experiments.assigning import OutsideCallers
from quanyu.modules.experiments.contracts import (
    Assignments,
    AssignPeople,
    Decide,
    ExperimentList,
    ExperimentView,
    HoldoutView,
    SaveExperiment,
    SetHoldout,
)
from quanyu.modules.experiments.facts import PREFIX
from quanyu.modules.experiments.service import Experiments


def router(experiments: Experiments, outside: OutsideCallers, results: Results) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1/experiments", tags=["experiments"], dependencies=[permits.EXPERIMENTS])

    @routes.get("")
    async def list_experiments(uow: RequestUow) -> ExperimentList:
        """List the brand's experiments with the people of each arm."""
        return await experiments.list_experiments(uow)

    @routes.post("", status_code=201)
    async def create(command: SaveExperiment, uow: RequestUow) -> ExperimentView:
        """Plan an experiment."""
        return await experiments.create(uow, command)

    @routes.get("/holdout")
    async def get_holdout(uow: RequestUow) -> HoldoutView:
        """Return the share no marketing goes to."""
        return await experiments.holdout(uow)

    @routes.put("/holdout")
    async def set_holdout(command: SetHoldout, uow: RequestUow) -> HoldoutView:
        """Set the share no marketing goes to."""
        return await experiments.set_holdout(uow, command)

    @routes.post("/power")
    @permits.reads
    async def power(question: PowerQuestion) -> PowerAnswer:
        """Return how many people, and whole weeks, an experiment needs."""
        return await results.power(question)

    @routes.get("/{experiment_id}")
    async def get(experiment_id: str, uow: RequestUow) -> ExperimentView:
        """Return one experiment."""
        return await experiments.get(uow, decode_id(PREFIX, experiment_id))

    @routes.put("/{experiment_id}")
    async def save(experiment_id: str, command: SaveExperiment, uow: RequestUow) -> ExperimentView:
        """Change the plan; while it runs only words, length and a wider coverage."""
        return await experiments.save(uow, decode_id(PREFIX, experiment_id), command)

    @routes.delete("/{experiment_id}", status_code=204)
    async def delete(experiment_id: str, uow: RequestUow) -> None:
        """Delete one that was never started."""
        await experiments.delete(uow, decode_id(PREFIX, experiment_id))

    @routes.post("/{experiment_id}/start")
    async def start(experiment_id: str, uow: RequestUow) -> ExperimentView:
        """Let people in."""
        return await experiments.start(uow, decode_id(PREFIX, experiment_id))

    @routes.post("/{experiment_id}/stop")
    async def stop(experiment_id: str, uow: RequestUow) -> ExperimentView:
        """Let nobody new in."""
        return await experiments.stop(uow, decode_id(PREFIX, experiment_id))

    @routes.post("/{experiment_id}/decide")
    async def decide(experiment_id: str, command: Decide, uow: RequestUow) -> ExperimentView:
        """Give everybody one arm from now on."""
        return await experiments.decide(uow, decode_id(PREFIX, experiment_id), command.arm)

    @routes.post("/{experiment_id}/assign")
    async def assign(experiment_id: str, command: AssignPeople, uow: RequestUow) -> Assignments:
        """Return the arms of people, and count them as exposed if asked to."""
        return await outside.assign(uow, decode_id(PREFIX, experiment_id), command)

    @routes.get("/{experiment_id}/results")
    async def list_results(experiment_id: str, uow: RequestUow) -> Readings:
        """List what was read so far, the newest look first."""
        return await results.list_looks(uow, decode_id(PREFIX, experiment_id))

    @routes.post("/{experiment_id}/results")
    async def look(experiment_id: str, caller: CurrentCaller) -> Reading:
        """Ask history as of now, judge, and keep it as the next look."""
        return await results.look(caller.tenant_id, decode_id(PREFIX, experiment_id))

    return routes
