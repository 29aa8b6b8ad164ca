"""Making accounts and changing what the owner would set in the console."""

from typing import Any

from aiohttp import web

from wechat_sandbox.accounts import Account
from wechat_sandbox.control_http import BadRequest, answer_json, read_body, to_text
from wechat_sandbox.controls.base import ControlPart, Route

_TEXTS = frozenset(
    {
        "name", "token", "aes_key", "callback_url", "kind", "callback_mode", "callback_format",
        "platform_id", "oauth_domain",
    }
)  # fmt: skip
_IDENTITY = frozenset({"appid", "secret", "original_id"})


class Accounts(ControlPart):
    """Accounts of the sandbox."""

    def routes(self) -> list[Route]:
        return [
            ("POST", "/accounts", self.make),
            ("GET", "/accounts/{appid}", self.get),
            ("PUT", "/accounts/{appid}", self.change),
        ]

    async def make(self, request: web.Request) -> web.Response:
        """Make an account; secrets that are not given come from the seed."""
        values = _checked(await read_body(request, set(_TEXTS | _IDENTITY | {"certified"})))
        if values.get("appid") in self.world.accounts:
            raise BadRequest("there is an account with this appid")
        try:
            account = self.world.add_account(values)
        except ValueError as error:
            raise BadRequest(str(error)) from error
        return answer_json(
            {"account": account.as_dict(), "verified": await self._verify(account)}, status=201
        )

    async def get(self, request: web.Request) -> web.Response:
        return answer_json(self.world.get_account(request.match_info["appid"]).as_dict())

    async def change(self, request: web.Request) -> web.Response:
        """Change settings, and verify the callback address as the platform does."""
        account = self.world.get_account(request.match_info["appid"])
        values = _checked(await read_body(request, set(_TEXTS - {"platform_id"} | {"certified"})))
        try:
            account.change(values)
        except ValueError as error:
            raise BadRequest(str(error)) from error
        self.world.save_account(account)
        return answer_json({"account": account.as_dict(), "verified": await self._verify(account)})

    async def _verify(self, account: Account) -> bool:
        return bool(account.callback_url) and await self.sandbox.mailman.verify(account)


def _checked(body: dict[str, Any]) -> dict[str, Any]:
    for name, value in body.items():
        if name != "certified":
            to_text(value, name)
        elif not isinstance(value, bool):
            raise BadRequest("certified is true or false")
    return body


PART = Accounts
