"""Every refusal is counted for one reason; time is judged to the instant."""

from datetime import UTC, datetime, timedelta

import pytest

from quanyu.kernel.errors import AppError, NotFound
from quanyu.modules.forms import rules
from quanyu.modules.forms.contracts import RefusalReason
from quanyu.modules.forms.definition import FormRules
from quanyu.modules.forms.errors import AnsweredTooFast, FormNotOpen
from quanyu.modules.forms.refusing import already, full, reason_of, require_open, require_time_taken
from quanyu.modules.forms.rules import FormState
from quanyu.modules.forms.visitors import wechat_needed
from support.forms import choice, form

NOW = datetime(2026, 3, 4, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (full(rules.TOTAL), RefusalReason.FULL),
        (full("d:2026-03-04"), RefusalReason.PERIOD_FULL),
        (full("o:tea:green"), RefusalReason.OPTION_FULL),
        (already(), RefusalReason.ALREADY_ANSWERED),
        (wechat_needed(), RefusalReason.NO_WECHAT),
        (NotFound("nothing"), None),
    ],
)
def test_a_refusal_is_counted_for_one_reason(error: AppError, reason: RefusalReason | None) -> None:
    assert reason_of(error) is reason


def test_who_comes_early_and_who_comes_late_are_told_apart() -> None:
    definition = form([choice("a", "x")], rules={"opens_at": "2026-03-05T00:00:00Z"})
    with pytest.raises(FormNotOpen) as early:
        require_open(FormState.OPEN, definition, NOW)
    with pytest.raises(FormNotOpen) as late:
        require_open(FormState.CLOSED, definition, NOW)

    assert reason_of(early.value) is RefusalReason.NOT_YET
    assert reason_of(late.value) is RefusalReason.CLOSED


def test_the_least_time_is_over_at_its_instant() -> None:
    require_time_taken(None, None, NOW)
    require_time_taken(20, NOW - timedelta(seconds=20), NOW)
    with pytest.raises(AnsweredTooFast) as refusal:
        require_time_taken(20, NOW - timedelta(seconds=20) + timedelta(microseconds=1), NOW)
    assert refusal.value.details == {"wait_s": 1}
    with pytest.raises(AnsweredTooFast):
        require_time_taken(20, None, NOW)


def test_an_hour_is_the_most_a_form_may_ask_for() -> None:
    assert FormRules(least_seconds=3600).least_seconds == 3600
    with pytest.raises(ValueError, match="less than or equal to 3600"):
        FormRules(least_seconds=3601)
