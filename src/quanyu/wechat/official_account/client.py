"""The official account's server API, typed.

``call`` makes any declared call; the named methods are the calls in use. Nothing is retried here but
a refused access token, once: what an unknown outcome means only the caller knows.
"""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import msgspec

from quanyu.kernel.clock import Clock
from quanyu.wechat.calls import AnswerT, Call, Nothing, Outcome, RequestT
from quanyu.wechat.errors import (
    MalformedAnswer,
    PlatformRefusal,
    TokenUnavailable,
    WechatError,
    refusal,
)
from quanyu.wechat.official_account import calls, types
from quanyu.wechat.refusals import Action
from quanyu.wechat.tokens import AccessToken, AccessTokens, TokenStore
from quanyu.wechat.transport import OFFICIAL_BASE_URL, Transport

USER_INFO_BATCH_MAX: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Who we are to the platform, and where it is: the real one or a sandbox."""

    app_id: str
    secret: str = field(repr=False)
    base_url: str = OFFICIAL_BASE_URL


class OfficialAccountClient:
    """Calls the platform for one account."""

    def __init__(
        self,
        transport: Transport,
        credentials: Credentials,
        store: TokenStore,
        clock: Clock,
        *,
        holder: str,
    ) -> None:
        self._transport = transport
        self._credentials = credentials
        self._clock = clock
        self._tokens = AccessTokens(store, self.fetch_token, clock, holder=holder)

    async def call(self, call: Call[RequestT, AnswerT], request: RequestT) -> AnswerT:
        """Make one call.

        Raises:
            NotSent, OutcomeUnknown, MalformedAnswer: no answer came; see ``quanyu.wechat.errors``.
            TokenUnavailable: the call was not made, whatever happened to fetching the token.
            PlatformRefusal: the platform refused; ``action`` says what helps. ``QuotaExceeded`` is one.
        """
        if not call.needs_token:
            return await self._exchange(call, request, {})
        token = await self._token(self._tokens.current(), call.path)
        try:
            return await self._exchange(call, request, {"access_token": token})
        except PlatformRefusal as error:
            if error.action is not Action.REFRESH:
                raise
        token = await self._token(self._tokens.replace(token), call.path)
        return await self._exchange(call, request, {"access_token": token})

    async def _token(self, finding: Awaitable[str], path: str) -> str:
        try:
            return await finding
        except WechatError as error:
            raise TokenUnavailable(
                f"{path}: no access token: {error.message}", message_zh=f"无法获取 access_token：{error}"
            ) from error

    async def _exchange(
        self, call: Call[RequestT, AnswerT], request: RequestT, query: Mapping[str, str]
    ) -> AnswerT:
        content = await self._transport.send(
            call.method,
            self._credentials.base_url,
            call.path,
            query={**query, **call.query_of(request)},
            body=call.body_of(request),
        )
        try:
            outcome = msgspec.json.decode(content, type=Outcome, strict=False)
            if outcome.errcode:
                raise refusal(outcome.errcode, outcome.errmsg, path=call.path)
            return msgspec.json.decode(content, type=call.answer, strict=False)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise MalformedAnswer(f"{call.path}: the answer is not as documented: {error}") from error

    async def fetch_token(self, force: bool = False) -> AccessToken:
        """Ask the platform for the stable token, past the cache; ``force`` voids the present one."""
        request = types.StableTokenRequest(
            grant_type="client_credential",
            appid=self._credentials.app_id,
            secret=self._credentials.secret,
            force_refresh=force,
        )
        asked_at = self._clock.now()
        answer = await self.call(calls.STABLE_TOKEN, request)
        return AccessToken(
            value=answer.access_token,
            fetched_at=asked_at,
            expires_at=asked_at + timedelta(seconds=answer.expires_in),
        )

    async def user_info(self, openid: str) -> types.UserInfo:
        """Return one person; ``subscribe`` is false for who does not follow."""
        return await self.call(calls.USER_INFO, types.OpenId(openid=openid, lang="zh_CN"))

    async def users_info(self, openids: Sequence[str]) -> tuple[types.UserInfo, ...]:
        """Return up to ``USER_INFO_BATCH_MAX`` people in one call."""
        assert len(openids) <= USER_INFO_BATCH_MAX, f"at most {USER_INFO_BATCH_MAX}, got {len(openids)}"
        users = tuple(types.OpenId(openid=openid, lang="zh_CN") for openid in openids)
        answer = await self.call(calls.USER_INFO_BATCH, types.UserInfoBatch(user_list=users))
        return answer.user_info_list

    async def followers(self, next_openid: str = "") -> types.FollowersAnswer:
        """Return the page of followers after ``next_openid``."""
        return await self.call(calls.FOLLOWERS, types.FollowersRequest(next_openid=next_openid))

    async def send_custom(self, message: types.AnyCustomMessage) -> None:
        """Send a customer-service message. Not idempotent: the platform knows no key for it."""
        await self.call(calls.SEND_CUSTOM, message)

    async def typing(self, openid: str, *, is_typing: bool) -> None:
        """Show or hide "typing" in the person's conversation."""
        command = "Typing" if is_typing else "CancelTyping"
        await self.call(calls.TYPING, types.TypingRequest(touser=openid, command=command))

    async def send_template(self, message: types.TemplateMessage) -> int:
        """Send a template message and return its msgid; idempotent for 10 minutes on ``client_msg_id``."""
        return (await self.call(calls.SEND_TEMPLATE, message)).msgid

    async def templates(self) -> tuple[types.Template, ...]:
        """Return the account's templates."""
        return (await self.call(calls.TEMPLATES, Nothing())).template_list

    async def callback_addresses(self) -> tuple[str, ...]:
        """Return the addresses callbacks come from: single ones or CIDR blocks."""
        return (await self.call(calls.CALLBACK_ADDRESSES, Nothing())).ip_list

    async def quota(self, cgi_path: str) -> types.QuotaAnswer:
        """Return what is left today of the call ``cgi_path``."""
        return await self.call(calls.QUOTA, types.QuotaRequest(cgi_path=cgi_path))
