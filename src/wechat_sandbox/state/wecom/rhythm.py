"""How often one customer, or one customer group, may receive mass messages.

Source: official page 创建企业群发 as of 2025-11-17 (D 92135): in a calendar month as many as the month has
days, messages of the corp and of its members counted together; a corp may choose 7 a week or 1 a day.
"""

import calendar
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from wechat_sandbox.clock import CHINA, china_midnight


class Rhythm(StrEnum):
    """The stretch of time over which mass messages are counted."""

    MONTH = "month"  # As many as the month has days.
    WEEK = "week"  # Seven.
    DAY = "day"  # One.


def stretch_of(rhythm: Rhythm, at: float) -> tuple[float, int]:
    """Return when the stretch around an instant began, in China, and how many messages it may hold."""
    midnight = china_midnight(at)
    local = datetime.fromtimestamp(midnight, CHINA)
    if rhythm is Rhythm.DAY:
        return midnight, 1
    if rhythm is Rhythm.WEEK:
        return (local - timedelta(days=local.weekday())).timestamp(), 7
    days = calendar.monthrange(local.year, local.month)[1]
    return local.replace(day=1).timestamp(), days


def may_receive(received: Sequence[float], at: float, rhythm: Rhythm) -> bool:
    """Whether one more mass message may reach someone who received others at these instants."""
    since, limit = stretch_of(rhythm, at)
    return sum(since <= moment <= at for moment in received) < limit


def still_counted(received: Sequence[float], at: float) -> tuple[float, ...]:
    """Return the instants that can still matter under any rhythm."""
    since = min(stretch_of(rhythm, at)[0] for rhythm in Rhythm)
    return tuple(moment for moment in received if moment >= since)
