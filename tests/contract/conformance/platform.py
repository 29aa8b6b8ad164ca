"""The sandbox as a process of its own, watched and prepared from outside."""

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

_CONFIG = """
people = 40
seed = 7
crowd = false

[[account]]
name = "青山茶食"

[[account]]
name = "青山茶食小程序"
kind = "mini_program"

[[account]]
name = "青山旧店"

[[corp]]
name = "青山茶食"
"""
_TIMEOUT_S = 30.0


class Refused(Exception):
    """The platform refused a call that a test prepares something with."""


@dataclass
class Platform:
    """A running sandbox: its control API, and its own API as bare HTTP."""

    url: str
    accounts: tuple[dict[str, Any], ...]
    company: dict[str, Any]
    _connection: http.client.HTTPConnection = field(init=False)
    _tokens: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=_TIMEOUT_S)

    @property
    def shop(self) -> dict[str, Any]:
        """The service account."""
        return self.accounts[0]

    @property
    def mini_program(self) -> dict[str, Any]:
        return self.accounts[1]

    @property
    def old_shop(self) -> dict[str, Any]:
        """Another service account of the same owner."""
        return self.accounts[2]

    def secret_of(self, who: str) -> dict[str, Any]:
        """Return the company's id with the secret of its ``app``, or of ``contacts`` and the like."""
        corp = self.company
        secret = corp["agents"][0]["secret"] if who == "app" else corp["secrets"][who]
        return {"appid": corp["corpid"], "secret": secret}

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Ask the sandbox's control API."""
        headers = {"Content-Type": "application/json"}
        status, content = self._exchange(method, f"/sandbox{path}", json.dumps(body or {}).encode(), headers)
        answer = json.loads(content)
        if status >= 300:
            raise Refused(f"{method} {path}: HTTP {status}: {answer}")
        return answer

    def close(self) -> None:
        self._connection.close()

    def forget(self) -> None:
        """Begin anew: nobody follows, nothing was said or made."""
        self.control("POST", "/reset")
        self.control("DELETE", "/faults")
        self._tokens.clear()

    def calls(self) -> dict[str, int]:
        """Return how often each path was called, of whichever platform."""
        counters = self.control("GET", "/counters")
        counted: dict[str, int] = dict(counters["calls"])
        for path, times in counters["corp_calls"].items():
            counted[path] = counted.get(path, 0) + times
        return counted

    def corp_calls(self) -> dict[str, int]:
        """Return how often each path of 企业微信 was called."""
        counted: dict[str, int] = self.control("GET", "/counters")["corp_calls"]
        return counted

    def get(self, path: str, account: dict[str, Any] | None = None, **query: Any) -> dict[str, Any]:
        return self._call("GET", path, account, b"", {}, query)

    def post(
        self, path: str, body: Any = None, account: dict[str, Any] | None = None, **query: Any
    ) -> dict[str, Any]:
        content = json.dumps(body, ensure_ascii=False).encode()
        return self._call("POST", path, account, content, {"Content-Type": "application/json"}, query)

    def upload(
        self, path: str, file: Path, account: dict[str, Any] | None = None, *, texts: Any = (), **query: Any
    ) -> dict[str, Any]:
        """Send a file as the part ``media``."""
        edge = "conformance-edge"
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{t}\r\n'.encode()
            for n, t in texts
        ]
        head = f'--{edge}\r\nContent-Disposition: form-data; name="media"; filename="{file.name}"\r\n'
        parts += [head.encode(), b"\r\n", file.read_bytes(), f"\r\n--{edge}--\r\n".encode()]
        kind = {"Content-Type": f"multipart/form-data; boundary={edge}"}
        return self._call("POST", path, account, b"".join(parts), kind, query)

    def read(self, path: str, account: dict[str, Any] | None = None, **query: Any) -> tuple[int, bytes]:
        """Return what an address answers, of whatever kind."""
        return self._exchange("GET", f"{path}?{urlencode(self._signed(path, account, query))}", b"", {})

    def led_back(self, path: str, **query: Any) -> dict[str, str]:
        """Open a page of the platform; return the query of the address it leads back to."""
        self._connection.request("GET", f"{path}?{urlencode(query)}")
        response = self._connection.getresponse()
        response.read()
        if response.status != 302:
            raise Refused(f"{path}: HTTP {response.status}")
        return dict(parse_qsl(urlsplit(response.headers["Location"]).query))

    def _call(
        self,
        method: str,
        path: str,
        account: dict[str, Any] | None,
        content: bytes,
        headers: dict[str, str],
        query: dict[str, Any],
    ) -> dict[str, Any]:
        address = f"{path}?{urlencode(self._signed(path, account, query))}"
        status, answered = self._exchange(method, address, content, headers)
        if status != 200:
            raise Refused(f"{path}: HTTP {status}")
        answer: dict[str, Any] = json.loads(answered)
        if answer.get("errcode"):
            raise Refused(f"{path}: {answer}")
        return answer

    def _signed(self, path: str, account: dict[str, Any] | None, query: dict[str, Any]) -> dict[str, Any]:
        return (
            query if path.startswith("/sns/") else {"access_token": self._token(account or self.shop)} | query
        )

    def _token(self, account: dict[str, Any]) -> str:
        appid = account["appid"]
        if appid == self.company["corpid"]:
            asked = urlencode({"corpid": appid, "corpsecret": account["secret"]})
            _, answered = self._exchange("GET", f"/cgi-bin/gettoken?{asked}", b"", {})
            return str(json.loads(answered)["access_token"])
        if appid not in self._tokens:
            asked = {"grant_type": "client_credential", "appid": appid, "secret": account["secret"]}
            # The stable family, so that what an SDK holds of the classic one is left alone.
            _, answered = self._exchange("POST", "/cgi-bin/stable_token", json.dumps(asked).encode(), {})
            self._tokens[appid] = json.loads(answered)["access_token"]
        return self._tokens[appid]

    def _exchange(
        self, method: str, address: str, content: bytes, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        self._connection.request(method, address, content or None, headers)
        response = self._connection.getresponse()
        return response.status, response.read()


@contextmanager
def running_platform(directory: Path) -> Iterator[Platform]:
    """Run a sandbox with a service account and a mini program; nobody acts by themselves."""
    config = directory / "sandbox.toml"
    config.write_text(_CONFIG, encoding="utf-8")
    command = [sys.executable, "-m", "wechat_sandbox", "serve", "--config", str(config), "--json"]
    command += ["--port", "0", "--https-port", "0", "--tls-dir", str(directory / "tls")]
    environ = {name: value for name, value in os.environ.items() if name != "QUANYU_CLOCK"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, "the sandbox ended before it was ready"
        ready = json.loads(line)
        platform = Platform(ready["url"], tuple(ready["accounts"]), ready["corps"][0])
        yield platform
        platform.close()
    finally:
        process.terminate()
        process.wait(timeout=20)
        process.stdout.close()
