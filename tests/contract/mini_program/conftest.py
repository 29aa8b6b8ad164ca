"""A running sandbox, with a mini program made for each test, and its client."""

from dataclasses import dataclass
from typing import Any

import pytest

from contract.official_account.conftest import MemoryTokenStore, fresh_sandbox, sandbox, transport
from contract.official_account.sandbox_process import Sandbox
from quanyu.kernel.clock import SystemClock
from quanyu.wechat.mini_program import login
from quanyu.wechat.mini_program.client import Credentials, MiniProgramClient
from quanyu.wechat.transport import Transport

__all__ = ["fresh_sandbox", "sandbox", "transport"]


@dataclass(frozen=True)
class MiniProgram:
    """A mini program of the sandbox, its client, and the people who use it."""

    account: dict[str, Any]
    client: MiniProgramClient
    sandbox: Sandbox

    async def act(self, person: int, what: str, **how: Any) -> Any:
        """Let a person do something in the mini program."""
        body = {"appid": self.account["appid"], **how}
        return await self.sandbox.control("POST", f"/people/{person}/{what}", body)

    async def logged_in(self, person: int) -> login.Session:
        """Let a person log in, as the front end and we do it together."""
        return await self.client.log_in((await self.act(person, "login"))["code"])


async def make_mini_program(
    sandbox: Sandbox, transport: Transport, *, original: dict[str, Any] | None = None
) -> MiniProgram:
    made = await sandbox.control("POST", "/accounts", {"kind": "mini_program", **(original or {})})
    account = made["account"]
    credentials = Credentials(app_id=account["appid"], secret=account["secret"], base_url=sandbox.url)
    client = MiniProgramClient(transport, credentials, MemoryTokenStore(), SystemClock(), holder="test")
    return MiniProgram(account, client, sandbox)


@pytest.fixture
async def mini(sandbox: Sandbox, transport: Transport) -> MiniProgram:
    return await make_mini_program(sandbox, transport)
