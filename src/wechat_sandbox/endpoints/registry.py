"""How an API call is checked and dispatched.

Order of the platform's checks: path, token, verb, quota, body, then the endpoint's own rules.
"""

import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict, Unpack

import msgspec

from wechat_sandbox.accounts import Account, AccountKind
from wechat_sandbox.clock import Clock, china_day
from wechat_sandbox.endpoints.table import Table
from wechat_sandbox.pace import PaceBook
from wechat_sandbox.relations import Relation
from wechat_sandbox.tokens import TokenBook
from wechat_sandbox.wire.errors import PlatformError, envelope, new_rid
from wechat_sandbox.wire.multipart import Form, InvalidMultipart, Upload, is_multipart, parse_form
from wechat_sandbox.world import World

OK: dict[str, object] = {"errcode": 0, "errmsg": "ok"}
_NOT_ALLOWED = 40164  # The caller's address is not on the allow list.
_ESCAPED_NON_ASCII = re.compile(rb"\\u(?!00[0-7])[0-9a-fA-F]{4}")


JSON_TYPE = "application/json; encoding=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer as it goes over the wire; endpoints return one when it is not JSON."""

    body: bytes = b""
    content_type: str = JSON_TYPE
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


NOT_FOUND = Reply(status=404, content_type="text/html")


@dataclass(slots=True, kw_only=True)
class Call:
    """One call as an endpoint sees it."""

    world: World
    desk: "Desk"
    path: str
    query: Mapping[str, str]
    body: dict[str, Any]
    at: float
    form: Form = field(default_factory=Form)  # Of a multipart body.
    cookies: Mapping[str, str] = field(default_factory=dict)
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

    def number(self, name: str, default: int | None = None) -> int:
        """Return a whole number from the body, also one written as text.

        Raises:
            PlatformError: 47001 absent without a default, or no whole number.
        """
        return read_number(self.body.get(name, default))

    def upload(self, name: str = "media") -> Upload:
        """Return a file part, or raise 41005 when there is none."""
        found = self.form.files.get(name)
        if found is None:
            raise PlatformError(41005)
        return found

    def recipient(self, openid: str) -> Relation:
        """Return the person behind an openid, or raise 40003."""
        relation = self.world.find_relation(self.account, openid)
        if relation is None:
            raise PlatformError(40003)
        return relation


def read_number(value: object) -> int:
    """Return a number that may be written as text (47001 when it is none)."""
    if isinstance(value, str) and value.lstrip("-").isdecimal():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise PlatformError(47001)
    return value


Handler = Callable[[Call], Mapping[str, object] | Reply]
ANY_KIND = frozenset(AccountKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One declared path."""

    path: str
    methods: frozenset[str]
    handler: Handler
    needs_token: bool = True
    daily_limit: int = 100_000
    utf8_only: bool = False  # Escaped ``\uXXXX`` text is refused, real UTF-8 is wanted.
    kinds: frozenset[AccountKind] = ANY_KIND  # Other kinds of account get 48001.
    certified_only: bool = False
    may_be_empty: bool = False  # A POST without a body is fine.


class Options(TypedDict, total=False):
    """What can be said of a path when it is declared."""

    needs_token: bool
    daily_limit: int
    utf8_only: bool
    kinds: frozenset[AccountKind]
    certified_only: bool
    may_be_empty: bool


class Registry(Table[Endpoint]):
    """The endpoints of official accounts and mini programs."""

    def get(self, path: str, **options: Unpack[Options]) -> Callable[[Handler], Handler]:
        return self._declare(path, {"GET"}, options)

    def post(self, path: str, **options: Unpack[Options]) -> Callable[[Handler], Handler]:
        return self._declare(path, {"POST"}, options)

    def both(self, path: str, **options: Unpack[Options]) -> Callable[[Handler], Handler]:
        return self._declare(path, {"GET", "POST"}, options)

    def pages(self, prefix: str) -> Callable[[Handler], Handler]:
        """Declare everything below a prefix: pages and files for browsers, which need no token."""
        return self._declare(f"{prefix}*", {"GET"}, {"needs_token": False})

    def _declare(self, path: str, methods: set[str], options: Options) -> Callable[[Handler], Handler]:
        def keep(handler: Handler) -> Handler:
            self.keep(Endpoint(path=path, methods=frozenset(methods), handler=handler, **options))
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
        self.paces = PaceBook()
        self.calls: dict[str, int] = {}
        self.errors: dict[str, int] = {}
        self.records: deque[Record] = deque(maxlen=500)

    def answer(self, request: "Request") -> Reply:
        """Return what the platform answers; a path it does not know outside ``/cgi-bin/`` is a 404."""
        try:
            endpoint = self._route(request.path)
            if endpoint is None:
                return NOT_FOUND
            answer = self._run(endpoint, request)
            return answer if isinstance(answer, Reply) else Reply(body=msgspec.json.encode(answer))
        except PlatformError as error:
            return self.refuse(error, request)

    def refuse(self, error: PlatformError, request: "Request") -> Reply:
        """Return an error envelope and remember it under its rid."""
        error = _naming_caller(error, request.remote)
        name = f"{request.path} {error.code}"
        if name in self.errors or len(self.errors) < 1000:
            self.errors[name] = self.errors.get(name, 0) + 1
        rid = new_rid()
        body = msgspec.json.encode(envelope(error.code, error.text, rid) | error.extra)
        account = self.find_account(request.query.get("access_token", ""))
        self.records.append(
            Record(
                rid=rid,
                appid=account.appid if account else "",
                invoke_time=int(self.clock.now()),
                url=request.path,
                request_body=request.raw[:4096].decode(errors="replace"),
                response_body=body.decode(),
            )
        )
        return Reply(body=body)

    # What a door asks on behalf of faults

    def owner_of(self, request: "Request") -> str:
        """Return the appid a call is about: by its token, or by the appid it names."""
        by_token = self.find_account(request.query.get("access_token", ""))
        named = request.query.get("appid", "")
        return by_token.appid if by_token else named if named in self.world.accounts else ""

    def revoke(self, owner: str) -> None:
        """Supersede all tokens of an account at once."""
        self.world.books[owner].void_current(self.clock.now())
        self.world.save_book(owner)

    def exhaust_quota(self, owner: str, path: str) -> None:
        """Spend what is left of a call's budget for the day."""
        endpoint = self.registry.find(path)
        if endpoint is not None:
            self.quotas.turn(self.clock.now())
            self.quotas.used[owner, path] = endpoint.daily_limit

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

    def _run(self, endpoint: Endpoint, request: "Request") -> Mapping[str, object] | Reply:
        at = self.clock.now()
        self.calls[endpoint.path] = self.calls.get(endpoint.path, 0) + 1
        account = self._sign_in(request.query, at) if endpoint.needs_token else None
        if request.method not in endpoint.methods:
            raise PlatformError(43001 if "GET" in endpoint.methods else 43002)
        if account is not None:
            _check_right(endpoint, account)
            self.quotas.count(account.appid, endpoint, at)
        body, form = self._parse(endpoint, request) if request.method == "POST" else ({}, Form())
        call = Call(
            world=self.world,
            desk=self,
            path=request.path,
            query=request.query,
            body=body,
            form=form,
            cookies=request.cookies,
            at=at,
            signed_in=account,
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

    def _parse(self, endpoint: Endpoint, request: "Request") -> tuple[dict[str, Any], Form]:
        raw = request.raw
        if not raw.strip():
            if "GET" in endpoint.methods or endpoint.may_be_empty:
                return {}, Form()
            raise PlatformError(44002)
        if is_multipart(request.content_type):
            return {}, _read_form(request)
        if endpoint.utf8_only and _ESCAPED_NON_ASCII.search(raw):
            raise PlatformError(40033)
        try:
            body = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise PlatformError(47001) from error
        if not isinstance(body, dict):
            raise PlatformError(47001)
        return body, Form()


@dataclass(frozen=True, slots=True)
class Request:
    """A call as it came over the wire."""

    method: str
    path: str
    query: Mapping[str, str]
    raw: bytes
    content_type: str
    cookies: Mapping[str, str]
    remote: str = ""  # The caller's address.
    headers: Mapping[str, str] = field(default_factory=dict)
    url: str = ""  # Path and query exactly as sent.


def _check_right(endpoint: Endpoint, account: Account) -> None:
    if account.kind not in endpoint.kinds or (endpoint.certified_only and not account.certified):
        raise PlatformError(48001)


def _read_form(request: Request) -> Form:
    try:
        return parse_form(request.content_type, request.raw)
    except InvalidMultipart as error:
        raise PlatformError(41005) from error


def _naming_caller(error: PlatformError, address: str) -> PlatformError:
    """Tell a caller that is not on the allow list its address, in both notations, as the platform does."""
    if error.code != _NOT_ALLOWED or not address:
        return error
    mapped = address if ":" in address else f"::ffff:{address}"
    named = PlatformError(error.code, extra=error.extra)
    named.text = f"invalid ip {address} ipv6 {mapped}, not in whitelist"
    return named
