"""Figures of a mini program, over the wire.

The sandbox runs on real time here, and figures are of days that are over: the calls are made and their
answers read; what the figures are is the sandbox's own test.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from contract.mini_program.conftest import MiniProgram
from quanyu.wechat.budgets import CHINA
from quanyu.wechat.calls import Call
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.mini_program import analysis


def days(first: date, last: date) -> analysis.DaysRequest:
    return analysis.DaysRequest(begin_date=first.strftime("%Y%m%d"), end_date=last.strftime("%Y%m%d"))


def yesterday() -> date:
    return (datetime.now(UTC).astimezone(CHINA) - timedelta(days=1)).date()


def last_week() -> tuple[date, date]:
    today = yesterday() + timedelta(days=1)
    monday = today - timedelta(days=today.weekday() + 7)
    return monday, monday + timedelta(days=6)


def last_month() -> tuple[date, date]:
    end = (yesterday() + timedelta(days=1)).replace(day=1) - timedelta(days=1)
    return end.replace(day=1), end


@pytest.mark.parametrize(
    ("call", "span"),
    [
        (analysis.SUMMARY, lambda: (yesterday(), yesterday())),
        (analysis.VISITS_BY_DAY, lambda: (yesterday(), yesterday())),
        (analysis.VISITS_BY_WEEK, last_week),
        (analysis.VISITS_BY_MONTH, last_month),
        (analysis.RETENTION_BY_DAY, lambda: (yesterday(), yesterday())),
        (analysis.RETENTION_BY_WEEK, last_week),
        (analysis.RETENTION_BY_MONTH, last_month),
        (analysis.PAGES, lambda: (yesterday(), yesterday())),
        (analysis.DISTRIBUTION, lambda: (yesterday(), yesterday())),
        (analysis.PORTRAIT, lambda: (yesterday() - timedelta(days=6), yesterday())),
    ],
    ids=lambda value: value.path.rsplit("/")[-1] if isinstance(value, Call) else "",
)
async def test_each_figure_is_answered(mini: MiniProgram, call: Call[Any, Any], span: Any) -> None:
    answer = await mini.client.call(call, days(*span()))

    assert isinstance(answer, call.answer)


async def test_days_to_come_have_no_figures(mini: MiniProgram) -> None:
    tomorrow = yesterday() + timedelta(days=2)

    with pytest.raises(PlatformRefusal) as caught:
        await mini.client.call(analysis.VISITS_BY_DAY, days(tomorrow, tomorrow))
    assert caught.value.errcode in (61500, 61501, 61503)
