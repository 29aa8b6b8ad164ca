"""Letting one person in by request: of a program, or of somebody who looks at their page (SOP-2)."""

from typing import Any, Literal

import msgspec

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, decode_id, encode_id, new_id
from quanyu.modules.journeys import crossing
from quanyu.modules.journeys.choosing import require_choosable
from quanyu.modules.journeys.contracts import EnrolmentResult, EnrolPerson
from quanyu.modules.journeys.definition import Definition
from quanyu.modules.journeys.errors import EnrolmentKeyUsed, UnknownPerson, WrongStatus
from quanyu.modules.journeys.graphs import Graphs
from quanyu.modules.journeys.queries import enrolments, journeys
from quanyu.modules.journeys.queries.enrolments import NewEnrolment
from quanyu.modules.journeys.rules import begin, may_enter
from quanyu.modules.people.contracts import Identifier
from quanyu.modules.people.service import People


class Enrolling:
    """Lets one person in, once a key."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._graphs = Graphs()

    async def enrol(self, uow: UnitOfWork, journey_id: int, command: EnrolPerson) -> EnrolmentResult:
        """Let a person in as the rule of re-entry allows; idempotent by ``key``.

        Raises:
            JourneyNotFound
            WrongStatus: it does not run.
            StartsByEvent: it begins with what somebody did, and its messages may tell of that.
            UnknownPerson: the brand knows nobody of that name.
            EnrolmentKeyUsed: the person was let in by this key with other properties.
        """
        version, graph = await require_choosable(uow, self._graphs, journey_id)
        person = await self._person(uow, command)
        cause, properties = f"request:{command.key}", _storable(command.properties)
        before = await enrolments.find_by_cause(uow, journey_id, person, cause)
        if before is not None:
            return _repeated(before, person, properties)
        if not await journeys.hold_active(uow, [journey_id]):
            raise WrongStatus("the journey was paused or ended", message_zh="旅程刚刚被暂停或停止")
        entry = await self._entry(uow, journey_id, graph, person)
        if isinstance(entry, EnrolmentResult):
            return entry
        new = NewEnrolment(
            id=new_id(),
            person_id=person,
            entry_key="",
            ordinal=entry,
            cause=cause,
            variables={"event": properties},
            state=begin(graph, uow.clock.now()),
        )
        if not await crossing.let_in(uow, journey_id, version, [new]):
            # Somebody else let them in at this moment.
            return _refused(person, "on_the_way")
        return EnrolmentResult(id=encode_id("enr", new.id), person_id=encode_id("per", person), entered=True)

    async def _entry(
        self, uow: UnitOfWork, journey_id: int, graph: Definition, person: PersonId
    ) -> int | EnrolmentResult:
        """Return the ordinal of the entry, or why there is none."""
        reentry = graph.entry.reentry
        found = await enrolments.last_entries(uow, journey_id, [person], times=reentry.entries_asked)
        last = found.get((person, ""))
        if last is None:
            return 1
        now = uow.clock.now()
        if may_enter(reentry, entered=last.entered, is_active=last.is_active, at=now):
            return last.ordinal + 1
        return _refused(person, "on_the_way" if last.is_active else "reentry")

    async def _person(self, uow: UnitOfWork, command: EnrolPerson) -> PersonId:
        if command.person_id is not None:
            asked: PersonId | None = PersonId(decode_id("per", command.person_id))
        else:
            assert command.identifier is not None
            named = command.identifier
            (asked,) = await self._people.people_by_identifier(
                uow, [Identifier(named.namespace, named.scope, named.value)]
            )
        known = await self._people.canonical_ids(uow, [asked]) if asked is not None else {}
        if asked is None or asked not in known:
            raise UnknownPerson("the brand knows no such person", message_zh="品牌没有这个客户")
        return known[asked]


def _refused(person: PersonId, reason: Literal["on_the_way", "reentry"]) -> EnrolmentResult:
    return EnrolmentResult(id=None, person_id=encode_id("per", person), entered=False, reason=reason)


def _storable(properties: dict[str, Any]) -> dict[str, Any]:
    """Return properties as the database will keep them."""
    kept: dict[str, Any] = msgspec.json.decode(enrolments.storable_json(properties))
    return kept


def _repeated(
    before: tuple[int, dict[str, Any]], person: PersonId, properties: dict[str, Any]
) -> EnrolmentResult:
    enrolment_id, variables = before
    if variables.get("event", {}) != properties:
        raise EnrolmentKeyUsed(
            "this key let the person in with other properties; use a new key for a new entry",
            message_zh="该幂等键已用于此用户且内容不同，新的进入请使用新的键",
        )
    return EnrolmentResult(
        id=encode_id("enr", enrolment_id), person_id=encode_id("per", person), entered=True, repeated=True
    )
