"""Who asks at the page beside chats: members by a cookie of their own, which no other door takes."""

from collections.abc import AsyncIterator
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI, Request

from quanyu.infra import auditing, permits
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.web import ForeignPage, is_from_elsewhere
from quanyu.kernel.permissions import Role
from quanyu.modules.staff.sidebar.contracts import StaffCaller
from quanyu.modules.staff.sidebar.errors import NotSignedIn
from quanyu.modules.staff.sidebar.signing_in import SidebarDoor

COOKIE: Final = "quanyu_staff"


class StaffCallers:
    """Knows members by their sessions."""

    def __init__(self, door: SidebarDoor, *, public_url: str) -> None:
        self._door = door
        self._public_host = urlsplit(public_url).netloc

    async def of(self, request: Request) -> StaffCaller:
        """Return who asks.

        Raises:
            NotSignedIn: nobody, or no longer.
            ForeignPage: a page of another site asks in their name.
        """
        if is_from_elsewhere(request, self._public_host):
            raise ForeignPage(
                "this request comes from a page of another site", message_zh="该请求来自其他网站的页面"
            )
        caller = await self._door.caller(request.cookies.get(COOKIE, ""))
        if caller is None:
            raise NotSignedIn("open this page from WeCom", message_zh="请在企业微信中打开本页面")
        return caller


def install(app: FastAPI, callers: StaffCallers) -> None:
    """Give ``app`` its way to know members."""
    app.state.staff_callers = callers


async def _current(request: Request) -> AsyncIterator[StaffCaller]:
    callers: StaffCallers = request.app.state.staff_callers
    uows: UnitOfWorkFactory = request.app.state.uows
    caller = await callers.of(request)
    if permits.is_noted(request.method, request.scope["endpoint"]):
        who = (0, caller.userid, Role.STAFF)
        auditing.remember(request, await auditing.describe(request, None, who=who, at=uows.clock.now()))
    yield caller
    await auditing.note_apart(uows, caller.tenant_id, request)


# Both end before the answer is sent: an answer means that it happened, and that it is noted.
CurrentStaff = Annotated[StaffCaller, Depends(_current, scope="function")]


async def _staff_uow(request: Request, caller: CurrentStaff) -> AsyncIterator[UnitOfWork]:
    uows: UnitOfWorkFactory = request.app.state.uows
    async with uows.app(caller.tenant_id) as uow:
        yield uow
        await auditing.note_with(uow, request)


StaffUow = Annotated[UnitOfWork, Depends(_staff_uow, scope="function")]
