"""Where a welcome is, the moves between (WM-2), and what the platform's refusals make of it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from quanyu.wechat.refusals import Action, Dialect, explain
from quanyu.wechat.wecom.welcome import ALREADY_SENT, EXPIRED

BLOCKED: Final = "blocked"
NOT_AGREED: Final = 41053
ANOTHER_APP: Final = 41096


class WelcomeState(StrEnum):
    """The states of WM-2; honesty adds ``handed`` before a call and ``unknown`` after a lost answer."""

    RECEIVED = "received"
    RENDERING = "rendering"
    HANDED = "handed"  # Committed before the call: from here on it may have gone out.
    SENT = "sent"
    EXPIRED = "expired"
    ALREADY_USED = "already_used"
    WITHHELD = "withheld"  # Nobody is to be greeted: the block-list, or no rule.
    ERROR = "error"
    UNKNOWN = "unknown"


MOVES: Final[dict[WelcomeState, frozenset[WelcomeState]]] = {
    WelcomeState.RECEIVED: frozenset({WelcomeState.RENDERING, WelcomeState.EXPIRED}),
    WelcomeState.RENDERING: frozenset(
        {
            WelcomeState.RENDERING,  # The process that rendered is gone; nothing was handed.
            WelcomeState.HANDED,
            WelcomeState.EXPIRED,
            WelcomeState.WITHHELD,
            WelcomeState.ERROR,
        }
    ),
    WelcomeState.HANDED: frozenset(
        {
            WelcomeState.SENT,
            WelcomeState.EXPIRED,
            WelcomeState.ALREADY_USED,
            WelcomeState.ERROR,
            WelcomeState.UNKNOWN,
        }
    ),
}
FINAL: Final = frozenset(WelcomeState) - frozenset(MOVES)


class Step(StrEnum):
    """What to do after a refusal."""

    SETTLE = "settle"
    RETRY = "retry"  # The same again, while the code lives.
    PLAINER = "plainer"  # The content was refused: the fallback, once.


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a refusal of the platform comes to."""

    step: Step
    state: WelcomeState
    reason: str


# Refusals of what was said, not of the code: missing files, sizes, forms, anti-spam.
_CONTENT: Final = frozenset({40007, 40058, 40201, 40204, 41052, 41064, 41065, 45002, 45008})
_SETTLED: Final = {
    EXPIRED: (WelcomeState.EXPIRED, "platform_expired"),
    ALREADY_SENT: (WelcomeState.ALREADY_USED, "already_sent"),
    ANOTHER_APP: (WelcomeState.ALREADY_USED, "another_app"),
    NOT_AGREED: (WelcomeState.ERROR, "not_agreed"),
}


# What says that another system answers the same adds (WM-6).
RIVAL_REASONS: Final = frozenset({"already_sent", "another_app"})


def judge(errcode: int) -> Verdict:
    """Return what a refusal means; one that is retried in vain settles as the verdict says."""
    state, reason = _SETTLED.get(errcode, (WelcomeState.ERROR, str(errcode)))
    if errcode == ANOTHER_APP or explain(errcode, Dialect.WECOM).action in (Action.RETRY, Action.BACK_OFF):
        return Verdict(Step.RETRY, state, reason)
    if errcode in _CONTENT:
        return Verdict(Step.PLAINER, state, reason)
    return Verdict(Step.SETTLE, state, reason)


_REASONS: Final = {
    "": ("", ""),
    "seen_late": (
        "已超过 20 秒才收到或处理，欢迎语凭证已失效，未发送",
        "seen after 20 s: the code was dead, nothing was sent",
    ),
    "platform_expired": (
        "平台答复：凭证无效或已过期",
        "the platform says that the code is not valid or past its 20 s",
    ),
    "already_sent": (
        "平台答复：欢迎语已发送或已开始聊天，可能有其他系统在发送欢迎语",
        "the platform says that a welcome was sent already or the chat has begun: "
        "another system may be answering",
    ),
    "another_app": (
        "其他应用正在为同一客户发送欢迎语",
        "another app is sending a welcome to the same customer",
    ),
    "not_agreed": (
        "客户尚未同意会话存档，暂不能发送",
        "the customer has not agreed to the archive of chats yet",
    ),
    "no_rule": ("没有适用的欢迎语", "no welcome is set for this staff member, store or code"),
    BLOCKED: (
        "命中昵称或企业屏蔽词，未发送并标记为可疑",
        "the name is on the block-list: not greeted, marked suspect",
    ),
    "no_corp": ("企业已断开或凭证不可用", "the corp is no longer connected"),
    "process_ended": (
        "发送途中进程中断，结果未知；为避免重复，不再发送",
        "the process ended during the call: what came of it is unknown, and it is never sent again",
    ),
    "no_answer": (
        "请求已发出但未收到答复，结果未知；为避免重复，不再发送",
        "the call went out and no answer came: what came of it is unknown, and it is never sent again",
    ),
    "not_sent": ("在有效期内未能连上平台", "the platform could not be reached while the code was good"),
    "unrenderable": (
        "内容无法生成，且没有备用文本",
        "the content could not be made, and there is no fallback",
    ),
}


def reason_text(reason: str) -> tuple[str, str]:
    """Return a reason in Chinese and English; numbers are the platform's codes."""
    if reason in _REASONS:
        return _REASONS[reason]
    if reason.isdigit():
        known = explain(int(reason), Dialect.WECOM)
        return (
            f"企业微信接口拒绝：{reason} {known.meaning_zh}".rstrip(),
            f"WeCom refused: {reason} {known.meaning}".rstrip(),
        )
    return reason, reason
