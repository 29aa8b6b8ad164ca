"""When to ask the platform again."""

from datetime import datetime, time, timedelta, timezone
from typing import Final

from quanyu.wechat.errors import PlatformRefusal, QuotaExceeded, WechatError
from quanyu.wechat.refusals import Action

_CHINA: Final = timezone(timedelta(hours=8))  # Where the platform's day begins; no summer time.
_DAILY: Final = frozenset({45009, 44993})
_FIRST: Final = timedelta(seconds=10)
_LONGEST: Final = timedelta(hours=1)
_MINUTE: Final = timedelta(minutes=1)


def is_about_pace(error: WechatError) -> bool:
    """Whether a count of calls, not this call, is the reason."""
    if isinstance(error, QuotaExceeded) or getattr(error, "retry_at", None) is not None:
        return True
    return isinstance(error, PlatformRefusal) and error.action is Action.BACK_OFF


def retry_at(error: WechatError, now: datetime, *, attempts: int = 1) -> datetime:
    """Return when the call may work: the platform's next day or minute, else ever later."""
    told: datetime | None = getattr(error, "retry_at", None)  # Held back by our own count.
    if isinstance(told, datetime):
        return told if told > now else now
    if isinstance(error, PlatformRefusal) and error.errcode in _DAILY:
        tomorrow = (now.astimezone(_CHINA) + timedelta(days=1)).date()
        return datetime.combine(tomorrow, time(0, 1), _CHINA).astimezone(now.tzinfo)
    if is_about_pace(error):
        return now + _MINUTE
    doubled: timedelta = _FIRST * 2 ** max(0, min(attempts, 20) - 1)
    return now + min(doubled, _LONGEST)
