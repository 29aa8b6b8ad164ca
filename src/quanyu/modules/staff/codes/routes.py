"""HTTP: live codes, what each does now, what happened to it and what it brought."""

from datetime import date, datetime, timedelta
from typing import Annotated, Protocol
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response

from quanyu.infra import permits
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.errors import InvalidInput
from quanyu.kernel.ids import PersonId, decode_id
from quanyu.modules.channels.codes.contracts import ImageFormat
from quanyu.modules.channels.codes.service import draw
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.wecom.corps import Corps, read_corp_id
from quanyu.modules.staff.codes.contracts import (
    AuditTrail,
    CodeQuota,
    CodeStatus,
    LeadAway,
    LiveCode,
    LiveCodeDraft,
    LiveCodeFigures,
    LiveCodes,
    NewLiveCode,
    PersonalLink,
)
from quanyu.modules.staff.codes.references import read_code_id
from quanyu.modules.staff.codes.service import PAGE_MAX, LiveCodeDesk
from quanyu.modules.staff.codes.statistics import CodePeriod, LiveCodeStatistics
from quanyu.modules.staff.codes.ways import WayWorker

_DAYS_MAX = 366


class BrandWords(Protocol):
    """What figures need to know of the brand."""

    @property
    def time_zone(self) -> str: ...
    @property
    def currency(self) -> str: ...


class FindBrand(Protocol):
    async def __call__(self, uow: UnitOfWork, /) -> BrandWords: ...


def router(desk: LiveCodeDesk, corps: Corps, worker: WayWorker) -> APIRouter:
    """Return the routes under ``/api/v1/live-codes`` that read and change codes."""
    routes = APIRouter(prefix="/api/v1/live-codes", tags=["live codes"], dependencies=[permits.WECOM])

    @routes.get("")
    async def list_live_codes(
        uow: RequestUow,
        corp: Annotated[str, Query(max_length=40)] = "",
        q: Annotated[str, Query(max_length=60)] = "",
        status: CodeStatus | None = None,
        cursor: Annotated[str | None, Query(max_length=40)] = None,
        limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
    ) -> LiveCodes:
        """Codes with what they do now, newest first, and each corp's quota; deleted ones only by status."""
        corp_id = read_corp_id(corp) if corp else None
        return await desk.list_codes(
            uow,
            await corps.corp_ids(uow) if corp_id is None else [corp_id],
            corp_id=corp_id,
            search=q,
            status=status,
            before=read_code_id(cursor) if cursor else None,
            limit=limit,
        )

    @routes.post("", status_code=201)
    async def create_live_code(request: Request, caller: CurrentCaller, command: NewLiveCode) -> LiveCode:
        """Make a code. The platform is asked at once; if it does not answer, it is asked again later."""
        uows: UnitOfWorkFactory = request.app.state.uows
        async with uows.app(caller.tenant_id) as uow:
            corp = await corps.get(uow, read_corp_id(command.corp))
            made = await desk.create(uow, corp.id, command, actor=caller.name)
        code_id = read_code_id(made.row.id)
        await worker.run_once(caller.tenant_id, code_id)
        async with uows.app(caller.tenant_id) as uow:
            return await desk.get(uow, code_id)

    @routes.get("/quota")
    async def get_quota(uow: RequestUow, corp: Annotated[str, Query(max_length=40)]) -> CodeQuota:
        """How many of the corp's codes are used, and when they would be used up."""
        corp_id: AccountId = (await corps.get(uow, read_corp_id(corp))).id
        return await desk.quota(uow, corp_id)

    @routes.get("/{code_id}")
    async def get_live_code(uow: RequestUow, code_id: str) -> LiveCode:
        """One code whole: what it should say and what it says, and how its members stand."""
        return await desk.get(uow, read_code_id(code_id))

    @routes.put("/{code_id}")
    async def change_live_code(
        uow: RequestUow, caller: CurrentCaller, code_id: str, draft: LiveCodeDraft
    ) -> LiveCode:
        """Replace what the code does; its pictures stay."""
        return await desk.change(uow, read_code_id(code_id), draft, actor=caller.name)

    @routes.post("/{code_id}/pause")
    async def pause_live_code(
        uow: RequestUow, caller: CurrentCaller, code_id: str, command: LeadAway
    ) -> LiveCode:
        """Stop the code for a time; its pictures lead where the command says."""
        return await desk.pause(uow, read_code_id(code_id), command.redirect, actor=caller.name)

    @routes.post("/{code_id}/resume")
    async def resume_live_code(uow: RequestUow, caller: CurrentCaller, code_id: str) -> LiveCode:
        """Let a code that was paused or has ended work again."""
        return await desk.resume(uow, read_code_id(code_id), actor=caller.name)

    @routes.post("/{code_id}/delete")
    async def delete_live_code(
        uow: RequestUow, caller: CurrentCaller, code_id: str, command: LeadAway
    ) -> LiveCode:
        """Delete the code for good; its pictures lead where the command says."""
        return await desk.delete(uow, read_code_id(code_id), command.redirect, actor=caller.name)

    @routes.post("/{code_id}/check")
    async def check_live_code(request: Request, caller: CurrentCaller, code_id: str) -> LiveCode:
        """Compare what the platform says with what it should say, and repair it, at once."""
        uows: UnitOfWorkFactory = request.app.state.uows
        number = read_code_id(code_id)
        async with uows.app(caller.tenant_id) as uow:
            await desk.check_now(uow, number, actor=caller.name)
        await worker.run_once(caller.tenant_id, number)
        async with uows.app(caller.tenant_id) as uow:
            return await desk.get(uow, number)

    @routes.get("/{code_id}/trail")
    async def get_trail(
        uow: RequestUow,
        code_id: str,
        cursor: Annotated[str | None, Query(pattern=r"^[0-9]{1,19}$")] = None,
    ) -> AuditTrail:
        """What happened to the code, newest first."""
        before = int(cursor) if cursor else None
        return await desk.trail(uow, read_code_id(code_id), before=before)

    @routes.get("/{code_id}/link")
    async def get_personal_link(
        uow: RequestUow, code_id: str, person: Annotated[str, Query(max_length=20)]
    ) -> PersonalLink:
        """The address of the code's page for one person: who is served already is led to the same member."""
        return await desk.personal_link(uow, read_code_id(code_id), PersonId(decode_id("per", person)))

    return routes


def figures_router(desk: LiveCodeDesk, statistics: LiveCodeStatistics, find_brand: FindBrand) -> APIRouter:
    """Return the routes under ``/api/v1/live-codes`` that draw and count."""
    routes = APIRouter(prefix="/api/v1/live-codes", tags=["live codes"], dependencies=[permits.WECOM])

    @routes.get("/{code_id}/image", response_class=Response)
    async def image_of_live_code(
        uow: RequestUow,
        code_id: str,
        image_format: Annotated[ImageFormat, Query(alias="format")] = "png",
        scale: Annotated[int, Query(ge=1, le=40)] = 12,
    ) -> Response:
        """The picture to print: it leads to the code's own page. ``scale``: pixels of one module."""
        code = await desk.get(uow, read_code_id(code_id))
        picture, media_type = draw(code.row.landing_url, image_format, scale=scale)
        name = f'inline; filename="{code.row.id}.{image_format}"'
        return Response(picture, media_type=media_type, headers={"Content-Disposition": name})

    @routes.get("/{code_id}/figures")
    async def figures_of_live_code(
        request: Request,
        caller: CurrentCaller,
        code_id: str,
        start: Annotated[date | None, Query(alias="from")] = None,
        end: Annotated[date | None, Query(alias="to")] = None,
    ) -> LiveCodeFigures:
        """What the code brought by day, both days included; the last 30 days when none are given."""
        uows: UnitOfWorkFactory = request.app.state.uows
        number = read_code_id(code_id)
        async with uows.app(caller.tenant_id) as uow:
            code = await desk.get(uow, number)
            brand = await find_brand(uow)
            zone = ZoneInfo(brand.time_zone)
            first, last = _days(start, end, uow.clock.now().astimezone(zone).date())
            over_cap = await desk.over_cap(uow, number, first, last)
        period = CodePeriod(
            code=code.row.id,
            start=datetime.combine(first, datetime.min.time(), zone),
            end=datetime.combine(last + timedelta(days=1), datetime.min.time(), zone),
            zone=brand.time_zone,
            currency=brand.currency,
        )
        return await statistics.of_code(caller.tenant_id, period, over_cap=over_cap)

    return routes


def _days(start: date | None, end: date | None, today: date) -> tuple[date, date]:
    last = end or today
    if not date(2000, 1, 1) <= last <= date(9000, 1, 1):
        raise InvalidInput(f"{last} is beyond any calendar of ours", message_zh=f"日期 {last} 超出范围")
    first = start or last - timedelta(days=29)
    return max(first, last - timedelta(days=_DAYS_MAX)), last
