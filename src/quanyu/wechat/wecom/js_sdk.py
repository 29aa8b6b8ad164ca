"""What a web page needs to use WeCom's JS-SDK: tickets of corp and app, and a signature for the page.

``wx.config`` takes the corp's ticket, ``wx.agentConfig`` the app's; both are signed alike.
Source: developer.work.weixin.qq.com, JS-SDK使用权限签名算法 (path 90506), read 2026.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from quanyu.kernel.clock import Clock
from quanyu.wechat.calls import Nothing
from quanyu.wechat.client import PlatformClient
from quanyu.wechat.official_account.js_sdk import sign_page
from quanyu.wechat.tokens import AccessToken, AccessTokens, TokenStore
from quanyu.wechat.wecom import credentials

__all__ = ["AgentConfig", "CorpConfig", "JsSdk", "sign_page"]


@dataclass(frozen=True, slots=True)
class CorpConfig:
    """The arguments of ``wx.config``, less the list of functions."""

    appId: str  # The corp id.
    timestamp: int
    nonceStr: str
    signature: str


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """The arguments of ``wx.agentConfig``, less the list of functions."""

    corpid: str
    agentid: int
    timestamp: int
    nonceStr: str
    signature: str


class JsSdk:
    """Signs pages of one app; tickets are fetched once for all processes, like access tokens."""

    def __init__(
        self,
        client: PlatformClient,
        *,
        corp_tickets: TokenStore,
        app_tickets: TokenStore,
        clock: Clock,
        holder: str,
    ) -> None:
        self._client = client
        self._clock = clock
        self._corp_tickets = AccessTokens(corp_tickets, self._fetch_corp, clock, holder=holder)
        self._app_tickets = AccessTokens(app_tickets, self._fetch_app, clock, holder=holder)

    async def corp_config(self, url: str) -> CorpConfig:
        """Return what the page at ``url`` gives to ``wx.config``.

        Raises:
            WechatError: no ticket could be had.
        """
        timestamp, nonce, signature = self._sign(await self._corp_tickets.current(), url)
        return CorpConfig(self._client.app_id, timestamp, nonce, signature)

    async def agent_config(self, url: str, *, agent_id: int) -> AgentConfig:
        """Return what the page at ``url`` gives to ``wx.agentConfig``.

        Raises:
            WechatError: no ticket could be had.
        """
        timestamp, nonce, signature = self._sign(await self._app_tickets.current(), url)
        return AgentConfig(self._client.app_id, agent_id, timestamp, nonce, signature)

    def _sign(self, ticket: str, url: str) -> tuple[int, str, str]:
        nonce, timestamp = secrets.token_hex(8), int(self._clock.now().timestamp())
        return timestamp, nonce, sign_page(ticket, nonce=nonce, timestamp=timestamp, url=url)

    async def _fetch_corp(self, _force: bool) -> AccessToken:
        asked_at = self._clock.now()
        return _ticket(await self._client.call(credentials.CORP_TICKET, Nothing()), asked_at)

    async def _fetch_app(self, _force: bool) -> AccessToken:
        asked_at = self._clock.now()
        request = credentials.AppTicketRequest(type="agent_config")
        return _ticket(await self._client.call(credentials.APP_TICKET, request), asked_at)


def _ticket(answer: credentials.TicketAnswer, asked_at: datetime) -> AccessToken:
    return AccessToken(answer.ticket, asked_at, asked_at + timedelta(seconds=answer.expires_in))
