"""What every kind of message can do: check its content, fill it in, and be handed to the platform."""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from quanyu.modules.messaging.contracts import MessageKind, RefusalReason
from quanyu.modules.messaging.errors import InvalidContent
from quanyu.modules.messaging.ports import SendNotMade

_SOURCE_MAX: Final = 10_000

Sources = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Rendered:
    """What goes to the platform: the payload without its recipient, and what an operator is shown."""

    payload: Mapping[str, Any]
    preview: str
    digest: bytes  # SHA-256 of the payload in canonical form.


@dataclass(frozen=True, slots=True)
class Unrenderable:
    """Why there is nothing to send, with the detail for the operator (names, never values)."""

    reason: RefusalReason
    detail: str


@dataclass(frozen=True, slots=True)
class Posting:
    """A message ready for its call."""

    address: str
    payload: Mapping[str, Any]
    key: str  # The same for each attempt: the platform's idempotency key where it has one.


@dataclass(frozen=True, slots=True)
class Misfit:
    """A part whose value has not the form it must have; never says the value."""

    name: str
    rule_en: str
    rule_zh: str


class Kind(ABC):
    """One kind of message. Knows the shape of its content; the capability table knows the rest."""

    kind: ClassVar[MessageKind]
    markup: ClassVar[frozenset[str]] = frozenset()  # The parts that are HTML: values in them are escaped.

    @abstractmethod
    def sources(self, content: Mapping[str, Any]) -> Sources:
        """Return the parts of ``content`` that hold Liquid, as (name, source).

        Raises:
            InvalidContent: a part is missing, unknown or too long.
        """

    @abstractmethod
    def fill(self, content: Mapping[str, Any], parts: Mapping[str, str]) -> Rendered | Unrenderable:
        """Make the payload of ``content`` from its rendered ``parts``."""

    @abstractmethod
    async def call(self, client: object, posting: Posting) -> str:
        """Hand it to the platform, and return the platform's message id, or ''.

        Raises:
            SendRefused, SendNotMade, SendUnknown
        """

    def misfit(self, parts: Mapping[str, str]) -> Misfit | None:
        """Return the first of some rendered parts whose value the platform would turn down."""
        return None

    def template_id(self, content: Mapping[str, Any]) -> str | None:
        """Return the platform's template the content names, if the kind has templates."""
        return None


def rendered(payload: Mapping[str, Any], preview: str) -> Rendered:
    """Return a payload with its digest."""
    canonical = json.dumps(payload, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return Rendered(payload, preview, hashlib.sha256(canonical.encode()).digest())


def only_keys(content: Mapping[str, Any], known: set[str]) -> None:
    """Refuse parts nobody would read."""
    unknown = sorted(set(content) - known)
    if unknown:
        named = ", ".join(unknown)[:250]
        raise InvalidContent(f"content has unknown parts: {named}", message_zh=f"内容含有未知的部分:{named}")


def source(content: Mapping[str, Any], name: str) -> str:
    """Return a part that must hold some Liquid."""
    found = content.get(name)
    if not isinstance(found, str) or not found:
        raise InvalidContent(f"{name}: expected some Liquid text", message_zh=f"{name} 应为文本")
    if len(found) > _SOURCE_MAX:
        raise InvalidContent(
            f"{name}: longer than {_SOURCE_MAX} characters", message_zh=f"{name} 超过 {_SOURCE_MAX} 个字符"
        )
    return found


def optional(content: Mapping[str, Any], *names: str) -> Sources:
    """Return those of some parts that are there."""
    return [(name, source(content, name)) for name in names if content.get(name)]


def wrong_account(kind: MessageKind) -> SendNotMade:
    """Say that the account's product does not send this kind."""
    return SendNotMade(f"the account cannot send {kind}")
