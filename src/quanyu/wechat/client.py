"""What the clients of all the platform's products have in common: one way to make a declared call.

Nothing is retried here but a refused access token, once: what an unknown outcome means only the
caller knows.
"""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

import msgspec

from quanyu.kernel.clock import Clock
from quanyu.wechat.budget_keeping import Budgets
from quanyu.wechat.calls import AnswerT, Call, Download, File, Host, Outcome, Proof, RequestT
from quanyu.wechat.common import management
from quanyu.wechat.errors import (
    MalformedAnswer,
    PlatformRefusal,
    QuotaExceeded,
    TokenUnavailable,
    WechatError,
    refusal,
)
from quanyu.wechat.refusals import Action
from quanyu.wechat.tokens import AccessToken, AccessTokens, TokenStore
from quanyu.wechat.transport import OFFICIAL_BASE_URL, Received, Transport, require_200

_OFFICIAL: Final = frozenset({OFFICIAL_BASE_URL, f"https://{Host.WECOM}"})
_MEDIA: Final = ("image/", "audio/", "video/", "voice/")


class TokenKind(StrEnum):
    """The two families of access tokens; one never voids the other."""

    STABLE = "stable"  # The same for all who ask: nobody voids anybody's token.
    CLASSIC = "classic"  # Each fetch voids the one before, a few minutes later.


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Who we are to the platform, and where it is: the real one or a sandbox."""

    app_id: str  # Of a WeCom corp: its corp id.
    secret: str = field(repr=False)
    base_url: str = OFFICIAL_BASE_URL

    def base_url_of(self, host: Host) -> str:
        """Return where ``host`` is; a sandbox plays all hosts of a product at one address."""
        return f"https://{host}" if self.base_url in _OFFICIAL else self.base_url


class PlatformClient:
    """Makes declared calls for one app."""

    def __init__(
        self,
        transport: Transport,
        credentials: Credentials,
        store: TokenStore,
        clock: Clock,
        *,
        holder: str,
        token_kind: TokenKind = TokenKind.STABLE,
        budgets: Budgets | None = None,
    ) -> None:
        self._transport = transport
        self._credentials = credentials
        self._clock = clock
        self._token_kind = token_kind
        self._budgets = budgets
        self._tokens = AccessTokens(store, self.fetch_token, clock, holder=holder)

    @property
    def app_id(self) -> str:
        """The app id of the account called for."""
        return self._credentials.app_id

    async def call(self, call: Call[RequestT, AnswerT], request: RequestT) -> AnswerT:
        """Make one call.

        Raises:
            NotSent, OutcomeUnknown, MalformedAnswer: no answer came; see ``quanyu.wechat.errors``.
            TokenUnavailable: the call was not made, whatever happened to fetching the token.
            BudgetSpent: the call was not made, for the platform would have refused it.
            PlatformRefusal: the platform refused; ``action`` says what helps. ``QuotaExceeded`` is one.
        """
        if call.proof is not Proof.TOKEN:
            return await self._exchange(call, request, self._proof_of(call))
        await self._hold_back(call)
        token = await self._token(self._tokens.current(), call.path)
        try:
            return await self._exchange(call, request, {"access_token": token})
        except PlatformRefusal as error:
            if self._budgets is not None and isinstance(error, QuotaExceeded):
                await self._budgets.refused(self.app_id, call.path, error)
            if error.action is not Action.REFRESH:
                raise
        token = await self._token(self._tokens.replace(token), call.path)
        return await self._exchange(call, request, {"access_token": token})

    async def _hold_back(self, call: Call[Any, Any]) -> None:
        """Count a call that is about to be made, or raise ``BudgetSpent``."""
        if self._budgets is not None:
            await self._budgets.take(self.app_id, call.path)

    async def _token(self, finding: Awaitable[str], path: str) -> str:
        try:
            return await finding
        except WechatError as error:
            raise TokenUnavailable(
                f"{path}: no access token: {error.message}", message_zh=f"无法获取 access_token：{error}"
            ) from error

    def _proof_of(self, call: Call[Any, Any]) -> dict[str, str]:
        known = self._credentials
        match call.proof:
            case Proof.SECRET:
                return {"appid": known.app_id, "secret": known.secret}
            case Proof.APP_SECRET:
                return {"appid": known.app_id, "appsecret": known.secret}
            case Proof.CORP_SECRET:
                return {"corpid": known.app_id, "corpsecret": known.secret}
            case Proof.APP_ID:
                return {"appid": known.app_id}
            case _:
                return {}

    async def _exchange(
        self, call: Call[RequestT, AnswerT], request: RequestT, proof: Mapping[str, str]
    ) -> AnswerT:
        encoded = call.encode(request)
        base_url = self._credentials.base_url_of(call.host)
        received = await self._transport.exchange(
            call.method,
            base_url,
            encoded.path,
            query={**proof, **encoded.query},
            body=encoded.body,
            content_type=encoded.content_type,
            carries_file=call.carries_file,
        )
        return read_answer(call, require_200(received, base_url, call.path))

    async def fetch_token(self, force: bool = False) -> AccessToken:
        """Ask the platform for a token, past the cache; ``force`` voids the present stable one."""
        asked_at = self._clock.now()
        if self._token_kind is TokenKind.CLASSIC:
            answer = await self.call(management.TOKEN, management.TokenRequest())
        else:
            known = self._credentials
            request = management.StableTokenRequest(
                appid=known.app_id, secret=known.secret, force_refresh=force
            )
            answer = await self.call(management.STABLE_TOKEN, request)
        return AccessToken(
            value=answer.access_token,
            fetched_at=asked_at,
            expires_at=asked_at + timedelta(seconds=answer.expires_in),
        )

    async def quota(self, cgi_path: str) -> management.QuotaAnswer:
        """Return what is left today of the call ``cgi_path``, and let the budgets know."""
        request = management.QuotaRequest(cgi_path=cgi_path)
        if self._budgets is None:
            return await self.call(management.QUOTA, request)
        mark = await self._budgets.mark(self.app_id, cgi_path)
        answer = await self.call(management.QUOTA, request)
        await self._budgets.learn(self.app_id, cgi_path, answer, since=mark)
        return answer


def read_answer(call: Call[Any, AnswerT], received: Received) -> AnswerT:
    """Read what came back for ``call``.

    Raises:
        PlatformRefusal: it holds an errcode.
        MalformedAnswer: it is neither the file nor the JSON that is documented.
    """
    is_file = issubclass(call.answer, Download)
    if is_file and not received.content.startswith(b"{"):
        return _read_file(call, received)
    try:
        outcome = msgspec.json.decode(received.content, type=Outcome, strict=False)
        if outcome.code:
            raise refusal(
                outcome.code, outcome.words, path=call.path, answer=received.content, dialect=call.dialect
            )
        return msgspec.json.decode(received.content, type=call.answer, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if is_file and received.content_type.startswith(_MEDIA):
            return _read_file(call, received)  # Sound may begin with any byte, also with "{".
        raise MalformedAnswer(f"{call.path}: the answer is not as documented: {error}") from error


def _read_file(call: Call[Any, AnswerT], received: Received) -> AnswerT:
    if not received.content:
        raise MalformedAnswer(f"{call.path}: the answer is empty")
    file = File(received.content, received.filename, received.content_type or "application/octet-stream")
    return msgspec.structs.replace(call.answer(), file=file)
