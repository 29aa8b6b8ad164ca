"""The one error tree of everything we say to the platform and hear from it.

::

    WechatError
    ├── TransportError            the call did not come back with an answer
    │   ├── NotSent               for sure: no byte of the request left
    │   │   └── TokenUnavailable  no access token could be had, so the call was not made
    │   └── OutcomeUnknown        it may have taken effect; ask, or repeat with the same key
    │       └── MalformedAnswer   something answered, but not the platform's JSON
    ├── PlatformRefusal           the platform answered with an errcode
    │   └── QuotaExceeded         a call count, not this call, is the reason
    └── CallbackRefused           what came in is not taken (official_account.errors)
"""

from quanyu.kernel.errors import AppError, ErrorKind
from quanyu.wechat.refusals import Action, explain


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


class OutcomeUnknown(TransportError):
    """The request may have taken effect. Query, or repeat with the same idempotency key; do not assume."""

    code = "wechat.outcome_unknown"


class MalformedAnswer(OutcomeUnknown):
    """Something answered, but not with the platform's JSON: a proxy, or a server in trouble."""

    code = "wechat.malformed_answer"


class PlatformRefusal(WechatError):
    """The platform answered with an errcode: the call took no effect."""

    kind = ErrorKind.CONFLICT
    code = "wechat.refused"

    def __init__(self, errcode: int, errmsg: str, *, path: str) -> None:
        known = explain(errcode)
        super().__init__(
            f"{path}: {errcode} {known.meaning or errmsg}",
            message_zh=f"微信接口拒绝：{errcode} {known.meaning_zh or errmsg}",
            errcode=errcode,
            errmsg=errmsg,
        )
        self.errcode = errcode
        self.errmsg = errmsg
        self.meaning = known.meaning or errmsg
        self.meaning_zh = known.meaning_zh or errmsg
        self.action: Action = known.action


class QuotaExceeded(PlatformRefusal):
    """A limit of the account or of the minute is used up."""

    kind = ErrorKind.RATE_LIMITED
    code = "wechat.quota_exceeded"


# Limits on how often an account calls, as opposed to what one person may still be sent.
_QUOTA_CODES = frozenset({44990, 44991, 44993, 45009, 45011, 45028, 48006, 42010})


def refusal(errcode: int, errmsg: str, *, path: str) -> PlatformRefusal:
    """Return the error for an ``errcode`` other than 0."""
    kind = QuotaExceeded if errcode in _QUOTA_CODES else PlatformRefusal
    return kind(errcode, errmsg, path=path)
