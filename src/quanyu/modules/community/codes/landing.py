"""The page behind a printed group code: who asks, where they are led, what they see."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import PersonId, TenantId, encode_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.community.codes import rules
from quanyu.modules.community.codes.contracts import TARGET_PREFIX, GroupCodeState, LandingPreview, TargetId
from quanyu.modules.community.codes.queries import CodeQueries, KeptCode, KeptTarget
from quanyu.modules.community.codes.rules import Outcome, Visitor
from quanyu.modules.community.codes.service import limits_of, options_of
from quanyu.modules.community.codes.visits import Visit, VisitQueries
from quanyu.modules.community.groups.reading import GroupReading
from quanyu.modules.community.ports import FindBrand, PeopleOfGroups, SegmentMembers, StaffCodes
from quanyu.modules.staff.visitors.recognition import Recognition, WayOut
from quanyu.modules.staff.visitors.recognition import Visit as BrowserVisit
from quanyu.modules.staff.visitors.tickets import PersonTickets

NO_TENANT: Final = TenantId(0)
VISITOR_BYTES: Final = 16


class SendBook(Protocol):
    """Which invitation a link came from."""

    async def send_of(self, uow: UnitOfWork, mark: str) -> int | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request says of its visitor."""

    token: str
    visitor: bytes
    store: str = ""
    source: str = ""
    language: str = ""
    mark: str = ""  # Of an invitation.
    tickets: tuple[str, ...] = field(default=(), repr=False)  # From the address, then from cookies.


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """What to show."""

    outcome: Outcome
    brand: str
    title: str
    notice: str = ""
    group_name: str = ""
    picture_url: str = ""  # Of a code to hold the finger on.
    link_url: str = ""  # Where the standby leads.
    text: str = ""
    ticket: str = field(default="", repr=False)  # To remember who it is.


class LandingDesk:
    """Decides what each visitor is shown, and counts it."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        tickets: PersonTickets,
        *,
        find_brand: FindBrand,
        people: PeopleOfGroups,
        segments: SegmentMembers,
        staff_codes: StaffCodes,
        sends: SendBook,
        recognition: Recognition | None = None,
    ) -> None:
        self._uows = uows
        self._tickets = tickets
        self._find_brand = find_brand
        self._people = people
        self._segments = segments
        self._staff_codes = staff_codes
        self._sends = sends
        self._recognition = recognition

    async def way(self, token: str, visit: BrowserVisit) -> WayOut | None:
        """Return where to learn who looks, so that nobody is led into a second group (GC-4)."""
        async with self._uows.system(NO_TENANT) as uow:
            found = await CodeQueries(uow).find_anywhere(token)
        if found is None or self._recognition is None:
            return None
        async with self._uows.system(TenantId(found[0])) as uow:
            code = await CodeQueries(uow).find(found[1])
            if code is None or code.state is not GroupCodeState.ACTIVE:
                return None
            return await self._recognition.way(uow, AccountId(code.corp_id), visit)

    async def open(self, asked: Asked) -> Landing | None:
        """Return what a visitor sees and count the visit; ``None`` if no code has this token."""
        async with self._uows.system(NO_TENANT) as uow:
            found = await CodeQueries(uow).find_anywhere(asked.token)
        if found is None:
            return None
        tenant_id = TenantId(found[0])
        async with self._uows.system(tenant_id) as uow:
            code = await CodeQueries(uow).find(found[1])
            assert code is not None
            targets = (await CodeQueries(uow).targets([code.code_id]))[code.code_id]
            person_id = await self._person(uow, asked.tickets)
            visitor = await self._visitor(uow, code, targets, asked, person_id)
            route = await _route(uow, code, targets, visitor)
            await self._count(uow, code, asked, route, person_id)
            ticket = self._tickets.issue(tenant_id, person_id) if person_id is not None else ""
            return await self._landing(uow, code, targets, route, ticket)

    async def preview(self, uow: UnitOfWork, code: KeptCode, visitor: Visitor, url: str) -> LandingPreview:
        """Return what a visitor like this would be shown; nothing is counted."""
        targets = (await CodeQueries(uow).targets([code.code_id]))[code.code_id]
        route = await _route(uow, code, targets, visitor)
        landing = await self._landing(uow, code, targets, route, "")
        name = next((one.draft.name for one in targets if one.target_id == route.target_id), "")
        target = "" if route.target_id is None else encode_id(TARGET_PREFIX, route.target_id)
        return LandingPreview(
            outcome=route.outcome, target=target, target_name=name, group=landing.group_name, url=url
        )

    async def picture(self, token: str, target_id: int) -> tuple[bytes, str] | None:
        """Return an uploaded picture of a code and its media type."""
        async with self._uows.system(NO_TENANT) as uow:
            found = await CodeQueries(uow).find_anywhere(token)
        if found is None:
            return None
        async with self._uows.system(TenantId(found[0])) as uow:
            return await CodeQueries(uow).picture(found[1], TargetId(target_id))

    async def _person(self, uow: UnitOfWork, tickets: Sequence[str]) -> PersonId | None:
        for ticket in tickets:
            person_id = self._tickets.read(uow.tenant_id, ticket)
            if person_id is not None:
                return (await self._people.canonical_ids(uow, [person_id])).get(person_id, person_id)
        return None

    async def _visitor(
        self,
        uow: UnitOfWork,
        code: KeptCode,
        targets: Sequence[KeptTarget],
        asked: Asked,
        person_id: PersonId | None,
    ) -> Visitor:
        visits = VisitQueries(uow)
        wanted = {one for target in targets for one in target.draft.where.segments}
        return Visitor(
            store=asked.store,
            language=asked.language,
            source=asked.source,
            segments=await self._segments_of(uow, person_id, wanted),
            group_ids=frozenset() if person_id is None else await visits.groups_of(person_id),
            shown_before=await visits.shown_before(code.code_id, asked.visitor),
        )

    async def _segments_of(
        self, uow: UnitOfWork, person_id: PersonId | None, wanted: set[str]
    ) -> frozenset[str]:
        if person_id is None:
            return frozenset()
        return frozenset(
            [one for one in sorted(wanted) if await self._segments.contains(uow, one, person_id)]
        )

    async def _count(
        self,
        uow: UnitOfWork,
        code: KeptCode,
        asked: Asked,
        route: rules.Route,
        person_id: PersonId | None,
    ) -> None:
        zone = ZoneInfo((await self._find_brand(uow)).time_zone)
        await VisitQueries(uow).keep(
            Visit(
                code_id=code.code_id,
                visitor=asked.visitor,
                day=uow.clock.now().astimezone(zone).date(),
                target_id=route.target_id or 0,
                outcome=route.outcome,
                person_id=person_id,
                send_id=await self._sends.send_of(uow, asked.mark) if asked.mark else None,
                source=asked.source,
            )
        )

    async def _landing(
        self,
        uow: UnitOfWork,
        code: KeptCode,
        targets: Sequence[KeptTarget],
        route: rules.Route,
        ticket: str,
    ) -> Landing:
        brand = (await self._find_brand(uow)).name
        by_id: Mapping[int, KeptTarget] = {one.target_id: one for one in targets}
        groups = await GroupReading(uow).find_many([route.group_id] if route.group_id else [])
        group_name = groups[route.group_id].name if route.group_id in groups else ""
        picture_url = link_url = text = ""
        if route.outcome is Outcome.WAY and route.target_id is not None:
            picture_url = by_id[route.target_id].qr_url
        elif route.outcome is Outcome.IMAGE and route.target_id is not None:
            picture_url = f"/g/{code.token}/pictures/{encode_id(TARGET_PREFIX, route.target_id)}"
        elif route.outcome is Outcome.STANDBY:
            text, link_url = code.standby.text, code.standby.url
            if code.standby.kind == "live_code":
                link_url = await self._staff_codes.page_url(uow, code.standby.live_code)
        return Landing(
            outcome=route.outcome,
            brand=brand,
            title=code.name,
            notice=code.notice,
            group_name=group_name,
            picture_url=picture_url,
            link_url=link_url,
            text=text,
            ticket=ticket,
        )


async def _route(
    uow: UnitOfWork, code: KeptCode, targets: Sequence[KeptTarget], visitor: Visitor
) -> rules.Route:
    options = await options_of(uow, targets)
    return rules.route(
        visitor,
        [options[one.target_id] for one in targets],
        limits_of(code),
        now=uow.clock.now(),
        is_open=code.state is GroupCodeState.ACTIVE,
    )


def new_visitor() -> bytes:
    """Return a name for a browser nobody has seen."""
    return secrets.token_bytes(VISITOR_BYTES)
