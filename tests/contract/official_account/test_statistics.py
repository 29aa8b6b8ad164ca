"""Statistics of an official account, over the wire.

The sandbox runs on real time here, and figures are of days that are over: the calls are made and their
answers read; what the figures are is the sandbox's own test.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from quanyu.wechat.budgets import CHINA
from quanyu.wechat.calls import Call
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.official_account import statistics
from quanyu.wechat.official_account.client import OfficialAccountClient
from quanyu.wechat.official_account.statistics import DaysRequest

SPANS = {
    "getusersummary": 7,
    "getusercumulate": 7,
    "getbizsummary": 30,
    "getupstreammsg": 7,
    "getupstreammsgdist": 15,
    "getupstreammsgdistweek": 15,
    "getupstreammsgdistmonth": 15,
    "getinterfacesummary": 30,
}
CALLS = [value for value in vars(statistics).values() if isinstance(value, Call)]


def days(first: date, last: date) -> DaysRequest:
    return DaysRequest(begin_date=first.isoformat(), end_date=last.isoformat())


def latest() -> date:
    """The last day that has figures at any hour: those of yesterday come at eight."""
    return (datetime.now(UTC).astimezone(CHINA) - timedelta(hours=33)).date()


def span_of(name: str) -> DaysRequest:
    last = latest()
    if name.endswith("week"):
        monday = last + timedelta(days=1) - timedelta(days=(last + timedelta(days=1)).weekday() + 7)
        return days(monday, monday)
    if name.endswith("month"):
        first = ((last + timedelta(days=1)).replace(day=1) - timedelta(days=1)).replace(day=1)
        return days(first, first)
    return days(last - timedelta(days=SPANS.get(name, 1) - 1), last)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.path.rsplit("/")[-1])
async def test_each_figure_is_answered(client: OfficialAccountClient, call: Call[Any, Any]) -> None:
    name = call.path.rsplit("/")[-1]
    answer = await client.call(call, span_of(name))

    assert isinstance(answer, call.answer)


async def test_spans_that_are_too_long_are_refused(client: OfficialAccountClient) -> None:
    with pytest.raises(PlatformRefusal) as caught:
        await client.call(statistics.USERS, days(latest() - timedelta(days=30), latest()))
    assert caught.value.errcode == 61501
