"""What keeps an answer out: each refusal with its words. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from quanyu.kernel.errors import AppError
from quanyu.modules.forms import rules
from quanyu.modules.forms.contracts import RefusalReason
from quanyu.modules.forms.definition import FormDefinition
from quanyu.modules.forms.errors import (
    AlreadyAnswered,
    AnsweredTooFast,
    AnswersRefused,
    FormChanged,
    FormFull,
    FormNotOpen,
    SubmissionConflict,
    WeChatNeeded,
)
from quanyu.modules.forms.rules import Accepted, FormState, Opening


def require_open(state: FormState, definition: FormDefinition, now: datetime) -> None:
    """Raise ``FormNotOpen`` unless states and hours let answers in."""
    opening = rules.opening(state, definition.rules, now)
    if opening is not Opening.OPEN:
        raise FormNotOpen(
            f"the form takes no answers now: {opening}",
            message_zh="表单尚未开始" if opening is Opening.NOT_YET else "表单已结束",
            state=opening.value,
        )


def require_time_taken(least_seconds: int | None, began_at: datetime | None, now: datetime) -> None:
    """Raise ``AnsweredTooFast`` for what no reader sends; who never opened the page is none either."""
    if least_seconds is None:
        return
    if began_at is None:
        raise AnsweredTooFast(
            "this page was not opened in this browser: allow cookies, open the form again and answer there",
            message_zh="未在此浏览器中打开过表单：请允许 Cookie，重新打开页面后填写",
            wait_s=least_seconds,
        )
    left = began_at + timedelta(seconds=least_seconds) - now
    if left > timedelta(0):
        wait_s = ceil(left.total_seconds())
        raise AnsweredTooFast(
            f"sent too fast: look through your answers and send them again in {wait_s} seconds",
            message_zh=f"提交过快：请核对回答，{wait_s} 秒后再次提交",
            wait_s=wait_s,
        )


def accepted(definition: FormDefinition, answers: Mapping[str, Any]) -> Accepted:
    """Return what of an answer is kept; raises ``AnswersRefused`` with each place."""
    try:
        return rules.accept(definition, answers)
    except rules.Refused as refused:
        first = refused.problems[0]
        raise AnswersRefused(
            f"{first.place}: {first.text}",
            message_zh=first.text_zh,
            problems=[
                {"place": one.place, "code": one.code, "text": one.text, "text_zh": one.text_zh}
                for one in refused.problems
            ],
        ) from None


def already() -> AlreadyAnswered:
    return AlreadyAnswered("this form takes one answer from each", message_zh="您已经提交过了")


def full(key: str) -> FormFull:
    """Return the refusal of what would pass the limit of a counter."""
    if key.startswith("o:"):
        _, question, option = key.split(":")
        return FormFull(
            "this option has been chosen as often as it may be",
            message_zh="该选项已满，请选择其他选项",
            place=question,
            option=option,
        )
    is_total = key == rules.TOTAL
    return FormFull(
        "the form takes no more answers" + ("" if is_total else " for now"),
        message_zh="名额已满" if is_total else "本时段名额已满，请稍后再来",
        place="",
        is_for_now=not is_total,
    )


def reason_of(error: AppError) -> RefusalReason | None:
    """Return as what a refusal is counted; ``None`` where it says nothing of the form or its people."""
    match error:
        case FormNotOpen():
            is_early = error.details["state"] == Opening.NOT_YET.value
            return RefusalReason.NOT_YET if is_early else RefusalReason.CLOSED
        case FormFull():
            if error.details["place"]:
                return RefusalReason.OPTION_FULL
            return RefusalReason.PERIOD_FULL if error.details["is_for_now"] else RefusalReason.FULL
        case AlreadyAnswered():
            return RefusalReason.ALREADY_ANSWERED
        case AnsweredTooFast():
            return RefusalReason.TOO_FAST
        case AnswersRefused():
            return RefusalReason.INVALID
        case FormChanged():
            return RefusalReason.OUTDATED
        case WeChatNeeded():
            return RefusalReason.NO_WECHAT
        case SubmissionConflict():
            return RefusalReason.CONFLICT
        case _:
            return None
