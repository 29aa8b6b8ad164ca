"""What differs between the platform's products at the callback door."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from quanyu.modules.channels import translation
from quanyu.modules.channels.accounts import AccountKind
from quanyu.modules.channels.mini_programs import translation as mini_translation
from quanyu.modules.channels.translation import Translation
from quanyu.wechat.mini_program import messages as mini_messages
from quanyu.wechat.mini_program.replies import render_transfer
from quanyu.wechat.official_account import parsing
from quanyu.wechat.official_account.messages import Callback
from quanyu.wechat.official_account.replies import Reply, Wire, render_reply


class Render(Protocol):
    """Writes an answer, not yet encrypted."""

    def __call__(self, reply: Reply, /, *, to: Callback, at: datetime, wire: Wire) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """How one product speaks."""

    path: str  # Of its callback addresses, before the account's key.
    parse: Callable[[bytes], Callback]
    translate: Callable[[Callback], Translation]
    openid_of: Callable[[Callback], str]
    render: Render
    has_info: bool  # The platform can be asked about a person.


def _write_reply(reply: Reply, /, *, to: Callback, at: datetime, wire: Wire) -> str:
    return render_reply(reply, to=to, at=at)


def _write_transfer(reply: Reply, /, *, to: Callback, at: datetime, wire: Wire) -> str:
    # A mini program can be answered with nothing else.
    return render_transfer(to=to, at=at, wire=wire)


OFFICIAL_ACCOUNT: Final = Product(
    path="/callbacks/official-account",
    parse=parsing.parse_callback,
    translate=translation.translate,
    openid_of=translation.openid_of,
    render=_write_reply,
    has_info=True,
)
MINI_PROGRAM: Final = Product(
    path="/callbacks/mini-program",
    parse=mini_messages.parse_callback,
    translate=mini_translation.translate,
    openid_of=mini_translation.openid_of,
    render=_write_transfer,
    has_info=False,
)
PRODUCTS: Final = {
    AccountKind.OFFICIAL_ACCOUNT: OFFICIAL_ACCOUNT,
    AccountKind.MINI_PROGRAM: MINI_PROGRAM,
}
