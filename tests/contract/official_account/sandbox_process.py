"""The sandbox as its users start it: a process of its own, found by the line it prints when ready."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from quanyu.wechat.official_account.client import Credentials


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox and its first account."""

    url: str
    account: dict[str, str]

    @property
    def credentials(self) -> Credentials:
        return Credentials(app_id=self.account["appid"], secret=self.account["secret"], base_url=self.url)

    async def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Ask the sandbox's control interface."""
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, f"{self.url}/sandbox{path}", json=body or {}) as response,
        ):
            answer = await response.json(content_type=None)
            assert response.status < 300, answer
            return answer

    async def follow(self, person: int, **how: str) -> str:
        """Let a person follow; return their openid."""
        relation = await self.control("POST", f"/people/{person}/follow", how)
        return str(relation["openid"])

    async def say(self, person: int, text: str) -> None:
        """Let a person write, which opens their customer-service window."""
        await self.control("POST", f"/people/{person}/say", {"text": text})

    async def fault(self, path: str, **what: Any) -> None:
        """Let the next calls of ``path`` go wrong."""
        await self.control("POST", "/faults", {"path": path, **what})


@contextmanager
def running_sandbox(*, people: int = 50, seed: int = 7) -> Iterator[Sandbox]:
    """Run a sandbox on a free port, with nobody acting by themselves."""
    command = [sys.executable, "-m", "wechat_sandbox", "serve", "--port", "0", "--json", "--no-crowd"]
    command += ["--seed", str(seed), "--people", str(people)]
    environ = {name: value for name, value in os.environ.items() if name != "QUANYU_CLOCK"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, "the sandbox ended before it was ready"
        ready = json.loads(line)
        yield Sandbox(ready["url"], ready["accounts"][0])
    finally:
        process.terminate()
        process.wait(timeout=20)
        assert process.stdout is not None
        process.stdout.close()
