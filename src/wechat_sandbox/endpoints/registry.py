"""How an API call is checked and dispatched.

Order of the platform's checks: path, token, verb, quota, body, then the endpoint's own rules.
"""

import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from wechat_sandbox.accounts import Account
from wechat_sandbox.clock import Clock, china_day
from wechat_sandbox.relations import Relation
from wechat_sandbox.tokens import TokenBook
from wechat_sandbox.wire.errors import PlatformError, envelope, new_rid
from wechat_sandbox.world import World

OK: dict[str, object] = {"errcode": 0, "errmsg": "ok"}
_ESCAPED_NON_ASCII = re.compile(rb"\\u(?!00[0-7])[0-9a-fA-F]{4}")


@dataclass(slots=True, kw_only=True)
class Call:
    """One call as an endpoint sees it."""

    world: World
    desk: "Desk"
    path: str
    query: Mapping[str, str]
    body: dict[str, Any]
    at: float
    signed_in: Account | None = None

    @property
    def account(self) -> Account:
        assert self.signed_in is not None
        return self.signed_in

    @property
    def book(self) -> TokenBook:
        return self.world.books[self.account.appid]

    def text(self, name: str) -> str:
        """Return a body field as text, empty when absent or of another type."""
        value = self.body.get(name)
        return value if isinstance(value, str) else ""

    def recipient(self, openid: str) -> Relation:
        """Return the person behind an openid, or raise 40003."""
        relation = self.world.find_relation(self.account, openid)
        if relation is None:
            raise PlatformError(40003)
        return relation


Handler = Callable[[Call], Mapping[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One declared path."""

    path: str
    methods: frozenset[str]
    handler: Handler
    needs_token: bool = True
    daily_limit: int = 100_000
    utf8_only: bool = False  # Escaped ``\uXXXX`` text is refused, real UTF-8 is wanted.


class Registry:
    """All declared endpoints by path."""

    def __init__(self) -> None:
        self._endpoints: dict[str, Endpoint] = {}

    def get(
        self, path: str, *, needs_token: bool = True, daily_limit: int = 100_000
    ) -> Callable[[Handler], Handler]:
        return self._declare(path, {"GET"}, needs_token=needs_token, daily_limit=daily_limit)

    def post(
        self, path: str, *, needs_token: bool = True, daily_limit: int = 100_000, utf8_only: bool = False
    ) -> Callable[[Handler], Handler]:
        return self._declare(
            path, {"POST"}, needs_token=needs_token, daily_limit=daily_limit, utf8_only=utf8_only
        )

    def both(
        self, path: str, *, needs_token: bool = True, daily_limit: int = 100_000
    ) -> Callable[[Handler], Handler]:
        return self._declare(path, {"GET", "POST"}, needs_token=needs_token, daily_limit=daily_limit)

    def find(self, path: str) -> Endpoint | None:
        return self._endpoints.get(path)

    def paths(self) -> list[str]:
        return sorted(self._endpoints)

    def _declare(
        self, path: str, methods: set[str], *, needs_token: bool, daily_limit: int, utf8_only: bool = False
    ) -> Callable[[Handler], Handler]:
        def keep(handler: Handler) -> Handler:
            if path in self._endpoints:
                raise ValueError(f"{path} is declared twice")
            self._endpoints[path] = Endpoint(
                path=path,
                methods=frozenset(methods),
                handler=handler,
                needs_token=needs_token,
                daily_limit=daily_limit,
                utf8_only=utf8_only,
            )
            return handler

        return keep


REGISTRY = Registry()


@dataclass(slots=True)
class QuotaBook:
    """Calls of the day per account and path; the day turns at midnight in China."""

    day: str = ""
    used: dict[tuple[str, str], int] = field(default_factory=dict)

    def count(self, appid: str, endpoint: Endpoint, at: float) -> None:
        """Count a call, or raise 45009 when the day's budget is spent."""
        self.turn(at)
        used = self.used.get((appid, endpoint.path), 0)
        if used >= endpoint.daily_limit:
            raise PlatformError(45009)
        self.used[appid, endpoint.path] = used + 1

    def turn(self, at: float) -> None:
        if (day := china_day(at)) != self.day:
            self.day = day
            self.used.clear()

    def clear(self, appid: str) -> None:
        self.used = {key: count for key, count in self.used.items() if key[0] != appid}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the platform remembers of a call under its rid."""

    rid: str
    appid: str
    invoke_time: int
    url: str
    request_body: str
    response_body: str


class Desk:
    """Answers calls: finds the endpoint, checks, runs it and writes the envelope."""

    def __init__(self, world: World, clock: Clock, registry: Registry = REGISTRY) -> None:
        self.world = world
        self.clock = clock
        self.registry = registry
        self.quotas = QuotaBook()
        self.calls: dict[str, int] = {}
        self.errors: dict[str, int] = {}
        self.records: deque[Record] = deque(maxlen=500)

    def answer(self, method: str, path: str, query: Mapping[str, str], raw: bytes) -> bytes | None:
        """Return the JSON body of a call, or None for a path the platform answers with 404."""
        try:
            endpoint = self._route(path)
            if endpoint is None:
                return None
            return msgspec.json.encode(self._run(endpoint, method, query, raw))
        except PlatformError as error:
            return self.refuse(error, path=path, query=query, raw=raw)

    def refuse(self, error: PlatformError, *, path: str, query: Mapping[str, str], raw: bytes) -> bytes:
        """Return an error envelope and remember it under its rid."""
        name = f"{path} {error.code}"
        if name in self.errors or len(self.errors) < 1000:
            self.errors[name] = self.errors.get(name, 0) + 1
        rid = new_rid()
        body = msgspec.json.encode(envelope(error.code, error.text, rid))
        account = self.find_account(query.get("access_token", ""))
        self.records.append(
            Record(
                rid=rid,
                appid=account.appid if account else "",
                invoke_time=int(self.clock.now()),
                url=path,
                request_body=raw[:4096].decode(errors="replace"),
                response_body=body.decode(),
            )
        )
        return body

    def find_account(self, token: str) -> Account | None:
        """Return the account a usable token belongs to."""
        for appid, book in self.world.books.items():
            try:
                book.check(token, self.clock.now())
            except PlatformError:
                continue
            return self.world.accounts[appid]
        return None

    def _route(self, path: str) -> Endpoint | None:
        endpoint = self.registry.find(path)
        if endpoint is None and path.startswith("/cgi-bin/"):
            raise PlatformError(40066)
        return endpoint

    def _run(
        self, endpoint: Endpoint, method: str, query: Mapping[str, str], raw: bytes
    ) -> Mapping[str, object]:
        at = self.clock.now()
        self.calls[endpoint.path] = self.calls.get(endpoint.path, 0) + 1
        account = self._sign_in(query, at) if endpoint.needs_token else None
        if method not in endpoint.methods:
            raise PlatformError(43001 if "GET" in endpoint.methods else 43002)
        if account is not None:
            self.quotas.count(account.appid, endpoint, at)
        body = self._parse(endpoint, raw) if method == "POST" else {}
        call = Call(
            world=self.world, desk=self, path=endpoint.path, query=query, body=body, at=at, signed_in=account
        )
        return endpoint.handler(call)

    def _sign_in(self, query: Mapping[str, str], at: float) -> Account:
        token = query.get("access_token", "")
        if not token:
            raise PlatformError(41001)
        failure = PlatformError(40001)
        for appid, book in self.world.books.items():
            try:
                book.check(token, at)
            except PlatformError as error:
                # A token is foreign (40001) to all accounts but its own: keep what its own says.
                failure = error if error.code != 40001 else failure
                continue
            return self.world.accounts[appid]
        raise failure

    def _parse(self, endpoint: Endpoint, raw: bytes) -> dict[str, Any]:
        if not raw.strip():
            if "GET" in endpoint.methods:
                return {}
            raise PlatformError(44002)
        if endpoint.utf8_only and _ESCAPED_NON_ASCII.search(raw):
            raise PlatformError(40033)
        try:
            body = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise PlatformError(47001) from error
        if not isinstance(body, dict):
            raise PlatformError(47001)
        return body
