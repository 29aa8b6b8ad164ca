"""What differs between the platform's products at the callback door."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, Protocol, TypeVar

from quanyu.modules.channels import translation
from quanyu.modules.channels.accounts import Account, AccountKind, MessageMode
from quanyu.modules.channels.door_ports import Opener
from quanyu.modules.channels.mini_programs import translation as mini_translation
from quanyu.modules.channels.translation import Translation
from quanyu.modules.channels.wecom import contracts as corps
from quanyu.modules.channels.wecom import translation as corp_translation
from quanyu.wechat.mini_program import messages as mini_messages
from quanyu.wechat.mini_program.replies import render_transfer
from quanyu.wechat.official_account import parsing
from quanyu.wechat.official_account.messages import Callback
from quanyu.wechat.official_account.opening import CallbackOpener, Delivery
from quanyu.wechat.official_account.replies import NO_REPLY, Reply, Wire, render_reply
from quanyu.wechat.wecom import callbacks as corp_callbacks
from quanyu.wechat.wecom.events.base import Callback as CorpCallback

CallbackT = TypeVar("CallbackT")


class Render(Protocol):
    """Writes an answer, not yet encrypted."""

    def __call__(self, reply: Reply, /, *, to: Any, at: datetime, wire: Wire) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Product(Generic[CallbackT]):
    """How one product speaks."""

    path: str  # Of its callback addresses, before the account's key.
    opener: Callable[[Account], Opener]
    delivery: Callable[[Mapping[str, str]], Any]  # Reads the query of a request for the opener.
    parse: Callable[[bytes], CallbackT]
    translate: Callable[[CallbackT], Translation]
    who: Callable[[CallbackT], str]  # Whose callback it is; empty when it is nobody's.
    namespace: str  # Of the identifier ``who`` is, within the account.
    who_key: str  # Where their blind token goes in the context.
    render: Render
    silence: bytes  # The answer that says nothing.
    has_followers: bool  # Who it is about has a row of ``follower``,
    has_info: bool  # and the platform can be asked about them.


def _open_account(account: Account) -> CallbackOpener:
    is_plain = account.mode is MessageMode.PLAIN
    return CallbackOpener(
        token=account.token,
        app_id=account.app_id,
        encoding_aes_key="" if is_plain else account.encoding_aes_key,
    )


def _open_corp(account: Account) -> corp_callbacks.CallbackOpener:
    return corp_callbacks.CallbackOpener(
        token=account.token, encoding_aes_key=account.encoding_aes_key, receive_id=account.app_id
    )


def _write_reply(reply: Reply, /, *, to: Callback, at: datetime, wire: Wire) -> str:
    return render_reply(reply, to=to, at=at)


def _write_transfer(reply: Reply, /, *, to: Callback, at: datetime, wire: Wire) -> str:
    # A mini program can be answered with nothing else.
    return render_transfer(to=to, at=at, wire=wire)


def _write_nothing(reply: Reply, /, *, to: CorpCallback, at: datetime, wire: Wire) -> str:
    raise AssertionError("callbacks of corps are answered with silence")


OFFICIAL_ACCOUNT: Final = Product(
    path="/callbacks/official-account",
    opener=_open_account,
    delivery=Delivery.of,
    parse=parsing.parse_callback,
    translate=translation.translate,
    who=translation.openid_of,
    namespace="openid",
    who_key="follower",
    render=_write_reply,
    silence=NO_REPLY,
    has_followers=True,
    has_info=True,
)
MINI_PROGRAM: Final = Product(
    path="/callbacks/mini-program",
    opener=_open_account,
    delivery=Delivery.of,
    parse=mini_messages.parse_callback,
    translate=mini_translation.translate,
    who=mini_translation.openid_of,
    namespace="openid",
    who_key="follower",
    render=_write_transfer,
    silence=NO_REPLY,
    has_followers=True,
    has_info=False,
)
WECOM: Final = Product(
    path="/callbacks/wecom",
    opener=_open_corp,
    delivery=corp_callbacks.Delivery.of,
    parse=corp_callbacks.parse_callback,
    translate=corp_translation.translate,
    who=corp_translation.customer_of,
    namespace=corps.CUSTOMER_NAMESPACE,
    who_key="customer",
    render=_write_nothing,
    silence=b"",
    has_followers=False,
    has_info=False,
)
PRODUCTS: Final[Mapping[AccountKind, Product[Any]]] = {
    AccountKind.OFFICIAL_ACCOUNT: OFFICIAL_ACCOUNT,
    AccountKind.MINI_PROGRAM: MINI_PROGRAM,
    AccountKind.WECOM: WECOM,
}
