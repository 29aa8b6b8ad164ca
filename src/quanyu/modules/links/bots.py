"""Who fetches a link without being a person that clicked: a table, and what one machine does at once.

Sources: the vendors' own descriptions of their crawlers and agents as seen in access logs, read 2026-11.
"""

import re
from collections import deque
from collections.abc import Mapping
from typing import Final

from quanyu.modules.links.contracts import BotReason

# What an agent says of itself, in small letters. The first line that fits counts.
SIGNATURES: Final[tuple[tuple[str, BotReason], ...]] = (
    # Apps that fetch a page to check it or to show a card of it.
    ("mpcrawler", BotReason.PREVIEW),  # WeChat's crawler of pages.
    ("wechatshareextension", BotReason.PREVIEW),  # WeChat makes a card of a link that is shared.
    ("qq-url-manager", BotReason.PREVIEW),  # Tencent's check of addresses in chats.
    ("tencenttraveler", BotReason.PREVIEW),
    ("wecomlinkpreview", BotReason.PREVIEW),
    ("dingtalkbot", BotReason.PREVIEW),
    ("larkurl", BotReason.PREVIEW),
    ("weibo_linkpreview", BotReason.PREVIEW),
    ("facebookexternalhit", BotReason.PREVIEW),
    ("whatsapp", BotReason.PREVIEW),
    ("telegrambot", BotReason.PREVIEW),
    ("slackbot", BotReason.PREVIEW),
    ("skypeuripreview", BotReason.PREVIEW),
    ("googleimageproxy", BotReason.PREVIEW),
    ("yahoomailproxy", BotReason.PREVIEW),
    # Search engines, scanners, programs.
    ("baiduspider", BotReason.CRAWLER),
    ("sogou", BotReason.CRAWLER),
    ("360spider", BotReason.CRAWLER),
    ("yisouspider", BotReason.CRAWLER),
    ("bytespider", BotReason.CRAWLER),
    ("petalbot", BotReason.CRAWLER),
    ("slurp", BotReason.CRAWLER),
    ("headlesschrome", BotReason.CRAWLER),
    ("phantomjs", BotReason.CRAWLER),
    ("curl/", BotReason.CRAWLER),
    ("wget/", BotReason.CRAWLER),
    ("python-", BotReason.CRAWLER),
    ("aiohttp/", BotReason.CRAWLER),
    ("go-http-client", BotReason.CRAWLER),
    ("java/", BotReason.CRAWLER),
    ("apache-httpclient", BotReason.CRAWLER),
    ("node-fetch", BotReason.CRAWLER),
    ("axios/", BotReason.CRAWLER),
    ("scrapy", BotReason.CRAWLER),
)
# Words that crawlers without a line of their own carry. Cubot makes phones.
_GENERIC: Final = re.compile(r"(?:(?<!cu)bot|spider|crawler)(?:[/;,)\s]|$)")
# Browsers that fetch ahead say so in one of these.
_AHEAD: Final = (b"purpose", b"sec-purpose", b"x-purpose", b"x-moz")
SOON_S: Final = 1.0

BURST_SPAN_S: Final = 10.0
BURST_COPIES: Final = 20  # Copies of different people from one machine; one's own phone holds one's own.
BURST_AGAIN: Final = 10  # The same copy over and over.
_MACHINES_MAX: Final = 20_000


def by_request(method: str, headers: Mapping[bytes, bytes]) -> BotReason | None:
    """Say why a request is no person's click, as far as it says so itself."""
    if method != "GET":
        return BotReason.HEAD
    if any(b"prefetch" in headers.get(name, b"") or b"preview" in headers.get(name, b"") for name in _AHEAD):
        return BotReason.PREFETCH
    agent = headers.get(b"user-agent", b"").decode("latin-1").lower()
    if not agent.strip():
        return BotReason.NO_AGENT
    for signature, reason in SIGNATURES:
        if signature in agent:
            return reason
    return BotReason.CRAWLER if _GENERIC.search(agent) else None


class Bursts:
    """Remembers for some seconds which copies a machine opened: many people's links are no person's doing.

    The first of a burst are told before anybody can know; they count as clicks. Of this process only.
    """

    def __init__(self) -> None:
        self._seen: dict[bytes, deque[tuple[float, str]]] = {}

    def is_burst(self, machine: bytes, code: str, at_s: float) -> bool:
        """Note that a machine opened a person's copy; tell whether it does more than a person would."""
        if len(self._seen) >= _MACHINES_MAX:
            self._seen.clear()
        seen = self._seen.setdefault(machine, deque(maxlen=BURST_COPIES * 2))
        while seen and seen[0][0] <= at_s - BURST_SPAN_S:
            seen.popleft()
        seen.append((at_s, code))
        again = sum(one == code for _, one in seen)
        return len({one for _, one in seen}) > BURST_COPIES or again > BURST_AGAIN
