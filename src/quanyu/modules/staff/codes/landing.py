"""Our own page of a live code, ``/l/<state>``: what a poster points to, so that it never dies."""

from html import escape
from typing import Annotated, Final, Protocol

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.staff.codes.leading import Lead, Leader, Shows
from quanyu.modules.staff.codes.states import CodeStates
from quanyu.modules.staff.visitors.recognition import Recognition
from quanyu.modules.staff.visitors.routes import lead_away, visit_of

PATH: Final = "/l"
_NO_TENANT: Final = TenantId(0)
_HEADERS: Final = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; img-src https: http: data:; style-src 'unsafe-inline'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
}
_STYLE: Final = (
    "body{margin:0;font:16px/1.6 system-ui,'PingFang SC','Microsoft YaHei',sans-serif;color:#1f2329;"
    "background:#f5f6f8;display:flex;min-height:100vh;align-items:center;justify-content:center}"
    "main{background:#fff;border-radius:16px;padding:32px 24px;margin:16px;max-width:320px;width:100%;"
    "text-align:center;box-shadow:0 4px 24px rgba(0,0,0,.06)}h1{font-size:20px;margin:0 0 4px}"
    "p{margin:8px 0;color:#646a73}img{width:240px;height:240px;margin:12px auto;display:block}"
)


class BrandName(Protocol):
    """Tells a brand's name."""

    async def __call__(self, uow: UnitOfWork, /) -> str: ...


def router(
    uows: UnitOfWorkFactory,
    states: CodeStates,
    leader: Leader,
    brand_name: BrandName,
    recognition: Recognition,
) -> APIRouter:
    """Return the public route ``/l/{state}``."""
    routes = APIRouter(prefix=PATH, include_in_schema=False)

    @routes.get("/{state}")
    async def page(request: Request, state: str, p: Annotated[str, Query(max_length=40)] = "") -> Response:
        async with uows.system(_NO_TENANT) as uow:
            owner = await states.owner(uow, state[:64])
        if owner is None:
            return _closed_page("", Lead(shows=Shows.CLOSED), 404)
        tenant_id, corp_id = owner
        async with uows.system(tenant_id) as uow:
            brand = await brand_name(uow)
            known = await states.resolve(uow, corp_id, state)
            if known is None:
                return _closed_page(brand, Lead(shows=Shows.CLOSED), 410)
            person_id = states.signer.read_person(state, p) if p else None
            if person_id is None and await leader.asks_who(uow, known.code_id):
                person_id = await recognition.person(uow, request.cookies)
                way = await recognition.way(uow, corp_id, visit_of(request))
                if way is not None:
                    return lead_away(request, way)
            lead = await leader.lead(uow, known.code_id, person_id)
        if lead.shows is Shows.SOON:
            await leader.prepare(tenant_id, known.code_id)
            async with uows.system(tenant_id) as uow:
                lead = await leader.lead(uow, known.code_id, person_id)
        return _render(brand, lead)

    return routes


def _render(brand: str, lead: Lead) -> Response:
    match lead.shows:
        case Shows.ELSEWHERE:
            return RedirectResponse(lead.url, 302, headers={"cache-control": "no-store"})
        case Shows.CLOSED:
            return _closed_page(brand, lead, 200)
        case Shows.SOON:
            inside = f"<h1>{escape(brand)}</h1><p>正在为您安排顾问，请稍候…</p>"
            return _page(brand, inside, head='<meta http-equiv="refresh" content="1">')
        case Shows.PICTURE:
            who = (
                f"您的专属顾问 {escape(lead.member)} 一直在"
                if lead.member
                else "长按识别二维码，添加专属顾问"
            )
            picture = f'<img src="{escape(lead.qr_code)}" alt="二维码" referrerpolicy="no-referrer">'
            return _page(brand, f"<h1>{escape(brand)}</h1><p>{escape(lead.name)}</p>{picture}<p>{who}</p>")


def _closed_page(brand: str, lead: Lead, status: int) -> Response:
    text = escape(lead.text) if lead.text else "此二维码已停用，感谢您的关注。"
    return _page(brand, f"<h1>{escape(brand)}</h1><p>{text}</p>", status=status)


def _page(title: str, inside: str, *, head: str = "", status: int = 200) -> Response:
    document = (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"{head}<title>{escape(title)}</title><style>{_STYLE}</style><main>{inside}</main></html>"
    )
    return HTMLResponse(document, status, headers=_HEADERS)
