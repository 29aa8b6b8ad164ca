"""People chosen by hand for a journey: let in by a job, and let out again when it is taken back."""

from collections.abc import Sequence

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import decode_id, encode_id, new_id
from quanyu.modules.journeys import crossing
from quanyu.modules.journeys.definition import Definition, EventEntry
from quanyu.modules.journeys.errors import JourneyNotFound, StartsByEvent, WrongStatus
from quanyu.modules.journeys.graphs import Graphs
from quanyu.modules.journeys.queries import awaited, enrolments, journeys
from quanyu.modules.journeys.queries.enrolments import NewEnrolment
from quanyu.modules.journeys.rules import Exit, begin, may_enter


class ChosenPeople:
    """``people.bulk.ports.ChosenJourneys``."""

    def __init__(self) -> None:
        self._graphs = Graphs()

    async def check(self, uow: UnitOfWork, journey: str) -> None:
        """Refuse a journey nobody can be chosen for now.

        Raises:
            JourneyNotFound
            WrongStatus: it does not run.
            StartsByEvent: it begins with what somebody did, and its messages may tell of that.
        """
        await require_choosable(uow, self._graphs, decode_id("jrn", journey))

    async def let_in(
        self, uow: UnitOfWork, journey: str, people: Sequence[int], *, job: str
    ) -> set[int] | None:
        """Let people in as its rule of re-entry allows; idempotent by the job."""
        journey_id = decode_id("jrn", journey)
        if not await journeys.hold_active(uow, [journey_id]):
            return None
        row = await journeys.find(uow, journey_id)
        graph = None if row is None else await self._graphs.find(uow, journey_id, row.version)
        if row is None or graph is None or isinstance(graph.entry, EventEntry):
            return None
        now, state = uow.clock.now(), begin(graph, uow.clock.now())
        last = await enrolments.last_entries(uow, journey_id, people, times=graph.entry.reentry.entries_asked)
        entries = []
        for person in people:
            before = last.get((person, ""))
            if may_enter(
                graph.entry.reentry,
                entered=before.entered if before else (),
                is_active=bool(before and before.is_active),
                at=now,
            ):
                ordinal = before.ordinal + 1 if before else 1
                entries.append(NewEnrolment(new_id(), person, "", ordinal, _cause(job), {}, state))
        await crossing.let_in(uow, journey_id, row.version, entries)
        return {one.person_id for one in entries}

    async def let_out(self, uow: UnitOfWork, journey: str, people: Sequence[int], *, job: str) -> set[int]:
        """Let out who came by a job and is still on the way; what was sent to them stays sent."""
        journey_id = decode_id("jrn", journey)
        await awaited.join_turn(uow)
        found = await enrolments.list_by_cause(uow, journey_id, _cause(job), people)
        out = await crossing.let_out(uow, list(found), Exit.WITHDRAWN)
        return {found[one.id] for one in out}


async def require_choosable(uow: UnitOfWork, graphs: Graphs, journey_id: int) -> tuple[int, Definition]:
    """Return the version people can be chosen for now, and its graph.

    Raises:
        JourneyNotFound
        WrongStatus: it does not run.
        StartsByEvent: it begins with what somebody did, and its messages may tell of that.
    """
    row, journey = await journeys.find(uow, journey_id), encode_id("jrn", journey_id)
    if row is None:
        raise JourneyNotFound(f"there is no journey {journey}", message_zh=f"没有这个旅程：{journey}")
    if row.status != "active":
        raise WrongStatus(
            f"the journey is {row.status}; people can be chosen for one that is active",
            message_zh=f"旅程当前状态为 {row.status}，只有运行中的旅程才能加入用户",
        )
    graph = await graphs.of(uow, row.id, row.version)
    if isinstance(graph.entry, EventEntry):
        raise StartsByEvent(
            "this journey begins with an event, and its steps may use what happened; choose one that "
            "begins with a segment or by request",
            message_zh="该旅程由事件触发，步骤可能用到事件内容，不能手动加入用户；请选择由人群或按请求进入的旅程",
        )
    return row.version, graph


def _cause(job: str) -> str:
    return f"people.job:{job}"
