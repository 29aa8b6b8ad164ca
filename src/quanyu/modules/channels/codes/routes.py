"""HTTP: source codes of an account, their pictures and what they brought."""

from datetime import date, datetime, timedelta
from typing import Annotated, Protocol
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response

from quanyu.infra import permits
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.modules.channels.codes.contracts import (
    ArchiveCode,
    CodeDraft,
    CodeStatistics,
    ImageFormat,
    NewCode,
    SourceCode,
    SourceCodes,
)
from quanyu.modules.channels.codes.issuing import CodeIssuer
from quanyu.modules.channels.codes.service import CodeConflict, SourceCodeDesk, draw, read_code_id
from quanyu.modules.channels.codes.statistics import CodePeriod
from quanyu.modules.channels.service import Channels, read_account_id

_DAYS_MAX = 366


class BrandWords(Protocol):
    """What figures need to know of the brand; ``tenants`` knows."""

    @property
    def time_zone(self) -> str: ...
    @property
    def currency(self) -> str: ...


class FindBrand(Protocol):
    async def __call__(self, uow: UnitOfWork, /) -> BrandWords: ...


def router(channels: Channels, codes: SourceCodeDesk, issuer: CodeIssuer, find_brand: FindBrand) -> APIRouter:
    """Return the routes under ``/api/v1/channels/official-accounts/{account_id}/codes``."""
    routes = APIRouter(
        prefix="/api/v1/channels/official-accounts/{account_id}/codes",
        tags=["source codes"],
        dependencies=[permits.CHANNELS],
    )

    @routes.get("")
    async def list_codes(
        uow: RequestUow, account_id: str, q: Annotated[str, Query(max_length=64)] = ""
    ) -> SourceCodes:
        """The newest codes and what they brought in 30 days; ``q`` is part of a name, or a scene."""
        account = await channels.get_account(uow, read_account_id(account_id))
        return await codes.list_codes(uow, read_account_id(account_id), account.app_id, search=q)

    @routes.post("", status_code=201)
    async def create_code(
        request: Request, caller: CurrentCaller, account_id: str, command: NewCode
    ) -> SourceCode:
        """Make a code. The platform is asked at once; if it does not answer, it is asked again later."""
        uows: UnitOfWorkFactory = request.app.state.uows
        account = read_account_id(account_id)
        async with uows.app(caller.tenant_id) as uow:
            await channels.get_account(uow, account)
            created = await codes.create(uow, account, command)
        await issuer.issue(caller.tenant_id, read_code_id(created.id))
        async with uows.app(caller.tenant_id) as uow:
            return await codes.get(uow, account, read_code_id(created.id))

    @routes.put("/{code_id}")
    async def change_code(uow: RequestUow, account_id: str, code_id: str, draft: CodeDraft) -> SourceCode:
        """Replace name, tags and welcome; the picture stays."""
        return await codes.change(uow, read_account_id(account_id), read_code_id(code_id), draft)

    @routes.post("/{code_id}/archive")
    async def archive_code(uow: RequestUow, account_id: str, code_id: str, end: ArchiveCode) -> SourceCode:
        """End a code; its printed pictures lead where the command says."""
        return await codes.archive(uow, read_account_id(account_id), read_code_id(code_id), end.redirect)

    @routes.post("/{code_id}/issue")
    async def issue_code(
        request: Request, caller: CurrentCaller, account_id: str, code_id: str
    ) -> SourceCode:
        """Ask for a new ticket of the same scene: to renew a temporary code, or after a failure."""
        uows: UnitOfWorkFactory = request.app.state.uows
        account, code = read_account_id(account_id), read_code_id(code_id)
        async with uows.app(caller.tenant_id) as uow:
            await codes.issue_again(uow, account, code)
        await issuer.issue(caller.tenant_id, code)
        async with uows.app(caller.tenant_id) as uow:
            return await codes.get(uow, account, code)

    @routes.get("/{code_id}/image", response_class=Response)
    async def image_of_code(
        uow: RequestUow,
        account_id: str,
        code_id: str,
        image_format: Annotated[ImageFormat, Query(alias="format")] = "png",
        scale: Annotated[int, Query(ge=1, le=40)] = 12,
    ) -> Response:
        """The code's picture; ``scale`` is the size of one module in pixels."""
        code = await codes.get(uow, read_account_id(account_id), read_code_id(code_id))
        if not code.url:
            raise CodeConflict("the code has no ticket yet", message_zh="该渠道码尚未生成")
        picture, media_type = draw(code.url, image_format, scale=scale)
        name = f'inline; filename="{code.scene}.{image_format}"'
        return Response(picture, media_type=media_type, headers={"Content-Disposition": name})

    @routes.get("/{code_id}/statistics")
    async def statistics_of_code(
        request: Request,
        caller: CurrentCaller,
        account_id: str,
        code_id: str,
        start: Annotated[date | None, Query(alias="from")] = None,
        end: Annotated[date | None, Query(alias="to")] = None,
    ) -> CodeStatistics:
        """What the code brought by day, both days included; the last 30 days when none are given."""
        uows: UnitOfWorkFactory = request.app.state.uows
        async with uows.app(caller.tenant_id) as uow:
            account = await channels.get_account(uow, read_account_id(account_id))
            code = await codes.get(uow, read_account_id(account_id), read_code_id(code_id))
            brand = await find_brand(uow)
            now = uow.clock.now()
        zone = ZoneInfo(brand.time_zone)
        last = end or now.astimezone(zone).date()
        first = max(start or last - timedelta(days=29), last - timedelta(days=_DAYS_MAX))
        period = CodePeriod(
            app_id=account.app_id,
            scene=code.scene,
            start=datetime.combine(first, datetime.min.time(), zone),
            end=datetime.combine(last + timedelta(days=1), datetime.min.time(), zone),
            zone=brand.time_zone,
            currency=brand.currency,
        )
        return await codes.figures.of_code(caller.tenant_id, period)

    return routes
