"""The door of people: lists, profiles and timelines for the console and API clients."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from quanyu.infra import permits
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.infra.web import RequestUow
from quanyu.kernel.ids import PersonId, decode_id
from quanyu.kernel.paging import LIMIT_MAX
from quanyu.modules.people.contracts import PeoplePage, PersonProfile, TimelineFilter, TimelinePage
from quanyu.modules.people.errors import PersonNotFound
from quanyu.modules.people.service import People
from quanyu.modules.people.tags.service import PersonTags

# Segments live above us: wiring tells how to list the members of one, by its outside id.
SegmentMembers = Callable[[UnitOfWork, str], Awaitable[Sequence[int]]]

EventKind = Literal["track", "identify", "page", "screen", "group", "alias"]
_Cursor = Annotated[str | None, Query(max_length=200)]
_Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX)]
_PERSON_ID_END = 2**31


def router(people: People, segment_members: SegmentMembers, tags: PersonTags) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1/people", tags=["people"], dependencies=[permits.PEOPLE])

    @routes.get("")
    async def list_people(
        uow: RequestUow,
        cursor: _Cursor = None,
        limit: _Limit = 50,
        q: Annotated[str, Query(max_length=256)] = "",
        segment: Annotated[str, Query(max_length=40)] = "",
        tag: Annotated[str, Query(max_length=40)] = "",
    ) -> PeoplePage:
        """List people, newest first; ``q`` searches, ``segment`` keeps its members, ``tag`` its carriers."""
        within = await segment_members(uow, segment) if segment else None
        if tag:
            carriers = await tags.giving.carriers(uow, tag)
            within = carriers if within is None else sorted(set(within).intersection(carriers))
        return await people.list_people(uow, cursor=cursor, limit=limit, q=q, within=within)

    @routes.get("/{person}")
    @permits.noted
    async def get_person(uow: RequestUow, person: str) -> PersonProfile:
        """Return one person's profile."""
        return await people.get_profile(uow, read_person_id(person))

    @routes.get("/{person}/timeline")
    async def get_timeline(
        uow: RequestUow,
        person: str,
        cursor: _Cursor = None,
        limit: _Limit = 50,
        name: Annotated[str, Query(max_length=200)] = "",
        kind: EventKind | None = None,
        channel: Annotated[str, Query(max_length=60)] = "",
        since: AwareDatetime | None = None,
        until: AwareDatetime | None = None,
    ) -> TimelinePage:
        """Return what a person did, newest first; only of a name, kind, channel or period [since, until)."""
        wanted = TimelineFilter(name=name, kind=kind or "", channel=channel, since=since, until=until)
        return await people.timeline(uow, read_person_id(person), cursor=cursor, limit=limit, wanted=wanted)

    return routes


def read_person_id(text: str) -> PersonId:
    """Read a person's outside id.

    Raises:
        PersonNotFound: no person can have it.
    """
    number = decode_id("per", text)
    if number >= _PERSON_ID_END:
        raise PersonNotFound(f"there is no person {text[:20]}", message_zh=f"没有这个客户：{text[:20]}")
    return PersonId(number)
