"""Accounts of the platform: identity, secrets, menu and message templates."""

import hashlib
import random
import string
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

_ALNUM = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A message template in an account's own list."""

    template_id: str
    title: str
    content: str
    example: str
    primary_industry: str = "消费品"
    deputy_industry: str = "消费品"


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuButton:
    """A button of the custom menu: one that does something, or one that opens up to five others."""

    name: str
    type: str = ""  # click or view
    key: str = ""
    url: str = ""
    sub_button: tuple["MenuButton", ...] = ()


class AccountKind(StrEnum):
    """What an account is; decides which calls it may make."""

    SERVICE = "service"  # 服务号
    SUBSCRIPTION = "subscription"  # 订阅号, today called 公众号
    MINI_PROGRAM = "mini_program"  # 小程序


OFFICIAL = frozenset({AccountKind.SERVICE, AccountKind.SUBSCRIPTION})
MINI_PROGRAMS = frozenset({AccountKind.MINI_PROGRAM})


class CallbackMode(StrEnum):
    """How callbacks of an account are written."""

    PLAIN = "plain"
    COMPATIBLE = "compatible"  # Plain and encrypted in one document.
    SECURE = "secure"


class CallbackFormat(StrEnum):
    """The notation of callbacks; official accounts know XML alone."""

    XML = "xml"
    JSON = "json"


@dataclass(slots=True, kw_only=True)
class Account:
    """One account as the platform knows it."""

    appid: str
    secret: str
    original_id: str
    name: str
    token: str
    aes_key: str
    platform_id: str  # The open-platform account it is bound to: decides unionids; empty: none.
    callback_url: str = ""
    kind: AccountKind = AccountKind.SERVICE
    certified: bool = True
    oauth_domain: str = ""  # Where web pages may be led back to; empty: anywhere.
    callback_mode: CallbackMode = CallbackMode.SECURE
    callback_format: CallbackFormat = CallbackFormat.XML
    templates: list[Template] = field(default_factory=list)
    menu: list[MenuButton] = field(default_factory=list)

    @property
    def is_mini_program(self) -> bool:
        return self.kind is AccountKind.MINI_PROGRAM

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def change(self, values: Mapping[str, Any]) -> None:
        """Set settings by name.

        Raises:
            ValueError: no such kind, mode or format, or one that does not fit; then nothing changes.
        """
        read = {name: _CLOSED_SETS[name](value) for name, value in values.items() if name in _CLOSED_SETS}
        kind, notation = read.get("kind", self.kind), read.get("callback_format", self.callback_format)
        if notation is CallbackFormat.JSON and kind is not AccountKind.MINI_PROGRAM:
            raise ValueError("only a mini program takes callbacks as JSON")
        for name, value in values.items():
            setattr(self, name, read.get(name, value))

    @classmethod
    def from_dict(cls, body: dict[str, Any]) -> "Account":
        templates = [Template(**item) for item in body.pop("templates", [])]
        menu = msgspec.convert(body.pop("menu", []), list[MenuButton])
        kind = AccountKind(body.pop("kind", AccountKind.SERVICE))
        mode = CallbackMode(body.pop("callback_mode", CallbackMode.SECURE))
        notation = CallbackFormat(body.pop("callback_format", CallbackFormat.XML))
        return cls(
            templates=templates, menu=menu, kind=kind, callback_mode=mode, callback_format=notation, **body
        )


_CLOSED_SETS: dict[str, type[StrEnum]] = {
    "kind": AccountKind,
    "callback_mode": CallbackMode,
    "callback_format": CallbackFormat,
}

# Titles and keywords of the template library the sandbox knows: short id → (title, keywords).
LIBRARY: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "43216": (
        "订单支付成功通知",
        (
            ("订单编号", "character_string1"),
            ("商品名称", "thing2"),
            ("支付金额", "amount3"),
            ("支付时间", "time4"),
        ),
    ),
    "42984": (
        "订单发货通知",
        (("商品名称", "thing1"), ("快递单号", "character_string2"), ("发货时间", "time3")),
    ),
    "45389": (
        "优惠券到期提醒",
        (("优惠券名称", "thing1"), ("到期时间", "time2"), ("温馨提示", "thing3")),
    ),
    "47012": (
        "会员权益变更提醒",
        (("会员昵称", "thing1"), ("变更内容", "thing2"), ("变更时间", "time3")),
    ),
    "48105": (
        "商品到货提醒",
        (("商品名称", "thing1"), ("商品价格", "amount2"), ("到货时间", "time3")),
    ),
}
OWNED_AT_START = ("43216", "42984", "45389", "47012")
_EXAMPLES = {
    "thing": "桂花乌龙茶",
    "amount": "68.00元",
    "time": "2026年3月8日 10:30",
    "character_string": "T20260308",
}

SHOP_URL = "https://shop.qingshan.example"
DEFAULT_MENU = (
    MenuButton(name="新品", type="click", key="NEW_ARRIVALS"),
    MenuButton(name="商城", type="view", url=f"{SHOP_URL}/"),
    MenuButton(
        name="我的",
        sub_button=(
            MenuButton(name="我的订单", type="click", key="MY_ORDERS"),
            MenuButton(name="优惠券", type="click", key="COUPONS"),
            MenuButton(name="联系客服", type="click", key="SERVICE"),
        ),
    ),
)


class Mint:
    """Makes identities and secrets from a seed, the same ones each time."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def account(self, ordinal: int, given: Mapping[str, Any]) -> Account:
        """Return an account; values given by the configuration stay, the rest is made."""
        draw = self._source(f"account:{ordinal}")
        made = {
            "appid": "wx" + _letters(draw, "0123456789abcdef", 16),
            "secret": _letters(draw, "0123456789abcdef", 32),
            "original_id": "gh_" + _letters(draw, "0123456789abcdef", 12),
            "token": _letters(draw, _ALNUM, 24),
            "aes_key": _letters(draw, _ALNUM, 43),
            "platform_id": "op_" + _letters(self._source("platform"), "0123456789abcdef", 12),
            "name": "青山茶食" if ordinal == 0 else f"青山茶食{ordinal + 1}号店",
        }
        values = made | {key: value for key, value in given.items() if value not in (None, "")}
        account = Account(**{name: values.pop(name) for name in made})
        account.change(values)
        if account.kind in OFFICIAL:
            account.templates = [library_template(account.appid, short_id) for short_id in OWNED_AT_START]
            account.menu = list(DEFAULT_MENU)
        return account

    def _source(self, purpose: str) -> random.Random:
        return random.Random(f"{self._seed}:{purpose}")  # noqa: S311 - repeatable on purpose.


def library_template(appid: str, short_id: str, wanted: tuple[str, ...] | None = None) -> Template:
    """Take a template of the library into an account.

    Raises:
        KeyError: no such short id, or a wanted keyword it does not have.
    """
    title, keywords = LIBRARY[short_id]
    names = dict(keywords)
    chosen = tuple((name, names[name]) for name in wanted) if wanted else keywords
    digest = hashlib.sha256(f"{appid}:{short_id}:{chosen}".encode()).digest()
    return Template(
        template_id=short_code(digest, 43),
        title=title,
        content="\n".join(f"{name}:{{{{{key}.DATA}}}}" for name, key in chosen),
        example="\n".join(f"{name}:{_EXAMPLES[key.rstrip(string.digits)]}" for name, key in chosen),
    )


def openid_of(seed_text: str, appid: str, person: int) -> str:
    """Return the openid of a person at an account: 28 characters, ``o`` first."""
    return "o" + short_code(hashlib.sha256(f"openid:{seed_text}:{appid}:{person}".encode()).digest(), 27)


def unionid_of(seed_text: str, platform_id: str, person: int) -> str:
    """Return the unionid, the same at all accounts of one open-platform account."""
    return "o" + short_code(
        hashlib.sha256(f"unionid:{seed_text}:{platform_id}:{person}".encode()).digest(), 27
    )


def short_code(digest: bytes, length: int) -> str:
    """Write a digest in the letters of openids and template ids."""
    alphabet = _ALNUM + "-_"
    number = int.from_bytes(digest, "big")
    text = ""
    for _ in range(length):
        number, index = divmod(number, 64)
        text += alphabet[index]
    return text


def _letters(draw: random.Random, alphabet: str, length: int) -> str:
    return "".join(draw.choice(alphabet) for _ in range(length))
