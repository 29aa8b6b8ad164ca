"""What a web page needs to use WeChat's JS-SDK: the account's ticket, and a signature for the page.

Vector: see ``tests/unit/wechat/test_published_vectors.py``.
Source: developers.weixin.qq.com, JS-SDK 使用权限签名算法 (read 2026).
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha1

from quanyu.kernel.clock import Clock
from quanyu.wechat.client import PlatformClient
from quanyu.wechat.common import management
from quanyu.wechat.tokens import AccessToken, AccessTokens, TokenStore


@dataclass(frozen=True, slots=True)
class JsConfig:
    """The arguments of ``wx.config``, less the list of functions."""

    appId: str
    timestamp: int
    nonceStr: str
    signature: str


def sign_page(ticket: str, *, nonce: str, timestamp: int, url: str) -> str:
    """Return the signature of a page; what follows ``#`` in ``url`` does not count."""
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url.split('#', 1)[0]}"
    return sha1(text.encode()).hexdigest()  # noqa: S324 - the platform prescribes it.


class JsSdk:
    """Signs pages of one account; its ticket is fetched once for all processes, like the access token."""

    def __init__(self, client: PlatformClient, store: TokenStore, clock: Clock, *, holder: str) -> None:
        self._client = client
        self._clock = clock
        self._tickets = AccessTokens(store, self._fetch, clock, holder=holder)

    async def config(self, url: str) -> JsConfig:
        """Return what the page at ``url`` configures itself with.

        Raises:
            WechatError: no ticket could be had.
        """
        ticket = await self._tickets.current()
        nonce, timestamp = secrets.token_hex(8), int(self._clock.now().timestamp())
        signature = sign_page(ticket, nonce=nonce, timestamp=timestamp, url=url)
        return JsConfig(self._client.app_id, timestamp, nonce, signature)

    async def _fetch(self, _force: bool) -> AccessToken:
        asked_at = self._clock.now()
        answer = await self._client.call(management.TICKET, management.TicketRequest(type="jsapi"))
        return AccessToken(answer.ticket, asked_at, asked_at + timedelta(seconds=answer.expires_in))
