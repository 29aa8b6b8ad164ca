"""HTTP: connect mini programs, look at them, and know who is in them."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from quanyu.infra import permits
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.modules.channels.contracts import Checks
from quanyu.modules.channels.health.contracts import AccountHealth, Quotas, SeenCallbacks
from quanyu.modules.channels.health.service import AccountHealthDesk
from quanyu.modules.channels.mini_programs.contracts import (
    ConnectedMiniProgram,
    ConnectMiniProgram,
    GivePhoneNumber,
    LoggedIn,
    LogIn,
    MiniProgram,
    MiniPrograms,
    NameSession,
    OpenData,
    OpenedData,
    PhoneNumber,
    SessionState,
)
from quanyu.modules.channels.mini_programs.people import MiniProgramPeople
from quanyu.modules.channels.mini_programs.service import MiniProgramDesk, read_mini_program_id
from quanyu.modules.channels.service import Channels

_PREFIX = "/api/v1/channels/mini-programs"


def router(channels: Channels, desk: MiniProgramDesk, health: AccountHealthDesk) -> APIRouter:
    """Return the routes under ``/api/v1/channels/mini-programs``."""
    routes = APIRouter(prefix=_PREFIX, tags=["mini programs"], dependencies=[permits.CHANNELS])

    @routes.get("")
    async def list_mini_programs(uow: RequestUow) -> MiniPrograms:
        """The brand's mini programs, oldest first."""
        return MiniPrograms(items=await desk.list_mini_programs(uow))

    @routes.post("", status_code=201)
    async def connect_mini_program(uow: RequestUow, command: ConnectMiniProgram) -> ConnectedMiniProgram:
        """Connect a mini program, or replace the credentials of the one with this app id."""
        return await desk.connect(uow, command)

    @routes.get("/{account_id}")
    async def get_mini_program(uow: RequestUow, account_id: str) -> MiniProgram:
        """One mini program, without its secrets."""
        return await desk.get(uow, read_mini_program_id(account_id))

    @routes.post("/{account_id}/check")
    async def check_mini_program(request: Request, caller: CurrentCaller, account_id: str) -> Checks:
        """Look at everything that can be wrong; takes as long as the platform takes to answer."""
        uows: UnitOfWorkFactory = request.app.state.uows
        found = await channels.check(uows, caller.tenant_id, read_mini_program_id(account_id))
        return Checks(checks=found)

    @routes.get("/{account_id}/health")
    async def look_at_mini_program(uow: RequestUow, account_id: str) -> AccountHealth:
        """The mini program's condition: what comes in, what is refused."""
        await desk.get(uow, read_mini_program_id(account_id))
        return await health.look(uow, read_mini_program_id(account_id))

    @routes.get("/{account_id}/callbacks")
    async def list_mini_program_callbacks(
        caller: CurrentCaller, account_id: str, limit: Annotated[int, Query(ge=1, le=200)] = 50
    ) -> SeenCallbacks:
        """The last callbacks, newest first."""
        found = await health.last_callbacks(caller.tenant_id, read_mini_program_id(account_id), limit=limit)
        return SeenCallbacks(items=found)

    @routes.get("/{account_id}/quotas")
    async def list_mini_program_quotas(caller: CurrentCaller, account_id: str) -> Quotas:
        """What is left today of each call in use; asks the platform."""
        return await health.quotas(caller.tenant_id, read_mini_program_id(account_id))

    return routes


def people_router(people: MiniProgramPeople) -> APIRouter:
    """Return the routes of people in a mini program, for the brand's own servers."""
    routes = APIRouter(
        prefix=_PREFIX + "/{account_id}", tags=["mini program people"], dependencies=[permits.CHANNELS]
    )

    @routes.post("/login")
    async def log_in(caller: CurrentCaller, account_id: str, command: LogIn) -> LoggedIn:
        """Exchange the code of ``wx.login``; the session key stays here."""
        return await people.log_in(caller.tenant_id, read_mini_program_id(account_id), command.code)

    @routes.post("/phone-number")
    async def give_phone_number(
        caller: CurrentCaller, account_id: str, command: GivePhoneNumber
    ) -> PhoneNumber:
        """Exchange the code of the phone button; the number then leads to the person."""
        return await people.give_phone_number(caller.tenant_id, read_mini_program_id(account_id), command)

    @routes.post("/open-data")
    async def open_data(caller: CurrentCaller, account_id: str, command: OpenData) -> OpenedData:
        """Decrypt what a ``wx`` function returned, with the session kept here."""
        return await people.open_data(caller.tenant_id, read_mini_program_id(account_id), command)

    @routes.post("/session")
    async def check_session(caller: CurrentCaller, account_id: str, command: NameSession) -> SessionState:
        """Ask the platform whether the session kept here still lives."""
        account = read_mini_program_id(account_id)
        return SessionState(valid=await people.is_session_valid(caller.tenant_id, account, command.openid))

    return routes
