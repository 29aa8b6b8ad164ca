"""Links and codes that lead into a mini program, and what happens when somebody opens them.

Source: official pages 获取 URL Scheme, URL Link, Short Link and 小程序码 (mirror read 2026-07-30).
"""

import secrets
import string
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from wechat_sandbox.accounts import Account
from wechat_sandbox.clock import DAY_S, china_day
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.shelf import Shelf

OPENS_PER_DAY = 3_000_000
_LETTERS = string.ascii_letters + string.digits


class LinkKind(StrEnum):
    """What a link looks like."""

    SCHEME = "scheme"
    NFC = "nfc"
    URL_LINK = "url_link"
    SHORT = "short"
    CODE = "code"  # 小程序码 of getwxacode
    UNLIMITED = "unlimited"  # 小程序码 of getwxacodeunlimit
    QR_CODE = "qr_code"


# The scene a visit through such a link begins with (official page 场景值列表; short links and devices have
# no number of their own there and take the one of schemes).
SCENES = {
    LinkKind.SCHEME: 1065,
    LinkKind.NFC: 1065,
    LinkKind.URL_LINK: 1194,
    LinkKind.SHORT: 1065,
    LinkKind.CODE: 1047,
    LinkKind.UNLIMITED: 1047,
    LinkKind.QR_CODE: 1011,
}


@dataclass(slots=True, kw_only=True)
class Link:
    """One link or code. Instants are virtual epoch seconds; 0 means for good."""

    appid: str
    kind: LinkKind
    text: str  # What is opened or scanned.
    path: str
    query: str = ""
    env_version: str = "release"
    created_at: float = 0.0
    expires_at: float = 0.0
    opens_day: str = ""
    opens: int = 0
    details: dict[str, Any] = field(default_factory=dict)

    def opens_left(self, at: float) -> int:
        return OPENS_PER_DAY - (self.opens if self.opens_day == china_day(at) else 0)


class LinkUnusable(ValueError):
    """Nobody can open this link now; the message says why."""


class Links:
    """Links and codes of all mini programs."""

    def __init__(self, world: Core) -> None:
        self._world = world
        self._shelf = Shelf(world.store, "mini_link", Link)
        self._places = Shelf(world.store, "mini_link_place", str)  # Of any text: whose it is.
        self._lasting = Shelf(world.store, "mini_link_count", int)  # Links without an end, by kind.

    def make(self, account: Account, kind: LinkKind, at: float, **values: Any) -> Link:
        """Make a link with a text nobody has seen before."""
        text = _text(account, kind)
        link = Link(appid=account.appid, kind=kind, text=text, created_at=at, **values)
        self._places.put("", text, account.appid)
        self._shelf.put(account.appid, text, link)
        if not link.expires_at:
            self._lasting.put(account.appid, kind, self.count(account, kind) + 1)
        return link

    def find(self, text: str) -> Link | None:
        appid = self._places.find("", text)
        return None if appid is None else self._shelf.find(appid, text)

    def all(self, account: Account) -> list[Link]:
        return self._shelf.values(account.appid)

    def count(self, account: Account, *kinds: LinkKind) -> int:
        """Return how many links of these kinds will never end."""
        return sum(self._lasting.find(account.appid, kind) or 0 for kind in kinds)

    def open(self, text: str, at: float) -> Link:
        """Count an opening and return what was opened.

        Raises:
            LinkUnusable: unknown, expired, or opened too often today.
        """
        link = self.find(text)
        if link is None:
            raise LinkUnusable("there is no such link")
        if link.expires_at and at >= link.expires_at:
            raise LinkUnusable("the link has expired")
        if link.opens_left(at) <= 0:
            raise LinkUnusable("the link was opened too often today")
        today = china_day(at)
        link.opens = link.opens + 1 if link.opens_day == today else 1
        link.opens_day = today
        self._shelf.put(link.appid, text, link)
        return link


def expiry(at: float, *, expire_type: int, expire_time: int, interval_days: int) -> float | None:
    """Return when a link ends, at most thirty days ahead; None when the wish cannot be met."""
    longest = at + 30 * DAY_S
    if expire_type == 1:
        return at + interval_days * DAY_S if 1 <= interval_days <= 30 else None
    if expire_type == 0:
        return float(expire_time) if at + 60 <= expire_time <= longest else None
    return None


def _text(account: Account, kind: LinkKind) -> str:
    token = "".join(secrets.choice(_LETTERS) for _ in range(11))
    if kind in (LinkKind.SCHEME, LinkKind.NFC):
        return f"weixin://dl/business/?t={token}"
    if kind is LinkKind.URL_LINK:
        return f"https://wxaurl.cn/{token}"
    if kind is LinkKind.SHORT:
        return f"#小程序://{account.name}/{token}"
    return f"https://mp.weixin.qq.com/a/~~{token}"
