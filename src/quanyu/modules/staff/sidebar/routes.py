"""HTTP: the page beside chats. Members have sessions of their own, good for these routes alone."""

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from quanyu.infra import permits
from quanyu.infra.web import RequestUow
from quanyu.modules.staff.sidebar.callers import COOKIE, CurrentStaff, StaffUow
from quanyu.modules.staff.sidebar.contracts import (
    CorpTagChoices,
    CustomerCard,
    FindCustomer,
    FoundCustomer,
    MarkTags,
    Notes,
    OwnCustomers,
    ShownEvents,
    SidebarAddresses,
    SidebarConfig,
    SidebarSession,
    SignSidebar,
    StaffDeeds,
    StaffTasks,
    SwitchSelf,
    WriteNotes,
)
from quanyu.modules.staff.sidebar.errors import SignInRefused
from quanyu.modules.staff.sidebar.queries import SESSION_LIFE
from quanyu.modules.staff.sidebar.records import SidebarRecords
from quanyu.modules.staff.sidebar.service import SidebarDesk
from quanyu.modules.staff.sidebar.signing_in import WAY_LIFE, SidebarDoor

PREFIX: Final = "/api/v1/sidebar"
WAY_COOKIE: Final = "quanyu_staff_way"
_Cursor = Annotated[str | None, Query(max_length=400)]


def router(door: SidebarDoor, desk: SidebarDesk, *, secure: bool) -> APIRouter:
    """Return the routes under ``/api/v1/sidebar``; ``secure`` keeps cookies to HTTPS."""
    routes = APIRouter(prefix=PREFIX, tags=["sidebar"])
    _add_door(routes, door, secure=secure)
    _add_page(routes, desk)
    _add_reading(routes, desk)
    _add_writing(routes, desk)
    return routes


def records_router(records: SidebarRecords) -> APIRouter:
    """Return what the console asks about the page."""
    routes = APIRouter(prefix="/api/v1/staff-sidebar", tags=["sidebar"], dependencies=[permits.WECOM])

    @routes.get("")
    async def addresses(uow: RequestUow) -> SidebarAddresses:
        """Where each company's page lies."""
        return await records.addresses(uow)

    @routes.get("/deeds")
    async def deeds(
        uow: RequestUow, cursor: _Cursor = None, limit: Annotated[int | None, Query(ge=1, le=200)] = None
    ) -> StaffDeeds:
        """What members did on the page, newest first."""
        return await records.deeds(uow, cursor=cursor, limit=limit)

    return routes


def _add_door(routes: APIRouter, door: SidebarDoor, *, secure: bool) -> None:
    @routes.get("/login", include_in_schema=False)
    async def login(
        brand: Annotated[str, Query(max_length=40)], corp: Annotated[str, Query(max_length=40)]
    ) -> Response:
        way = await door.begin(brand, corp)
        answer = RedirectResponse(way.url, 303)
        answer.set_cookie(
            WAY_COOKIE,
            way.cookie,
            max_age=int(WAY_LIFE.total_seconds()),
            path=PREFIX,
            httponly=True,
            samesite="lax",  # The way back begins on a page of WeCom.
            secure=secure,
        )
        return answer

    @routes.get("/back", include_in_schema=False)
    async def back(
        request: Request,
        code: Annotated[str, Query(max_length=600)] = "",
        state: Annotated[str, Query(max_length=200)] = "",
    ) -> Response:
        try:
            found = await door.finish(request.cookies.get(WAY_COOKIE, ""), code=code, state=state)
        except SignInRefused as error:
            why = {"problem": str(error.details.get("why", "code"))}
            answer = RedirectResponse(f"/sidebar/?{urlencode(why)}", 303)
        else:
            answer = RedirectResponse(found.page, 303)
            answer.set_cookie(
                COOKIE,
                found.token,
                max_age=int(SESSION_LIFE.total_seconds()),
                path=PREFIX,
                httponly=True,
                samesite="lax",
                secure=secure,
            )
        answer.delete_cookie(WAY_COOKIE, path=PREFIX)
        return answer

    @routes.post("/logout", status_code=204)
    @permits.reads
    async def logout(request: Request, caller: CurrentStaff) -> Response:
        """End the session."""
        await door.leave(request.cookies.get(COOKIE, ""))
        answer = Response(status_code=204)
        answer.delete_cookie(COOKIE, path=PREFIX)
        return answer


def _add_page(routes: APIRouter, desk: SidebarDesk) -> None:
    @routes.get("/session")
    async def session(caller: CurrentStaff, uow: StaffUow) -> SidebarSession:
        """Who is signed in."""
        return await desk.session(uow, caller)

    @routes.post("/page-config")
    @permits.reads
    async def page_config(caller: CurrentStaff, command: SignSidebar) -> SidebarConfig:
        """What our own page gives to ``wx.config`` and ``wx.agentConfig``."""
        return await desk.page_config(caller, command.url)

    @routes.get("/tasks")
    async def tasks(caller: CurrentStaff, uow: StaffUow) -> StaffTasks:
        """What the member should know or do."""
        return await desk.tasks(uow, caller)

    @routes.put("/online", status_code=204)
    async def switch(caller: CurrentStaff, uow: StaffUow, command: SwitchSelf) -> Response:
        """Take new customers, or none for now."""
        await desk.switch(uow, caller, is_online=command.is_online)
        return Response(status_code=204)

    @routes.get("/tags")
    async def tags(caller: CurrentStaff, uow: StaffUow) -> CorpTagChoices:
        """The tags that can be given."""
        return await desk.tag_choices(uow, caller)


def _add_reading(routes: APIRouter, desk: SidebarDesk) -> None:
    @routes.get("/customers")
    async def customers(
        caller: CurrentStaff,
        uow: StaffUow,
        lost: bool = False,
        cursor: _Cursor = None,
        limit: Annotated[int | None, Query(ge=1, le=200)] = None,
    ) -> OwnCustomers:
        """The member's customers, or those who deleted them."""
        return await desk.customers(uow, caller, lost=lost, cursor=cursor, limit=limit)

    @routes.post("/customers/find")
    @permits.reads
    async def find(caller: CurrentStaff, uow: StaffUow, command: FindCustomer) -> FoundCustomer:
        """The id here of the customer the chat is with. The platform's id travels in no address."""
        return await desk.find(uow, caller, command.external_userid)

    @routes.get("/customers/{customer}")
    async def card(caller: CurrentStaff, uow: StaffUow, customer: str) -> CustomerCard:
        """What is known of a customer."""
        return await desk.card(uow, caller, customer)

    @routes.get("/customers/{customer}/timeline")
    async def timeline(
        caller: CurrentStaff, uow: StaffUow, customer: str, orders: bool = False, cursor: _Cursor = None
    ) -> ShownEvents:
        """What a customer did, or bought."""
        return await desk.timeline(uow, caller, customer, orders=orders, cursor=cursor)

    @routes.get("/customers/{customer}/notes")
    async def notes(caller: CurrentStaff, customer: str) -> Notes:
        """What the member noted of a customer, as the platform has it now."""
        return await desk.notes(caller, customer)


def _add_writing(routes: APIRouter, desk: SidebarDesk) -> None:
    @routes.put("/customers/{customer}/notes")
    async def write_notes(caller: CurrentStaff, customer: str, command: WriteNotes) -> Notes:
        """Write notes to the platform in the member's name."""
        return await desk.write_notes(caller, customer, command)

    @routes.put("/customers/{customer}/tags", status_code=202)
    async def mark(caller: CurrentStaff, uow: StaffUow, customer: str, command: MarkTags) -> Response:
        """Give and take tags; they reach the platform within seconds."""
        await desk.mark(uow, caller, customer, command)
        return Response(status_code=202)
