"""What an endpoint of 企业微信 is, and a call to it as the endpoint sees it.

Endpoints say which secrets may call them; see :class:`Right`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from wechat_sandbox.endpoints.registry import Reply
from wechat_sandbox.endpoints.table import Table
from wechat_sandbox.state.wecom.corp import Agent, Corp
from wechat_sandbox.state.wecom.directory import Directory, Member
from wechat_sandbox.wire.errors import PlatformError
from wechat_sandbox.wire.multipart import Form, Upload
from wechat_sandbox.world import World

if TYPE_CHECKING:
    from wechat_sandbox.endpoints.wecom.desk import CorpDesk

OK: dict[str, object] = {"errcode": 0, "errmsg": "ok"}
JSON_TYPE = "application/json; charset=UTF-8"
Answer = Mapping[str, object]


class Right(Enum):
    """Whose token an endpoint takes."""

    ANY = "any"  # Any secret of the company.
    AGENT = "agent"  # Apps only.
    READ_CONTACTS = "read_contacts"  # Apps, within their visible scope, and the contacts secret.
    WRITE_CONTACTS = "write_contacts"  # The contacts secret, and apps that may edit.
    CUSTOMERS = "customers"  # The customer-contact secret, and apps in its list.
    KF = "kf"  # The customer-service secret, and apps that may manage it.
    ARCHIVE = "archive"  # The archive secret alone.


@dataclass(slots=True, kw_only=True)
class CorpCall:
    """One call as an endpoint sees it."""

    world: World
    desk: "CorpDesk"
    path: str
    query: Mapping[str, str]
    body: dict[str, Any]
    at: float
    form: Form = field(default_factory=Form)
    cookies: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    remote: str = ""
    signed_in: Corp | None = None
    scope: str = ""  # Of the token: ``contacts``, ``agent:1000002``, …

    @property
    def corp(self) -> Corp:
        assert self.signed_in is not None
        return self.signed_in

    @property
    def agent(self) -> Agent | None:
        """The app whose token this is, none for a shared secret."""
        return self.corp.agent_of(self.scope)

    @property
    def directory(self) -> Directory:
        return Directory(self.world.store, self.corp)

    def text(
        self,
        name: str,
        *,
        missing: int = 0,
        most: int | None = None,
        bytes_most: int | None = None,
        invalid: int = 40058,
    ) -> str:
        """Return a body field as text, empty when absent.

        Raises:
            PlatformError: ``missing`` absent though needed, ``invalid`` no text or too long.
        """
        return read_text(self.body, name, missing=missing, most=most, bytes_most=bytes_most, invalid=invalid)

    def number(
        self,
        name: str,
        default: int | None = None,
        *,
        low: int = 0,
        high: int = 2**63,
        missing: int = 40058,
        invalid: int = 40058,
    ) -> int:
        """Return a whole number, also one written as text.

        Raises:
            PlatformError: ``missing`` absent without a default, ``invalid`` no number or out of range.
        """
        value = self.body.get(name)
        if value is None:
            if default is None:
                raise PlatformError(missing, f"missing {name}")
            return default
        if isinstance(value, str) and value.lstrip("-").isdecimal():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise PlatformError(invalid, name)
        return value

    def flag(self, name: str, default: bool) -> bool:
        """Return a truth value; the platform also takes 0 and 1."""
        value = self.body.get(name, default)
        if not isinstance(value, bool | int):
            raise PlatformError(40058, name)
        return bool(value)

    def texts(self, name: str, *, most: int, missing: int = 0, invalid: int = 40058) -> list[str]:
        """Return a list of texts without repeats, empty when absent.

        Raises:
            PlatformError: ``missing`` absent or empty though needed, ``invalid`` no such list or too long.
        """
        found = self.items(name, most=most, missing=missing, invalid=invalid)
        if not all(isinstance(item, str) for item in found):
            raise PlatformError(invalid, name)
        return list(dict.fromkeys(found))

    def numbers(self, name: str, *, most: int, missing: int = 0, invalid: int = 40058) -> list[int]:
        found = self.items(name, most=most, missing=missing, invalid=invalid)
        if not all(isinstance(item, int) and not isinstance(item, bool) for item in found):
            raise PlatformError(invalid, name)
        return list(dict.fromkeys(found))

    def items(self, name: str, *, most: int, missing: int = 0, invalid: int = 40058) -> list[Any]:
        """Return a list of anything."""
        value = self.body.get(name)
        if value is None or value == []:
            if missing:
                raise PlatformError(missing, f"missing {name}")
            return []
        if not isinstance(value, list) or len(value) > most:
            raise PlatformError(invalid, name)
        return value

    def object(self, name: str, *, invalid: int = 40058) -> dict[str, Any]:
        """Return an object, an empty one when absent."""
        value = self.body.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise PlatformError(invalid, name)
        return value

    def member(self, userid: str, *, missing: int = 41009) -> Member:
        """Return a member the token may see.

        Raises:
            PlatformError: ``missing`` no id, 60111 nobody of that id, 60011 out of the app's scope.
        """
        if not userid:
            raise PlatformError(missing)
        member = self.directory.find(userid)
        if member is None:
            raise PlatformError(60111)
        if not self.directory.sees(self.agent, member):
            raise PlatformError(60011)
        return member

    def upload(self, name: str = "media") -> Upload:
        """Return a file part (41005 when there is none); any one will do when none has the name."""
        found = self.form.files.get(name) or next(iter(self.form.files.values()), None)
        if found is None:
            raise PlatformError(41005)
        return found


def read_text(
    body: Mapping[str, Any],
    name: str,
    *,
    missing: int = 0,
    most: int | None = None,
    bytes_most: int | None = None,
    invalid: int = 40058,
) -> str:
    """Return a field of an object as text; see :meth:`CorpCall.text`."""
    value = body.get(name)
    if value is None or value == "":
        if missing:
            raise PlatformError(missing, f"missing {name}")
        return ""
    if not isinstance(value, str):
        raise PlatformError(invalid, name)
    too_long = (most is not None and len(value) > most) or (
        bytes_most is not None and len(value.encode()) > bytes_most
    )
    if too_long:
        raise PlatformError(invalid, f"{name} is too long")
    return value


Handler = Callable[[CorpCall], Answer | Reply]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpEndpoint:
    """One declared path."""

    path: str
    methods: frozenset[str]
    handler: Handler
    right: Right = Right.ANY
    needs_token: bool = True
    counted: bool = True  # Against the calls a minute and an hour.


class Options(TypedDict, total=False):
    """What can be said of a path when it is declared."""

    right: Right
    needs_token: bool
    counted: bool


class CorpRegistry(Table[CorpEndpoint]):
    """The endpoints of 企业微信; paths are given behind ``/cgi-bin``."""

    def get(self, path: str, **options: Unpack[Options]) -> Callable[[Handler], Handler]:
        return self._declare(f"/cgi-bin{path}", {"GET"}, options)

    def post(self, path: str, **options: Unpack[Options]) -> Callable[[Handler], Handler]:
        return self._declare(f"/cgi-bin{path}", {"POST"}, options)

    def both(self, path: str, **options: Unpack[Options]) -> Callable[[Handler], Handler]:
        return self._declare(f"/cgi-bin{path}", {"GET", "POST"}, options)

    def page(self, path: str) -> Callable[[Handler], Handler]:
        """Declare a page for browsers, anywhere; with a ``*`` at its end everything below it."""
        return self._declare(path, {"GET"}, {"needs_token": False, "counted": False})

    def _declare(self, path: str, methods: set[str], options: Options) -> Callable[[Handler], Handler]:
        def keep(handler: Handler) -> Handler:
            self.keep(CorpEndpoint(path=path, methods=frozenset(methods), handler=handler, **options))
            return handler

        return keep


WECOM = CorpRegistry()
