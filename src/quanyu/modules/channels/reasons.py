"""Why the platform did not do something, in words; kept in the tables as a code."""

from typing import Final

from quanyu.wechat.refusals import Dialect, explain

# What is no errcode: the codes of our own errors, and of what only we know.
_WORDS: Final = {
    "no_account": ("账号不存在", "the account does not exist"),
    "wechat.transport": ("无法连接微信接口", "the platform's interface cannot be reached"),
    "wechat.not_sent": ("无法连接微信接口", "the platform's interface cannot be reached"),
    "wechat.token_unavailable": ("暂时无法获取 access_token", "no access token can be had right now"),
    "wechat.budget_spent": ("接口额度已用完", "the budget of this call is used up"),
    "wechat.outcome_unknown": ("微信接口没有应答", "the platform's interface did not answer"),
    "wechat.malformed_answer": ("微信接口的应答无法识别", "the platform's answer could not be read"),
}


def explained(reason: str, dialect: Dialect = Dialect.OPEN) -> tuple[str, str]:
    """Return a reason in Chinese and English; empty for none. An errcode is one of ``dialect``."""
    if reason.removeprefix("-").isdigit():
        known = explain(int(reason), dialect)
        return f"{reason} {known.meaning_zh}".strip(), f"{reason} {known.meaning}".strip()
    return _WORDS.get(reason, (reason, reason))
