"""HTTP, open to whoever holds a link: where people choose what they agree to. No script, no log-in."""

import re
import secrets
from collections.abc import Sequence
from html import escape
from typing import Annotated, Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from quanyu.infra.rate_limit import RateLimit
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.modules.people import profile_queries
from quanyu.modules.people.consent import preferences
from quanyu.modules.people.consent.contracts import PurposeView
from quanyu.modules.people.consent.links import PATH, PreferenceLinks
from quanyu.modules.people.consent.page_words import CHANNELS, WORDS
from quanyu.modules.people.consent.preferences import Choice, Preferences
from quanyu.modules.people.consent.service import Consent
from quanyu.modules.people.tickets import Ticket
from quanyu.modules.tenants.service import Tenants

_BODY_MAX: Final = 64 * 1024
_FORM: Final = re.compile(r"[0-9a-f]{32}")
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
}
_STYLE: Final = """
*{box-sizing:border-box}
body{margin:0;font:16px/1.6 system-ui,sans-serif;background:#f4f6f5;color:#1c2521}
main{max-width:560px;margin:0 auto;padding:16px;overflow-wrap:anywhere}
nav{text-align:right;font-size:14px} a{color:#0a7b4b}
h1{font-size:22px;margin:8px 0} h2{font-size:17px;margin:0 0 4px}
section{background:#fff;border-radius:14px;padding:16px;margin:12px 0}
label{display:flex;justify-content:space-between;align-items:center;min-height:44px}
label{border-top:1px solid #eef1ef}
input{width:22px;height:22px;accent-color:#0a7b4b}
button{width:100%;min-height:48px;border-radius:10px;border:1px solid #0a7b4b;font:inherit;margin-top:10px;
background:#0a7b4b;color:#fff}
button.plain{background:#fff;color:#8a2b1f;border-color:#d9b3ad}
.quiet{color:#5b6660;font-size:14px} .text{white-space:pre-line;margin:4px 0 8px}
.said{background:#e2f3ea;border-radius:10px;padding:10px 14px}
"""


class _Door:
    """Opens the page for a link, unless it is no good or asked for too often."""

    def __init__(self, links: PreferenceLinks, uows: UnitOfWorkFactory) -> None:
        self._links = links
        self._uows = uows
        self._views = RateLimit(60)
        self._strangers = RateLimit(30)

    def read(self, request: Request, token: str) -> Ticket | Response:
        """Return whom the link is for, or the page that refuses it."""
        link = self._links.read(token[:200], self._uows.clock.now())
        host = request.client.host if request.client else ""
        if link is None:
            is_patient = self._strangers.takes(host)
            return _refusal(request, "gone", 404) if is_patient else _refusal(request, "often", 429)
        if not self._views.takes(f"{link.tenant_id}:{link.person_id}"):
            return _refusal(request, "often", 429)
        return link


def router(consent: Consent, links: PreferenceLinks, tenants: Tenants, uows: UnitOfWorkFactory) -> APIRouter:
    """Return the page's routes."""
    routes = APIRouter(prefix=PATH, include_in_schema=False)
    door = _Door(links, uows)
    _Lang = Annotated[str, Query(max_length=10)]

    @routes.get("/{token}", response_class=HTMLResponse)
    async def open_preferences(request: Request, token: str, lang: _Lang = "", saved: _Lang = "") -> Response:
        """Show what a person agreed to."""
        link = door.read(request, token)
        if isinstance(link, Response):
            return link
        async with uows.app(link.tenant_id) as uow:
            if not await _is_known(uow, link):
                return _refusal(request, "gone", 404)
            shown = await preferences.show(uow, consent, link.person_id)
            brand = (await tenants.get_brand(uow)).name
        page = _page(shown, brand, language=_language(request, lang), is_saved=bool(saved))
        return HTMLResponse(page, headers=_HEADERS)

    @routes.post("/{token}")
    async def save_preferences(request: Request, token: str, lang: _Lang = "") -> Response:
        """Write down what was chosen, and show it."""
        link = door.read(request, token)
        if isinstance(link, Response):
            return link
        fields = await _fields(request)
        form = fields.get("form", [""])[0]
        if not _FORM.fullmatch(form):
            return _refusal(request, "gone", 400)
        wanted = frozenset() if "withdraw_all" in fields else frozenset(fields.get("on", ()))
        async with uows.app(link.tenant_id) as uow:
            if not await _is_known(uow, link):
                return _refusal(request, "gone", 404)
            read = _versions(fields.get("text", ()))
            await preferences.choose(uow, consent, link.person_id, wanted, form=form, read=read)
        language = _language(request, lang)
        return RedirectResponse(f"{PATH}/{token}?saved=1&lang={language}", 303, headers=_HEADERS)

    return routes


async def _is_known(uow: UnitOfWork, link: Ticket) -> bool:
    return bool(await profile_queries.find_canonical(uow, [link.person_id]))


async def _fields(request: Request) -> dict[str, list[str]]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _BODY_MAX:
            return {}
    return parse_qs(body.decode("utf-8", "replace"), max_num_fields=1_000)


def _versions(texts: Sequence[str]) -> dict[str, int]:
    """Return which version of each purpose's text was on the page that was sent."""
    parts = [text.partition("@") for text in texts]
    return {purpose: int(version) for purpose, _, version in parts if re.fullmatch(r"[1-9]\d{0,8}", version)}


def _language(request: Request, asked: str) -> str:
    accepted = asked or request.headers.get("accept-language", "")
    return "en" if accepted.lower().startswith("en") else "zh"


def _refusal(request: Request, why: str, status: int) -> Response:
    language = _language(request, request.query_params.get("lang", ""))
    words = WORDS[language]
    body = f"<main><h1>{words['title']}</h1><section><p>{words[why]}</p></section></main>"
    return HTMLResponse(_document(language, words["title"], body), status, headers=_HEADERS)


def _page(shown: Preferences, brand: str, *, language: str, is_saved: bool) -> str:
    words = WORDS[language]
    other = "en" if language == "zh" else "zh"
    parts = [
        f'<nav><a href="?lang={other}">{WORDS[other]["own_name"]}</a></nav>',
        f'<h1>{words["title"]}</h1><p class="quiet">{escape(brand)} · {words["lead"]}</p>',
    ]
    if is_saved:
        parts.append(f'<p class="said" role="status">{words["saved"]}</p>')
    parts.append(f'<form method="post" action="?lang={language}">')
    parts.append(f'<input type="hidden" name="form" value="{secrets.token_hex(16)}">')
    parts += [_purpose(purpose, choices, language) for purpose, choices in shown.switchable]
    parts.append(f"<button>{words['save']}</button>")
    parts.append(
        f'<button class="plain" name="withdraw_all" value="1">{words["withdraw_all"]}</button></form>'
    )
    for purpose in shown.others:
        parts.append(
            f"<section><h2>{_name(purpose, language)}</h2>{_text(purpose, language)}"
            f'<p class="quiet">{words[purpose.basis]}</p></section>'
        )
    parts.append(f'<p class="quiet">{words["note"]}</p>')
    return _document(language, f"{words['title']} · {brand}", f"<main>{''.join(parts)}</main>")


def _purpose(purpose: PurposeView, choices: tuple[Choice, ...], language: str) -> str:
    switches = "".join(
        f"<label><span>{CHANNELS[language][one.channel]}</span>"
        f'<input type="checkbox" name="on" value="{one.name}"{" checked" if one.is_on else ""}></label>'
        for one in choices
    )
    return f"<section><h2>{_name(purpose, language)}</h2>{_text(purpose, language)}{switches}</section>"


def _name(purpose: PurposeView, language: str) -> str:
    return escape(purpose.name_zh if language == "zh" else purpose.name_en)


def _text(purpose: PurposeView, language: str) -> str:
    if purpose.text is None:
        return ""
    said = purpose.text.text_zh if language == "zh" else purpose.text.text_en
    version = WORDS[language]["version"].format(version=purpose.text.version)
    read = f'<input type="hidden" name="text" value="{purpose.key}@{purpose.text.version}">'
    return f'<p class="text">{escape(said)}</p><p class="quiet">{version}</p>{read}'


def _document(language: str, title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="{"zh-CN" if language == "zh" else "en"}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta name="robots" content="noindex"><title>{escape(title)}</title><style>{_STYLE}</style></head>'
        f"<body>{body}</body></html>"
    )
