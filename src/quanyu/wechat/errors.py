"""The one error tree of everything we say to the platform and hear from it.

::

    WechatError
    ├── TransportError            the call did not come back with an answer
    │   ├── NotSent               for sure: no byte of the request left
    │   │   ├── TokenUnavailable  no access token could be had, so the call was not made
    │   │   └── BudgetSpent       our own count says that the platform would refuse
    │   └── OutcomeUnknown        it may have taken effect; ask, or repeat with the same key
    │       ├── MalformedAnswer   something answered, but not the platform's JSON
    │       │   └── UnverifiedAnswer  an answer of 微信支付 that is not signed by the platform (pay.errors)
    │       └── PayTrouble        微信支付 says itself that it does not know (pay.errors)
    ├── PlatformRefusal           the platform answered with an errcode
    │   └── QuotaExceeded         a call count, not this call, is the reason
    ├── PayRefusal                微信支付 answered with a code of letters (pay.errors)
    │   └── PayLimited            a call count, not this call, is the reason
    ├── CallbackRefused           what came in is not taken (callbacks.errors)
    └── NoticeRefused             the same of 微信支付 (pay.errors)
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from quanyu.kernel.errors import AppError, ErrorKind
from quanyu.wechat.refusals import Action, Dialect, explain

_SPEAKERS: Final = {Dialect.OPEN: "微信", Dialect.WECOM: "企业微信", Dialect.ARCHIVE: "会话存档"}
_RID: Final = re.compile(r"rid: ([0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8})")


class WechatError(AppError):
    """Anything that goes wrong between us and the platform."""

    kind = ErrorKind.UNAVAILABLE
    code = "wechat.error"


class TransportError(WechatError):
    """The call did not come back with an answer."""

    code = "wechat.transport"


class NotSent(TransportError):
    """The request never left: repeating it cannot do anything twice."""

    code = "wechat.not_sent"


class TokenUnavailable(NotSent):
    """No access token could be had; the cause says why. The call itself took no effect."""

    code = "wechat.token_unavailable"


class BudgetSpent(NotSent):
    """The call was held back: the app's budget for it is used up until ``retry_at``."""

    kind = ErrorKind.RATE_LIMITED
    code = "wechat.budget_spent"

    def __init__(self, path: str, retry_at: datetime) -> None:
        until = retry_at.isoformat(timespec="seconds")
        super().__init__(
            f"{path}: the budget of this call is used up until {until}",
            message_zh=f"{path}：接口额度已用完，{until} 后可再调用",
            retry_at=until,
        )
        self.retry_at = retry_at


class OutcomeUnknown(TransportError):
    """The request may have taken effect. Query, or repeat with the same idempotency key; do not assume."""

    code = "wechat.outcome_unknown"


class MalformedAnswer(OutcomeUnknown):
    """Something answered, but not with the platform's JSON: a proxy, or a server in trouble."""

    code = "wechat.malformed_answer"

    def __init__(self, message: str, *, status: int = 200) -> None:
        super().__init__(message)
        self.status = status  # HTTP. 404 is how the platform says that a QR ticket or a path is unknown.


class PlatformRefusal(WechatError):
    """The platform answered with an errcode: the call took no effect."""

    kind = ErrorKind.CONFLICT
    code = "wechat.refused"

    def __init__(
        self,
        errcode: int,
        errmsg: str,
        *,
        path: str,
        answer: bytes = b"{}",
        dialect: Dialect = Dialect.OPEN,
    ) -> None:
        known = explain(errcode, dialect)
        super().__init__(
            f"{path}: {errcode} {known.meaning or errmsg}",
            message_zh=f"{_SPEAKERS[dialect]}接口拒绝：{errcode} {known.meaning_zh or errmsg}",
            errcode=errcode,
            errmsg=errmsg,
        )
        self.errcode = errcode
        self.errmsg = errmsg
        self.path = path
        self.meaning = known.meaning or errmsg
        self.meaning_zh = known.meaning_zh or errmsg
        self.action: Action = known.action
        self._answer = answer

    @property
    def rid(self) -> str:
        """The platform's number of this request, for its ``rid/get``; empty if it gave none."""
        found = _RID.search(self.errmsg)
        return found[1] if found else ""

    @property
    def fields(self) -> Mapping[str, Any]:
        """Return what else the refusal carried, such as the ``msg_id`` that came with 45065."""
        answer: dict[str, Any] = msgspec.json.decode(self._answer)
        return {name: value for name, value in answer.items() if name not in ("errcode", "errmsg")}


class QuotaExceeded(PlatformRefusal):
    """A limit on how often the account calls is reached: of the second, the minute, the day or the month."""

    kind = ErrorKind.RATE_LIMITED
    code = "wechat.quota_exceeded"


def refusal(
    errcode: int, errmsg: str, *, path: str, answer: bytes = b"{}", dialect: Dialect = Dialect.OPEN
) -> PlatformRefusal:
    """Return the error for an ``errcode`` other than 0."""
    is_limit = explain(errcode, dialect).action in (Action.BACK_OFF, Action.QUOTA)
    kind = QuotaExceeded if is_limit else PlatformRefusal
    return kind(errcode, errmsg, path=path, answer=answer, dialect=dialect)
