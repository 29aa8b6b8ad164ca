"""Who answers: what a browser says, and what else is known of who sits before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from quanyu.infra.unit_of_work import FactIdentifier, UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.forms.definition import FormDefinition
from quanyu.modules.forms.errors import WeChatNeeded
from quanyu.modules.forms.queries import KeptVersion
from quanyu.modules.people.contracts import Identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who answers, as far as anything tells."""

    person: PersonId | None = None  # As they are known today.
    by_ticket: bool = False  # A link says so and nothing else: it may have been passed on.
    # What WeChat says of them: stands for the browser, whichever they come with.
    identifiers: tuple[FactIdentifier, ...] = field(default=(), repr=False)
    device: bytes = field(default=b"", repr=False)


class Visitors(Protocol):
    """Who looks, and what names them."""

    async def who(self, uow: UnitOfWork, token: str, ticket: str, cookies: Mapping[str, str]) -> Visitor:
        """Return who looks at the form with this address."""
        ...

    async def locate(self, uow: UnitOfWork, person_id: PersonId, namespace: str) -> Sequence[Identifier]:
        """Return a person's identifiers of one kind."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """What a request says of who looks."""

    device: bytes = field(repr=False)
    ticket: str = field(default="", repr=False)
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)
    source: str = ""


def devices_of(visitor: Visitor, browser: Browser) -> tuple[bytes, ...]:
    """Return what an answer is kept under, and what else it may have been kept under before."""
    return (visitor.device, browser.device) if visitor.device else (browser.device,)


def lacks_wechat(definition: FormDefinition, visitor: Visitor) -> bool:
    access = definition.rules.wechat
    return access is not None and access.required and not visitor.identifiers


def only_in_wechat(out: KeptVersion, brand: str) -> dict[str, Any]:
    """Say that who looks must come by WeChat first; nothing of the form is told."""
    return {
        "state": "wechat",
        "brand": brand,
        "title": out.definition.title,
        "version": out.version,
        "opens_at": None,
        "can_edit": False,
    }


def wechat_needed() -> WeChatNeeded:
    return WeChatNeeded(
        "this form is answered inside WeChat, by people who let it say who they are",
        message_zh="请在微信中打开并授权后填写",
    )
