"""HTTP, open to everybody: what a printed group code leads to. Never a dead page (GC-1)."""

import re
from html import escape
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from quanyu.kernel.ids import InvalidId, decode_id
from quanyu.modules.community.codes.contracts import TARGET_PREFIX
from quanyu.modules.community.codes.landing import VISITOR_BYTES, Asked, Landing, LandingDesk, new_visitor
from quanyu.modules.community.codes.rules import Outcome
from quanyu.modules.staff.visitors.recognition import PERSON_COOKIE
from quanyu.modules.staff.visitors.routes import lead_away, visit_of

_VISITOR: Final = "quanyu_visitor"
_WHO: Final = "quanyu_group_person"
_YEAR_S: Final = 365 * 86_400
_WORDS: Final = {
    "zh": {
        Outcome.ALREADY: "您已在群「{group}」中，打开微信即可找到它。",
        Outcome.WAY: "长按识别二维码，加入群聊",
        Outcome.IMAGE: "长按识别二维码，加入群聊",
        Outcome.STANDBY: "群已满员，请添加顾问，由顾问邀请您入群",
        "continue": "继续",
        "unknown": "这个群活码不存在",
    },
    "en": {
        Outcome.ALREADY: "You are already in “{group}”: open WeChat to find it.",
        Outcome.WAY: "Press and hold the code to join the group",
        Outcome.IMAGE: "Press and hold the code to join the group",
        Outcome.STANDBY: "The groups are full. Add our adviser, who will invite you",
        "continue": "Continue",
        "unknown": "There is no such group code",
    },
}
_PAGE: Final = """<!doctype html><html lang="{lang}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">
<title>{title}</title><style>
body{{margin:0;font:16px/1.6 system-ui,sans-serif;background:#f4f6f5;color:#1c2521;display:grid;
min-height:100vh;place-items:center}}main{{background:#fff;border-radius:16px;padding:32px 24px;margin:16px;
max-width:340px;text-align:center;box-shadow:0 2px 16px #0001}}h1{{font-size:20px;margin:0 0 8px}}
img{{width:240px;height:240px;object-fit:contain}}p{{margin:8px 0}}.quiet{{color:#68736e;font-size:14px}}
a{{display:inline-block;margin-top:12px;padding:10px 32px;border-radius:8px;background:#0a7b4b;color:#fff;
text-decoration:none}}</style></head><body><main data-outcome="{outcome}">{body}</main></body></html>"""


def router(desk: LandingDesk) -> APIRouter:
    """Return the routes under ``/g``."""
    routes = APIRouter(prefix="/g", include_in_schema=False)
    _Text = Annotated[str, Query(max_length=64)]

    @routes.get("/{token}", response_class=HTMLResponse)
    async def open_code(
        request: Request,
        token: str,
        store: _Text = "",
        s: _Text = "",
        lang: _Text = "",
        i: _Text = "",
        k: _Text = "",
    ) -> Response:
        """Show where to join. ``s`` is the source, ``i`` an invitation's mark, ``k`` a person's ticket."""
        if not k and _WHO not in request.cookies:
            way = await desk.way(token, visit_of(request))
            if way is not None:
                return lead_away(request, way)
        visitor, is_new = _visitor(request)
        known = (k, *(request.cookies.get(name, "") for name in (PERSON_COOKIE, _WHO)))
        language = lang or _language(request.headers.get("accept-language", ""))
        landing = await desk.open(
            Asked(
                token=token,
                visitor=visitor,
                store=store,
                source=s,
                language=language,
                mark=i,
                tickets=tuple(one for one in known if one),
            )
        )
        words = _WORDS["zh" if language.startswith("zh") or not language else "en"]
        if landing is None:
            body = f"<h1>{words['unknown']}</h1>"
            return HTMLResponse(_PAGE.format(lang="zh", title="", outcome="unknown", body=body), 404)
        answer = HTMLResponse(render(landing, language), headers={"Cache-Control": "no-store"})
        is_https = request.url.scheme == "https"
        if is_new:
            _remember(answer, _VISITOR, visitor.hex(), is_https=is_https)
        if landing.ticket:
            _remember(answer, _WHO, landing.ticket, is_https=is_https)
        return answer

    @routes.get("/{token}/pictures/{target}")
    async def picture(token: str, target: str) -> Response:
        """A picture that was uploaded."""
        try:
            found = await desk.picture(token, decode_id(TARGET_PREFIX, target))
        except InvalidId:
            found = None
        if found is None:
            return Response(status_code=404)
        return Response(
            found[0],
            media_type=found[1],
            headers={"Cache-Control": "private, max-age=60", "X-Content-Type-Options": "nosniff"},
        )

    return routes


def render(landing: Landing, language: str) -> str:
    """Return the page."""
    words = _WORDS["zh" if language.startswith("zh") or not language else "en"]
    said = landing.text or words[landing.outcome].format(group=landing.group_name)
    parts = [f"<h1>{escape(landing.title)}</h1>", f"<p>{escape(said)}</p>"]
    if landing.picture_url:
        parts.append(f'<img src="{escape(landing.picture_url)}" alt="{escape(said)}">')
    if landing.group_name and landing.outcome is Outcome.WAY:
        parts.append(f"<p>{escape(landing.group_name)}</p>")
    if landing.link_url:
        parts.append(f'<a href="{escape(landing.link_url)}">{words["continue"]}</a>')
    parts += [f'<p class="quiet">{escape(text)}</p>' for text in (landing.notice, landing.brand) if text]
    return _PAGE.format(
        lang=escape(language or "zh"),
        title=escape(landing.title),
        outcome=landing.outcome,
        body="".join(parts),
    )


def _visitor(request: Request) -> tuple[bytes, bool]:
    known = request.cookies.get(_VISITOR, "")
    if re.fullmatch(rf"[0-9a-f]{{{2 * VISITOR_BYTES}}}", known):
        return bytes.fromhex(known), False
    return new_visitor(), True


def _language(accepted: str) -> str:
    """Return the language a browser likes best."""
    first = accepted.split(",")[0].partition(";")[0].strip().lower()
    return first if re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", first) else ""


def _remember(answer: Response, name: str, value: str, *, is_https: bool) -> None:
    answer.set_cookie(name, value, max_age=_YEAR_S, path="/g", httponly=True, samesite="lax", secure=is_https)
