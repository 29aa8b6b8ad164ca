"""A platform call as a declaration: what a new call costs is one line and its two types."""

from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import msgspec


class Request(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a call sends: as JSON for POST, as the query for GET. Fields keep the platform's spelling."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a call returns. Unknown fields are ignored, numbers written as text are understood."""


class Nothing(Request, frozen=True):
    """A call without parameters."""


class Done(Answer, frozen=True):
    """An answer that says no more than "ok"."""


RequestT = TypeVar("RequestT", bound=Request)
AnswerT = TypeVar("AnswerT", bound=Answer)


@dataclass(frozen=True, slots=True)
class Call(Generic[RequestT, AnswerT]):
    """One call of the platform.

    ``repeatable`` calls may be made again when the outcome is unknown: they read, or carry the
    platform's own idempotency key.
    """

    method: Literal["GET", "POST"]
    path: str
    request: type[RequestT]
    answer: type[AnswerT]
    needs_token: bool = True
    repeatable: bool = False

    def query_of(self, request: RequestT) -> dict[str, str]:
        """Return the request as query parameters, empty for POST."""
        if self.method == "POST":
            return {}
        fields: dict[str, Any] = msgspec.to_builtins(request)
        return {name: str(value) for name, value in fields.items()}

    def body_of(self, request: RequestT) -> bytes | None:
        """Return the request as JSON (real UTF-8: the platform takes ``\\u`` literally), none for GET."""
        return None if self.method == "GET" else msgspec.json.encode(request)


class Outcome(msgspec.Struct, frozen=True):
    """The part every answer may carry; reads leave it out when they succeed."""

    errcode: int = 0
    errmsg: str = ""
