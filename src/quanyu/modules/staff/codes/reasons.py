"""Why a code of the platform is not as it should be, in both languages."""

from typing import Final

from quanyu.wechat.refusals import Dialect, explain

_OURS: Final = {
    "pace": ("调用次数已达上限，稍后继续", "waits for the count of calls"),
    "no_answer": ("平台没有应答，正在核对是否已生成", "the platform did not answer; being looked for"),
    "wechat.outcome_unknown": ("平台没有应答，稍后重试", "the platform did not answer"),
    "wechat.not_sent": ("无法连接平台，稍后重试", "the platform could not be reached"),
    "wechat.token_unavailable": ("无法取得 access_token，请检查应用密钥", "no access token could be had"),
}


def explained(reason: str) -> tuple[str, str]:
    """Return what a reason means, in Chinese and English; empty for none."""
    if reason in _OURS:
        return _OURS[reason]
    if reason.isdigit():
        known = explain(int(reason), Dialect.WECOM)
        return f"{reason} {known.meaning_zh}".strip(), f"{reason} {known.meaning}".strip()
    return reason, reason
