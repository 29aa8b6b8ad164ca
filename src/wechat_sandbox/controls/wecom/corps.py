"""Making companies and changing what their owner sets in the console."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import msgspec
from aiohttp import web

from wechat_sandbox.control_http import BadRequest, answer_json, read_body, to_number, to_text
from wechat_sandbox.controls.base import Route
from wechat_sandbox.controls.wecom.base import CorpPart
from wechat_sandbox.state.core import Unknown
from wechat_sandbox.state.wecom.corp import ARCHIVE, CONTACTS, CUSTOMERS, KF, Addressee, Agent, Corp, Hook

_HOOKED = (CONTACTS, CUSTOMERS, KF, ARCHIVE)
_SETTINGS = {"name", "platform_id", "shares_customer_secret"}
_FIXED = {"agentid", "hook"}


class Corps(CorpPart):
    """Companies of the sandbox."""

    def routes(self) -> list[Route]:
        return [
            ("GET", "/corps", self.list_all),
            ("POST", "/corps", self.make),
            ("GET", "/corps/{corpid}", self.show),
            ("PUT", "/corps/{corpid}", self.change),
            ("POST", "/corps/{corpid}/agents", self.add_agent),
            ("PUT", "/corps/{corpid}/agents/{agentid}", self.change_agent),
            ("PUT", "/corps/{corpid}/callbacks/{scope}", self.set_callback),
            ("POST", "/corps/{corpid}/void-tokens", self.void_tokens),
        ]

    async def list_all(self, request: web.Request) -> web.Response:
        return answer_json({"items": [corp.as_dict() for corp in self.world.corps]})

    async def make(self, request: web.Request) -> web.Response:
        """Make a company with apps, secrets and staff; what is not given comes from the seed."""
        allowed = _SETTINGS | {"corpid", "secrets", "hooks", "agents", "staff"}
        try:
            corp = self.world.corps.add(await read_body(request, allowed))
        except (ValueError, msgspec.ValidationError) as error:
            raise BadRequest(str(error)) from error
        return answer_json({"corp": corp.as_dict(), "verified": await self._verify_all(corp)}, status=201)

    async def show(self, request: web.Request) -> web.Response:
        return answer_json(self.corp(request).as_dict())

    async def change(self, request: web.Request) -> web.Response:
        corp = self.corp(request)
        _set(corp, await read_body(request, _SETTINGS))
        self.world.corps.save(corp)
        return answer_json(corp.as_dict())

    async def add_agent(self, request: web.Request) -> web.Response:
        """Make one more app; its number and secret come from the seed unless given."""
        corp = self.corp(request)
        values = await read_body(request, set(Agent.__dataclass_fields__))
        try:
            agent = self.world.corps.add_agent(corp, values)
        except (ValueError, msgspec.ValidationError) as error:
            raise BadRequest(str(error)) from error
        return answer_json(asdict(agent), status=201)

    async def change_agent(self, request: web.Request) -> web.Response:
        corp = self.corp(request)
        agent = corp.find_agent(to_number(request.match_info["agentid"], "agentid"))
        if agent is None:
            raise Unknown("no such app")
        _set(agent, await read_body(request, set(Agent.__dataclass_fields__) - _FIXED))
        self.world.corps.save(corp)
        return answer_json(asdict(agent))

    async def set_callback(self, request: web.Request) -> web.Response:
        """Set and verify an address; ``scope`` is contacts, customers, kf, archive or an app's number."""
        corp, scope = self.corp(request), request.match_info["scope"]
        scope = f"agent:{scope}" if scope.isdecimal() else scope
        if scope not in _HOOKED and corp.agent_of(scope) is None:
            raise Unknown(f"no callback address {scope}")
        hook = corp.hook_of(scope)
        values = await read_body(request, {"url", "token", "aes_key"})
        texts = {name: to_text(value, name) for name, value in values.items()}
        _check_hook(Hook(**(asdict(hook) | texts)))
        _set(hook, texts)
        self.world.corps.save(corp)
        return answer_json({"callback": asdict(hook), "verified": await self._verify(corp, scope)})

    async def void_tokens(self, request: web.Request) -> web.Response:
        """End tokens early, those of one ``scope`` or all."""
        corp = self.corp(request)
        scope = (await read_body(request, {"scope"})).get("scope")
        self.world.corps.tokens[corp.corpid].void(None if scope is None else to_text(scope, "scope"))
        self.world.corps.save_tokens(corp)
        return answer_json({"voided": True})

    async def _verify(self, corp: Corp, scope: str) -> bool:
        addressee = Addressee.of(corp, scope)
        return bool(addressee.callback_url) and await self.sandbox.mailman.verify(addressee)

    async def _verify_all(self, corp: Corp) -> dict[str, bool]:
        scopes = [*_HOOKED, *(agent.scope for agent in corp.agents)]
        return {scope: await self._verify(corp, scope) for scope in scopes if corp.hook_of(scope).url}


def _check_hook(hook: Hook) -> None:
    if len(hook.aes_key) != 43 or not hook.aes_key.isalnum():
        raise BadRequest("an EncodingAESKey has 43 letters or digits")
    if not hook.token or len(hook.token) > 32 or not hook.token.isalnum():
        raise BadRequest("a token has at most 32 letters or digits")
    if hook.url and not hook.url.startswith(("http://", "https://")):
        raise BadRequest("url is an http address")


def _set(thing: Any, values: Mapping[str, Any]) -> None:
    """Set fields by name, all or none; values keep the types they have."""
    try:
        checked = msgspec.convert(asdict(thing) | dict(values), type(thing), strict=True)
    except msgspec.ValidationError as error:
        raise BadRequest(str(error)) from error
    for name in values:
        setattr(thing, name, getattr(checked, name))


PART = Corps
