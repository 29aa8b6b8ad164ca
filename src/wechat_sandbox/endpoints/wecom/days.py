"""Spans of days that statistics are asked for; days begin at midnight in China."""

from wechat_sandbox.clock import DAY_S, china_midnight
from wechat_sandbox.endpoints.wecom.registry import CorpCall
from wechat_sandbox.wire.errors import PlatformError

KEPT_DAYS = 180


def read_span(
    call: CorpCall, first: str, last: str, *, days_max: int = 30, last_is_optional: bool = False
) -> list[float]:
    """Return the midnights a call asks about, both ends included.

    Raises:
        PlatformError: 40058 no span, one too long, or one that began more than 180 days ago.
    """
    since = china_midnight(call.number(first, low=1))
    default = int(since) if last_is_optional else None
    until = china_midnight(call.number(last, default, low=1))
    days = round((until - since) / DAY_S) + 1
    if not 1 <= days <= days_max or since < china_midnight(call.at) - KEPT_DAYS * DAY_S:
        raise PlatformError(40058, f"{first} and {last}")
    return [since + number * DAY_S for number in range(days)]
