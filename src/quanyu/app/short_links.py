"""The door of short links as a bare ASGI application: said where to go once the click is durable.

An answer that leads on means that the click is in the log. What no person did is kept under a name of its own
(``links.fetched``), so that nothing counts it.
"""

import hashlib
import io
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import psycopg
import segno
from prometheus_client import Counter
from sqlalchemy.exc import DBAPIError

from quanyu.flows.intake import Intake, IntakeEvent
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.errors import Unavailable
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.contracts import EventKind
from quanyu.modules.links import bots, facts
from quanyu.modules.links.codes import read_token
from quanyu.modules.links.contracts import BotReason, Destination
from quanyu.modules.links.service import PATH, ShortLinks
from quanyu.modules.messaging.contracts import HandedMessage
from quanyu.modules.messaging.service import Messaging

_log = get_logger("links.door")
_OPENED: Final = Counter("quanyu_short_links_total", "Short links asked for", ["outcome"])
_SOURCE: Final = "links"
_PICTURE: Final = ".png"
_COMMON: Final = (
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-robots-tag", b"noindex, nofollow"),
    (b"x-content-type-options", b"nosniff"),
)
_PAGE: Final = """<!doctype html><html lang="zh-CN"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{zh}</title>
<body style="font:16px/1.7 system-ui,sans-serif;margin:20vh auto;max-width:22em;padding:0 1.5em">
<h1 style="font-size:1.3em">{zh}</h1><p>{hint_zh}</p><p lang="en" style="opacity:.7">{en}</p></body></html>"""
_WORDS: Final = {
    404: (
        "没有这个链接",
        "请检查地址是否完整。",
        "There is no such link. Is the address complete?",
    ),
    405: ("不支持此操作", "请直接打开链接。", "Open this link in a browser."),
    410: ("链接已过期", "此链接的有效期已过。", "This link has ended."),
    503: ("暂时无法打开", "请稍后再试。", "This link cannot be opened just now. Try again in a moment."),
}


class ShortLinkDoor:
    """Serves ``GET /s/<code>``, and ``GET /s/<code>.png``: the picture that leads there."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        links: ShortLinks,
        messaging: Messaging,
        intake: Intake,
        *,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._uows = uows
        self._links = links
        self._messaging = messaging
        self._intake = intake
        self._monotonic_s = monotonic_s
        self._bursts = bots.Bursts()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["method"] not in ("GET", "HEAD"):
            await _tell(send, 405)
            return
        text = scope["path"].removeprefix(PATH)
        token = read_token(text.removesuffix(_PICTURE))
        if token is None:
            _OPENED.labels("unknown").inc()
            await _tell(send, 404)
            return
        try:
            if text.endswith(_PICTURE):
                await self._picture(*token, send)
            else:
                await self._lead(*token, scope, send)
        except (Unavailable, DBAPIError, psycopg.Error) as error:
            _log.warning("links.unavailable", error=type(error).__name__)
            _OPENED.labels("unavailable").inc()
            await _tell(send, 503)

    async def _lead(self, tenant_id: TenantId, code: str, scope: Any, send: Any) -> None:
        async with self._uows.app(tenant_id) as uow:
            opened = await self._links.open(uow, code)
            handed = None
            if opened is not None and opened.message_id is not None:
                handed = await self._messaging.find_handed(uow, opened.message_id)
        if opened is None or opened.is_over:
            _OPENED.labels("unknown" if opened is None else "over").inc()
            await _tell(send, 404 if opened is None else 410)
            return
        now = self._uows.clock.now()
        bot = self._judge(scope, code, opened, handed, now)
        await self._intake.accept(tenant_id, [_event(opened, bot, now)])
        _OPENED.labels("click" if bot is None else str(bot)).inc()
        headers = [*_COMMON, (b"location", opened.target.encode("ascii")), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 302, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def _judge(
        self, scope: Any, code: str, opened: Destination, handed: HandedMessage | None, now: datetime
    ) -> BotReason | None:
        headers = dict(scope["headers"])
        if (told := bots.by_request(scope["method"], headers)) is not None:
            return told
        if opened.person_id is None:  # Everybody opens the same: a crowd before a poster is no burst.
            return None
        if handed is not None and handed.is_test:
            return BotReason.TEST
        if handed is not None and (now - handed.at).total_seconds() < bots.SOON_S:
            return BotReason.TOO_SOON
        address = (scope.get("client") or ("", 0))[0]
        agent = headers.get(b"user-agent", b"")
        machine = hashlib.blake2b(address.encode() + b"\0" + agent, digest_size=16).digest()
        return BotReason.BURST if self._bursts.is_burst(machine, code, self._monotonic_s()) else None

    async def _picture(self, tenant_id: TenantId, code: str, send: Any) -> None:
        async with self._uows.app(tenant_id) as uow:
            opened = await self._links.open(uow, code)
        if opened is None or opened.is_over:
            await _tell(send, 404 if opened is None else 410)
            return
        body = _qr(self._links.address(tenant_id, code))
        headers = [*_COMMON, (b"content-type", b"image/png"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _event(opened: Destination, bot: BotReason | None, now: datetime) -> IntakeEvent:
    return IntakeEvent(
        kind=EventKind.TRACK,
        name=facts.name_of(bot),
        source=_SOURCE,
        message_id=str(uuid.uuid4()),  # Each opening is one of its own.
        occurred_at=now,
        person_id=opened.person_id,
        properties=facts.properties_of(opened, bot),
        context=facts.context_of(opened),
    )


@lru_cache(maxsize=256)
def _qr(address: str) -> bytes:
    picture = io.BytesIO()
    segno.make(address, error="m", micro=False).save(picture, kind="png", scale=8, border=4)
    return picture.getvalue()


async def _tell(send: Any, status: int) -> None:
    zh, hint_zh, en = _WORDS[status]
    body = _PAGE.format(zh=zh, hint_zh=hint_zh, en=en).encode()
    headers = [*_COMMON, (b"content-type", b"text/html; charset=utf-8")]
    headers.append((b"content-length", str(len(body)).encode()))
    if status == 503:
        headers.append((b"retry-after", b"2"))
    if status == 405:
        headers.append((b"allow", b"GET, HEAD"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
