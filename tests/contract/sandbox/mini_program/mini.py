"""A mini program beside the official account of a rig, with calls signed by its own token."""

import json
from dataclasses import dataclass
from typing import Any

from contract.sandbox.rig import Rig
from wechat_sandbox.accounts import Account


@dataclass
class Mini:
    """The mini program under test."""

    rig: Rig
    account: Account

    @classmethod
    async def make(cls, rig: Rig, **settings: Any) -> "Mini":
        given = {"kind": "mini_program", "name": "青山小程序"} | settings
        made = await rig.control("POST", "/accounts", given)
        account = rig.product.account = rig.world.get_account(made["account"]["appid"])
        account.callback_url = f"{rig.product.url}/callback"
        return cls(rig, account)

    async def token(self) -> str:
        asked = {
            "grant_type": "client_credential",
            "appid": self.account.appid,
            "secret": self.account.secret,
        }
        return str((await self.rig.post("/cgi-bin/stable_token", asked))["access_token"])

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return await self.rig.post(path, body, access_token=await self.token())

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        return await self.rig.get(path, access_token=await self.token(), **query)

    async def code_of(self, path: str, body: dict[str, Any]) -> int:
        return int((await self.post(path, body)).get("errcode", 0))

    async def raw(self, path: str, body: dict[str, Any]) -> tuple[str, bytes]:
        """Return the content type and the bytes of an answer."""
        query = {"access_token": await self.token()}
        async with self.rig.client.post(path, params=query, data=json.dumps(body)) as answer:
            return answer.headers["Content-Type"], await answer.read()

    async def act(self, person: int, what: str, **body: Any) -> Any:
        return await self.rig.control(
            "POST", f"/people/{person}/{what}", {"appid": self.account.appid} | body
        )

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        return await self.rig.control(method, f"/accounts/{self.account.appid}{path}", body)

    def openid(self, person: int) -> str:
        return self.rig.world.get_relation(self.account, person).openid

    async def events(self, *names: str) -> list[dict[str, Any]]:
        """Return the callbacks that came, once all have, optionally of some events alone."""
        await self.rig.settled()
        messages = [received.message for received in self.rig.product.received]
        return [message for message in messages if not names or message.get("Event") in names]
