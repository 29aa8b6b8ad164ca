"""A transport that plays back answers and keeps what it was asked, for tests without a network."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from quanyu.kernel.clock import Clock, FixedClock
from quanyu.wechat.client import Credentials, PlatformClient
from quanyu.wechat.tokens import AccessToken
from quanyu.wechat.transport import Received

AT = datetime(2026, 3, 4, 4, tzinfo=UTC)
CREDENTIALS = Credentials(app_id="wx1", secret="s3cret")


@dataclass(frozen=True)
class Asked:
    method: str
    base_url: str
    path: str
    query: dict[str, str]
    body: bytes | None
    content_type: str
    carries_file: bool

    @property
    def json(self) -> Any:
        assert self.body is not None
        return msgspec.json.decode(self.body)


@dataclass
class ScriptedTransport:
    """Answers with ``answers`` one after the other, the last one again and again."""

    answers: list[Received]
    asked: list[Asked] = field(default_factory=list)

    async def exchange(
        self,
        method: str,
        base_url: str,
        path: str,
        *,
        query: dict[str, str],
        body: bytes | None,
        content_type: str = "application/json",
        carries_file: bool = False,
    ) -> Received:
        self.asked.append(Asked(method, base_url, path, dict(query), body, content_type, carries_file))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class KeptToken:
    """A token store that has a token already."""

    async def find(self) -> AccessToken:
        return AccessToken("TOKEN", AT, AT + timedelta(days=365))

    async def take_lease(self, holder: str, *, seconds: float) -> bool:
        return True

    async def save(self, holder: str, token: AccessToken) -> None: ...

    async def give_lease_back(self, holder: str) -> None: ...


def answer(fields: object) -> Received:
    """A JSON answer."""
    return Received(200, msgspec.json.encode(fields), "application/json")


def scripted(
    make: Callable[..., PlatformClient] = PlatformClient,
    *answers: Received,
    clock: Clock | None = None,
    **options: Any,
) -> tuple[Any, ScriptedTransport]:
    """Return a client that hears ``answers``, and what keeps its questions."""
    transport = ScriptedTransport(list(answers) or [answer({"errcode": 0, "errmsg": "ok"})])
    client = make(transport, CREDENTIALS, KeptToken(), clock or FixedClock(AT), holder="test", **options)
    return client, transport


def query_of(url: str) -> dict[str, str]:
    """Return the query of an address."""
    return dict(parse_qsl(url.split("?", 1)[1].split("#", 1)[0], keep_blank_values=True))
