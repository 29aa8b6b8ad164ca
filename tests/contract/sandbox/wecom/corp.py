"""A company beside the official account of a rig, with calls signed by the secrets of its own."""

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from contract.sandbox.rig import Rig
from wechat_sandbox.state.wecom import corp as wecom
from wechat_sandbox.wire.codec import CallbackCodec, sign
from wechat_sandbox.wire.xml import document, parse

HOST = "qyapi.weixin.qq.com"
AGENT = 1_000_002


@dataclass
class Hooks:
    """Callback addresses of a company: every address is a path that ends with its scope."""

    corp: wecom.Corp | None = None
    heard: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # (scope, message)
    raw: list[bytes] = field(default_factory=list)  # What stood inside the envelope, as it came.
    outer: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)  # Answers to give first; 0 answers too late.
    reply: dict[str, Any] | None = None
    echo: bool = True
    url: str = ""

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/corp/{scope}", self._echo)
        app.router.add_post("/corp/{scope}", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/corp"

    async def stop(self) -> None:
        await self._runner.cleanup()

    def codec(self, scope: str) -> CallbackCodec:
        assert self.corp is not None
        hook = self.corp.hook_of(scope)
        return CallbackCodec(hook.token, hook.aes_key, self.corp.corpid)

    async def _echo(self, request: web.Request) -> web.Response:
        codec, query = self.codec(request.match_info["scope"]), request.query
        stamp = {"timestamp": query["timestamp"], "nonce": query["nonce"]}
        codec.verify(query["msg_signature"], encrypted=query["echostr"], **stamp)
        text = codec.decrypt(query["echostr"]).decode()
        return web.Response(text=text if self.echo else f'"{text}"')

    async def _take(self, request: web.Request) -> web.Response:
        scope, query = request.match_info["scope"], request.query
        codec, outer = self.codec(scope), parse(await request.read())
        stamp = {"timestamp": query["timestamp"], "nonce": query["nonce"]}
        codec.verify(query["msg_signature"], encrypted=outer["Encrypt"], **stamp)
        inside = codec.decrypt(outer["Encrypt"])
        self.outer.append(outer)
        self.raw.append(inside)
        self.heard.append((scope, parse(inside)))
        status = self.statuses.pop(0) if self.statuses else 200
        if self.reply is not None:
            return self._reply(codec, parse(inside))
        return web.Response(status=status)

    def _reply(self, codec: CallbackCodec, message: dict[str, Any]) -> web.Response:
        assert self.reply is not None
        head = {
            "ToUserName": message["FromUserName"],
            "FromUserName": message["ToUserName"],
            "CreateTime": 1,
        }
        encrypted = codec.encrypt(document({**head, **self.reply}).encode())
        envelope: dict[str, Any] = {
            "Encrypt": encrypted,
            "MsgSignature": sign(codec.token, "7", "n", encrypted),
            "TimeStamp": "7",
            "Nonce": "n",
        }
        return web.Response(text=document(envelope), content_type="text/xml")


@dataclass
class Company:
    """The company under test."""

    rig: Rig
    corp: wecom.Corp
    hooks: Hooks

    @classmethod
    async def make(cls, rig: Rig, hooks: Hooks, **settings: Any) -> "Company":
        made = await rig.control("POST", "/corps", settings)
        corp = hooks.corp = rig.world.get_corp(made["corp"]["corpid"])
        for scope in (wecom.CONTACTS, wecom.CUSTOMERS, wecom.KF):
            corp.hook_of(scope).url = f"{hooks.url}/{scope}"
        rig.world.corps.save(corp)
        return cls(rig, corp, hooks)

    def secret(self, scope: str) -> str:
        return dict(self.corp.all_secrets())[scope]

    async def token(self, scope: str = wecom.CUSTOMERS) -> str:
        answer = await self.rig.get(
            f"/{HOST}/cgi-bin/gettoken", corpid=self.corp.corpid, corpsecret=self.secret(scope)
        )
        return str(answer["access_token"])

    async def call(
        self, path: str, body: Any = None, *, by: str = wecom.CUSTOMERS, **query: str
    ) -> dict[str, Any]:
        """Call the API with the token of a secret: POST with a body, else GET."""
        whole = f"/{HOST}/cgi-bin{path}"
        signed = {"access_token": await self.token(by)} | query
        if body is None:
            return await self.rig.get(whole, **signed)
        return await self.rig.post(whole, body, **signed)

    async def ok(self, path: str, body: Any = None, *, by: str = wecom.CUSTOMERS, **query: str) -> Any:
        answer = await self.call(path, body, by=by, **query)
        assert answer["errcode"] == 0, answer
        return answer

    async def code(self, path: str, body: Any = None, *, by: str = wecom.CUSTOMERS, **query: str) -> int:
        return int((await self.call(path, body, by=by, **query))["errcode"])

    async def control(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        return await self.rig.control(method, f"/corps/{self.corp.corpid}{path}", body, **query)

    async def add(self, person: int | str, userid: str, **how: Any) -> str:
        """Let a person and a member add each other; return the external user id."""
        body = {"userid": userid} | how
        link = await self.control("POST", f"/customers/{person}/add", body)
        return str(link["external_userid"])

    async def act(self, who: int | str, verb: str, userid: str, **more: Any) -> Any:
        return await self.control("POST", f"/customers/{who}/{verb}", {"userid": userid} | more)

    async def events(self, *changes: str, scope: str = wecom.CUSTOMERS) -> list[dict[str, Any]]:
        """Return what one address heard, once all is delivered, optionally of some changes alone."""
        await self.rig.settled()
        heard = [message for where, message in self.hooks.heard if where == scope]
        return [one for one in heard if not changes or one.get("ChangeType", one.get("Event")) in changes]

    async def upload(self, path: str, content: bytes, *, filename: str, **query: str) -> dict[str, Any]:
        by = query.pop("by", wecom.CUSTOMERS)
        token = await self.token(by)
        return await self.rig.upload(
            f"/{HOST}/cgi-bin{path}", content, filename=filename, access_token=token, **query
        )

    async def headers(self, path: str, **query: str) -> dict[str, str]:
        async with self.rig.client.get(f"/{HOST}/cgi-bin{path}", params=query) as answer:
            return dict(answer.headers) | {"body": json.dumps(await answer.json(content_type=None))}
