"""A platform call as a declaration: what a new call costs is one line and its two types.

A request type says by itself how it travels: as JSON for POST, as the query for GET, as a form with
files when it holds a ``File``; fields that the path names in braces travel there. An answer type says
how it is read: as JSON, or as a file when it is a ``Download``.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum, auto
from functools import lru_cache
from typing import Any, Final, Generic, Literal, TypeVar
from urllib.parse import quote

import msgspec

from quanyu.wechat.refusals import Dialect

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Flag = Literal[0, 1]  # A boolean the platform wants as a number.


class Request(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a call sends. Fields keep the platform's spelling; those at their default are left out.

    A field that always has one value (``grant_type``, ``version``) is declared as the type's tag.
    """


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a call returns. Unknown fields are ignored, numbers written as text are understood."""


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """A piece of a request or an answer."""


class JsonPart(Part, frozen=True):
    """A piece that stands in a form as a part of its own with the content type of JSON."""


class Sensitive:
    """A text that only the two sides may read: encrypted on its way out, decrypted on its way in."""

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sensitive) and other.value == self.value

    def __hash__(self) -> int:
        return hash(self.value)

    def __repr__(self) -> str:
        return "Sensitive(…)"


class File(Part, frozen=True):
    """A file as the platform takes and gives it."""

    content: bytes
    filename: str
    content_type: str = "application/octet-stream"


class Download(Answer, frozen=True):
    """An answer that is a file; ``file`` is absent where the platform answers in JSON instead."""

    file: File | None = None


class Nothing(Request, frozen=True):
    """A call without parameters."""


class Done(Answer, frozen=True):
    """An answer that says no more than "ok"."""


class Proof(StrEnum):
    """How a call shows who makes it."""

    TOKEN = auto()  # The access token, in the query.
    SECRET = auto()  # ``appid`` and ``secret`` in the query.
    APP_SECRET = auto()  # The same, where the platform spells it ``appsecret``.
    CORP_SECRET = auto()  # ``corpid`` and ``corpsecret`` in the query.
    APP_ID = auto()  # ``appid`` alone; the request holds a token of its own.
    SIGNATURE = auto()  # A signature over the whole request, with the merchant's key.
    NONE = auto()  # All it takes is in the request.


class Host(StrEnum):
    """Which of the platform's servers answers."""

    API = "api.weixin.qq.com"
    PAGES = "mp.weixin.qq.com"
    SIGN_IN = "open.weixin.qq.com"
    PAY = "api.mch.weixin.qq.com"
    WECOM = "qyapi.weixin.qq.com"


_PLACE: Final = re.compile(r"\{(\w+)\}")

RequestT = TypeVar("RequestT", bound=Request)
AnswerT = TypeVar("AnswerT", bound=Answer)


@dataclass(frozen=True, slots=True)
class Encoded:
    """A request as it goes over the wire."""

    query: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    content_type: str = "application/json"
    path: str = ""
    meta: bytes = b""  # Of a form: its JSON part, which is signed in place of the body.


# Writes a value that JSON has no form for.
EncodeHook = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Call(Generic[RequestT, AnswerT]):
    """One call of the platform.

    ``repeatable`` calls may be made again when the outcome is unknown: they read, set what is the
    same when set twice, or carry the platform's own idempotency key. ``query`` names the fields of a
    POST that travel in the query.
    """

    method: Method
    path: str
    request: type[RequestT]
    answer: type[AnswerT]
    proof: Proof = Proof.TOKEN
    repeatable: bool = False
    query: tuple[str, ...] = ()
    host: Host = Host.API

    @property
    def dialect(self) -> Dialect:
        """Whose error codes answer."""
        return Dialect.WECOM if self.host is Host.WECOM else Dialect.OPEN

    @property
    def carries_file(self) -> bool:
        """Whether a file goes up or comes down: such calls need more time and room."""
        return issubclass(self.answer, Download) or bool(_file_fields(self.request))

    def encode(self, request: RequestT, hook: EncodeHook | None = None) -> Encoded:
        """Return the request as it travels: real UTF-8, for the platform takes ``\\u`` literally."""
        if _file_fields(self.request):
            return self._encode_form(request)
        if self.method in ("POST", "PUT", "PATCH") and not self.query and "{" not in self.path:
            return Encoded(body=msgspec.json.encode(request, enc_hook=hook), path=self.path)
        fields: dict[str, Any] = msgspec.to_builtins(request, enc_hook=hook)
        path = _PLACE.sub(lambda place: quote(str(fields.pop(place[1])), safe="-_.~*@"), self.path)
        if self.method in ("GET", "DELETE"):
            return Encoded(_query(fields), path=path)
        query = {name: fields.pop(name) for name in self.query if name in fields}
        return Encoded(_query(query), msgspec.json.encode(fields), path=path)

    def _encode_form(self, request: RequestT) -> Encoded:
        fields = msgspec.structs.asdict(request)
        query = {name: msgspec.to_builtins(fields.pop(name)) for name in self.query}
        metas = [msgspec.json.encode(one) for one in fields.values() if isinstance(one, JsonPart)]
        boundary = secrets.token_hex(16)
        return Encoded(
            _query(query),
            _form(fields, boundary),
            content_type=f"multipart/form-data; boundary={boundary}",
            path=self.path,
            meta=metas[0] if metas else b"",
        )


class BaseResponse(msgspec.Struct, frozen=True):
    """How the advertisement reports spell their outcome."""

    ret: int = 0
    err_msg: str = ""


_NO_BASE_RESPONSE: Final = BaseResponse()


class Outcome(msgspec.Struct, frozen=True):
    """The part every answer may carry; reads leave it out when they succeed."""

    errcode: int = 0
    errmsg: str = ""
    base_resp: BaseResponse = _NO_BASE_RESPONSE

    @property
    def code(self) -> int:
        return self.errcode or self.base_resp.ret

    @property
    def words(self) -> str:
        return self.errmsg or self.base_resp.err_msg


@lru_cache(maxsize=1024)
def _file_fields(request: type[Request]) -> tuple[str, ...]:
    return tuple(one.name for one in msgspec.structs.fields(request) if one.type is File)


def _query(fields: Mapping[str, Any]) -> dict[str, str]:
    return {name: _query_text(value) for name, value in fields.items()}


def _query_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(str(one) for one in value)
    return str(value)


def _form(fields: Mapping[str, Any], boundary: str) -> bytes:
    """Write ``multipart/form-data``: files, texts, and structures as JSON; absent fields are left out."""
    parts: list[bytes] = []
    for name, value in fields.items():
        if value in (None, ""):
            continue
        parts += (f"--{boundary}\r\n".encode(), _form_part(name, value), b"\r\n")
    return b"".join((*parts, f"--{boundary}--\r\n".encode()))


def _form_part(name: str, value: Any) -> bytes:
    heading = f'Content-Disposition: form-data; name="{name}"'
    if isinstance(value, File):
        filename = value.filename.replace("\\", "_").replace('"', "_").replace("\r", "_").replace("\n", "_")
        heading += f'; filename="{filename}"\r\nContent-Type: {value.content_type}'
        return heading.encode() + b"\r\n\r\n" + value.content
    if isinstance(value, JsonPart):
        heading += "\r\nContent-Type: application/json"
    content = value.encode() if isinstance(value, str) else msgspec.json.encode(value)
    return heading.encode() + b"\r\n\r\n" + content
