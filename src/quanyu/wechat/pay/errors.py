"""What 微信支付 refuses, what it does not know, and what of it we refuse.

A refusal (HTTP 4xx) took no effect. HTTP 5xx may have: the documentation asks for the same call with the
same numbers. Callers branch on ``pay_code``, never on the platform's words.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec

from quanyu.kernel.errors import ErrorKind
from quanyu.wechat.errors import MalformedAnswer, OutcomeUnknown, WechatError
from quanyu.wechat.pay.refusal_codes import CODES, OLD_SPELLINGS
from quanyu.wechat.refusals import Action, Meaning, read_meanings

_MEANINGS: Final = read_meanings(CODES)
_UNKNOWN: Final = Meaning("", "")
_MISSING: Final = frozenset(
    {"ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS", "REFUND_NOT_EXISTS", "NOT_FOUND", "USER_NOT_EXISTS"}
)


class ErrorBody(msgspec.Struct, frozen=True):
    """The body of every answer that is not 2xx."""

    code: str = ""
    message: str = ""
    detail: Any = None


def explain_pay(code: str) -> Meaning:
    """Return what is known of a code, in whichever spelling; unknown ones are given up."""
    return _MEANINGS.get(spelling(code), _UNKNOWN)


def known_pay_codes() -> tuple[str, ...]:
    """Return every code with a meaning, in the order of the alphabet."""
    return tuple(sorted(_MEANINGS))


def spelling(code: str) -> str:
    """Return a code as it is spelled today: older answers leave the underscores out."""
    return OLD_SPELLINGS.get(code, code)


class PayRefusal(WechatError):
    """微信支付 answered with a code: the call took no effect."""

    kind = ErrorKind.CONFLICT
    code = "wechat.pay_refused"

    def __init__(self, body: ErrorBody, *, status: int, path: str, request_id: str = "") -> None:
        self.pay_code = spelling(body.code)
        known = explain_pay(body.code)
        super().__init__(
            f"{path}: {self.pay_code} {known.meaning or body.message}",
            message_zh=f"微信支付拒绝：{self.pay_code} {known.meaning_zh or body.message}",
            pay_code=self.pay_code,
            pay_message=body.message,
            request_id=request_id,
        )
        self.status = status
        self.path = path
        self.action: Action = known.action
        self.meaning = known.meaning or body.message
        self.meaning_zh = known.meaning_zh or body.message
        self.pay_message = body.message
        self.request_id = request_id  # What the platform's support asks for.
        self.detail: Mapping[str, Any] = body.detail if isinstance(body.detail, dict) else {}

    @property
    def is_missing(self) -> bool:
        """Whether what was asked for does not exist on the platform."""
        return self.status == 404 and self.pay_code in _MISSING

    @property
    def reason_number(self) -> int:
        """The detailed reason at the end of the request id, such as 268498688; 0 without one."""
        tail = self.request_id.rpartition("-")[2]
        return int(tail) if tail.isascii() and tail.isdigit() else 0


class PayLimited(PayRefusal):
    """Too many calls, or the account short of money: the same call may succeed later."""

    kind = ErrorKind.RATE_LIMITED
    code = "wechat.pay_limited"


class PayTrouble(OutcomeUnknown):
    """微信支付 is in trouble and does not say what became of the call: ask, or repeat it unchanged."""

    code = "wechat.pay_trouble"

    def __init__(self, body: ErrorBody, *, status: int, path: str) -> None:
        super().__init__(f"{path}: HTTP {status} {body.code} {body.message}".rstrip())
        self.status = status
        self.pay_code = spelling(body.code)


class UnverifiedAnswer(MalformedAnswer):
    """An answer without the platform's signature: whoever made it, what it says does not count."""

    code = "wechat.pay_unverified_answer"


class NoticeRefusal(StrEnum):
    """The reasons for which what claims to be a notification is not taken."""

    HEADERS_MISSING = "headers_missing"
    BAD_TIMESTAMP = "bad_timestamp"  # More than five minutes from our clock.
    UNKNOWN_KEY = "unknown_key"  # The serial names no key of the platform that we could find.
    BAD_SIGNATURE = "bad_signature"
    SIGNATURE_PROBE = "signature_probe"  # The platform's own test whether we verify at all.
    MALFORMED = "malformed"
    CANNOT_DECRYPT = "cannot_decrypt"  # The APIv3 key is another one.


class NoticeRefused(WechatError):
    """A notification that is not taken; nothing of it is kept."""

    kind = ErrorKind.FORBIDDEN
    code = "wechat.pay_notice_refused"

    def __init__(self, reason: NoticeRefusal, message: str) -> None:
        super().__init__(message, reason=reason.value)
        self.reason = reason


class InvalidPayKey(WechatError):
    """A key or certificate that a merchant gave cannot be read."""

    kind = ErrorKind.INVALID
    code = "wechat.pay_invalid_key"


class CannotDecrypt(WechatError):
    """Something was not encrypted with this merchant's key."""

    code = "wechat.pay_cannot_decrypt"


def refusal_of(status: int, content: bytes, *, path: str, request_id: str = "") -> WechatError:
    """Return the error that an answer other than 2xx is."""
    try:
        body = msgspec.json.decode(content, type=ErrorBody)
    except (msgspec.DecodeError, UnicodeDecodeError):
        body = ErrorBody()
    if not body.code:
        return MalformedAnswer(f"{path}: HTTP {status} without the platform's error", status=status)
    if status >= 500:
        return PayTrouble(body, status=status, path=path)
    limited = explain_pay(body.code).action in (Action.BACK_OFF, Action.QUOTA)
    kind = PayLimited if limited or status == 429 else PayRefusal
    return kind(body, status=status, path=path, request_id=request_id)
