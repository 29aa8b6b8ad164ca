"""Take the pictures of the sandbox's page: a sandbox with a living crowd, and a small shop that answers it.

Needs Chromium (``QUANYU_CHROMIUM``, else ``/usr/bin/chromium``). Takes about half a minute; the same pictures
each time, but for the milliseconds of the callbacks.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
from aiohttp import web
from playwright.async_api import Page, ViewportSize, async_playwright
from take_screenshots import CHROMIUM, FLAGS, IMAGES, write_picture

from wechat_sandbox.accounts import Account
from wechat_sandbox.clock import ManualClock
from wechat_sandbox.config import SandboxConfig
from wechat_sandbox.sandbox import Sandbox
from wechat_sandbox.wire.codec import CallbackCodec, sign
from wechat_sandbox.wire.xml import document, parse

_DESK: Final[ViewportSize] = {"width": 1360, "height": 880}
_PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
_START: Final = 1_772_413_200.0  # 2026-03-02 09:00 in China.
_CROWD_HOURS: Final = 12
PERSON: Final = 21
_REPLIES: Final = {
    "subscribe": '欢迎来到青山茶食!点菜单“新品”看看今天到的茶点,或去<a href="https://shop.qingshan.example/">商城</a>逛逛。',
    "NEW_ARRIVALS": "今日到店:明前龙井、桂花糕、凤梨酥。",
    "text": "茶艺师已看到您的留言,马上回复。",
}
_SHOP_BUTTON: Final = {"type": "view", "name": "商城", "url": "https://shop.qingshan.example/"}
_MINE_BUTTON: Final = {
    "name": "我的",
    "sub_button": [
        {"type": "click", "name": "我的订单", "key": "MY_ORDERS"},
        {"type": "click", "name": "优惠券", "key": "COUPONS"},
        {"type": "click", "name": "联系客服", "key": "SERVICE"},
    ],
}


class Shop:
    """The account's own server: answers at once what a shop would."""

    account: Account

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """Listen on a free port while the block is open; yields the callback address."""
        app = web.Application()
        app.router.add_get("/callback", self._echo)
        app.router.add_post("/callback", self._answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/callback"
        finally:
            await runner.cleanup()

    async def _echo(self, request: web.Request) -> web.Response:
        return web.Response(text=request.query["echostr"])

    async def _answer(self, request: web.Request) -> web.Response:
        codec = CallbackCodec(self.account.token, self.account.aes_key, self.account.appid)
        message = parse(codec.decrypt(parse(await request.read())["Encrypt"]))
        words = _REPLIES.get(message.get("EventKey", "")) or _REPLIES.get(
            message.get("Event") or message["MsgType"]
        )
        if words is None:
            return web.Response(text="success")
        reply = {
            "ToUserName": message["FromUserName"],
            "FromUserName": message["ToUserName"],
            "CreateTime": int(message["CreateTime"]),
            "MsgType": "text",
            "Content": words,
        }
        encrypted = codec.encrypt(document(reply).encode())
        stamp, nonce = str(message["CreateTime"]), "7"
        signature = sign(self.account.token, stamp, nonce, encrypted)
        envelope = {"Encrypt": encrypted, "MsgSignature": signature, "TimeStamp": stamp, "Nonce": nonce}
        return web.Response(text=document(envelope), content_type="text/xml")


class Stage:
    """A sandbox whose clock we move, and its account's client."""

    def __init__(self, sandbox: Sandbox, clock: ManualClock, http: aiohttp.ClientSession) -> None:
        self.sandbox = sandbox
        self.clock = clock
        self.http = http
        self.account = next(iter(sandbox.world.accounts.values()))

    async def settle(self) -> None:
        crowd = self.sandbox.crowd
        while (crowd.due and not crowd.paused) or not self.sandbox.idle:  # noqa: ASYNC110 - a script may poll.
            await asyncio.sleep(0.02)

    async def act(self, what: str, **details: Any) -> None:
        """Act as the person of the pictures, then wait until everything has arrived."""
        async with self.http.post(f"/sandbox/people/{PERSON}/{what}", json=details) as answer:
            assert answer.ok, await answer.text()
        await self.settle()
        self.clock.advance(8)

    async def send(self, path: str, body: Mapping[str, Any]) -> None:
        """Call the platform as the account."""
        asked = {
            "grant_type": "client_credential",
            "appid": self.account.appid,
            "secret": self.account.secret,
        }
        async with self.http.post("/cgi-bin/stable_token", json=asked) as answer:
            token = (await answer.json(content_type=None))["access_token"]
        openid = self.sandbox.world.get_relation(self.account, PERSON).openid
        raw = json.dumps({"touser": openid, **body}, ensure_ascii=False).encode()
        async with self.http.post(path, params={"access_token": token}, data=raw) as answer:
            outcome = await answer.json(content_type=None)
        assert outcome["errcode"] == 0, outcome
        await self.settle()
        self.clock.advance(8)


async def main() -> None:
    """Let the crowd live for half a day, play a scene by hand, and take every picture."""
    shop, clock = Shop(), ManualClock(_START)
    async with shop.open() as callback_url:
        config = SandboxConfig(
            port=0, seed=7, people=300, activity=4.0, accounts=({"callback_url": callback_url},)
        )
        sandbox = Sandbox(config, clock)
        shop.account = next(iter(sandbox.world.accounts.values()))
        await sandbox.start()
        async with aiohttp.ClientSession(sandbox.url) as http:
            stage = Stage(sandbox, clock, http)
            await _live(stage)
            await _play_scene(stage)
            await _take_all(stage)
        await sandbox.stop()


async def _live(stage: Stage) -> None:
    while stage.sandbox.phase != "live":  # noqa: ASYNC110 - a script may poll.
        await asyncio.sleep(0.02)
    stage.clock.rate = 3600.0  # Nobody is late, however long a step takes.
    for _ in range(_CROWD_HOURS * 12):
        stage.clock.advance(300)
        stage.sandbox.crowd.wake()
        await stage.settle()
    stage.sandbox.crowd.pause()
    stage.clock.rate = 1.0


async def _play_scene(stage: Stage) -> None:
    world = stage.sandbox.world
    world.unfollow(stage.account, PERSON, stage.clock.now())
    stage.clock.advance(600)
    menu = {"button": [{"type": "click", "name": "新品", "key": "NEW_ARRIVALS"}, _SHOP_BUTTON, _MINE_BUTTON]}
    await stage.send("/cgi-bin/menu/create", menu)
    await stage.act("follow", qr_scene="store_jingan")
    await stage.act("say", text="桂花乌龙还有货吗?")
    article = {
        "title": "春茶上新 · 明前龙井到店",
        "description": "今年第一锅,限量 200 份",
        "url": "https://shop.qingshan.example/products/P1001",
        "picurl": "",
    }
    await stage.send("/cgi-bin/message/custom/send", {"msgtype": "news", "news": {"articles": [article]}})
    await stage.act("tap", button="NEW_ARRIVALS")
    template = next(one for one in stage.account.templates if one.title == "订单支付成功通知")
    values = {
        "character_string1": "T20260302041",
        "thing2": "桂花乌龙 80g",
        "amount3": "¥58.00",
        "time4": "2026-03-02 21:02",
    }
    data = {name: {"value": value} for name, value in values.items()}
    order = {"template_id": template.template_id, "url": "https://shop.qingshan.example/orders", "data": data}
    await stage.send("/cgi-bin/message/template/send", order)


async def _take_all(stage: Stage) -> None:
    IMAGES.mkdir(exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name, locale, viewport in (
            ("sandbox.zh", "zh-CN", _DESK),
            ("sandbox.en", "en-GB", _DESK),
            ("sandbox.phone", "zh-CN", _PHONE),
        ):
            context = await browser.new_context(
                base_url=stage.sandbox.url,
                viewport=viewport,
                locale=locale,
                is_mobile=viewport is _PHONE,
                device_scale_factor=2 if viewport is _PHONE else 1.5,
            )
            page = await context.new_page()
            await page.goto(f"/sandbox/web/#/{stage.account.appid}/{PERSON}")
            await _settle(page)
            write_picture(await page.screenshot(), IMAGES / f"{name}.png")
            await context.close()
        await browser.close()


async def _settle(page: Page) -> None:
    await page.locator(".card.template").wait_for()
    if await page.locator(".callbacks").is_visible():
        await page.locator(".callback summary").nth(2).click()
    await page.evaluate("document.fonts.ready")
    await page.wait_for_timeout(700)


if __name__ == "__main__":
    asyncio.run(main())
