"""The simulated brand's past and present are one shop."""

from quanyu.app import demo
from wechat_sandbox.crowd.people import make_person

HITS_PER_SESSION = 4.2  # Measured over a month.


def test_history_is_not_thinned_so_that_every_day_is_like_today() -> None:
    people = [make_person(demo.SEED, index, demo.PEOPLE) for index in range(demo.PEOPLE)]
    sessions_per_day = sum(person.sessions_per_day for person in people) * demo.ACTIVITY
    hits = sessions_per_day * HITS_PER_SESSION * demo.BACKFILL_DAYS

    # Far enough below the limit to vary; far enough above a few to fill thirty days of charts.
    assert demo.BACKFILL_EVENTS_MAX / 3 < hits < demo.BACKFILL_EVENTS_MAX * 0.9
