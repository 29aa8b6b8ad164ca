"""Why a message was not sent, was turned down, or is unsure: closed sets, with texts in two languages.

``docs/reference/refusal-reasons.md`` shows the same table; a test keeps both equal.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class RefusalReason(StrEnum):
    """Why the governor did not let a message go out. Nothing was sent."""

    EXPIRED = "expired"
    DROPPED = "dropped"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    HELD_OUT = "held_out"
    BLOCKED = "blocked"
    NO_CHANNEL = "no_channel"
    NOT_FOLLOWING = "not_following"
    OPTED_OUT = "opted_out"
    NO_CONSENT = "no_consent"
    TEMPLATE_WITHDRAWN = "template_withdrawn"
    TEMPLATE_MISSING_VALUES = "template_missing_values"
    TEMPLATE_ERROR = "template_error"
    CONTENT_EMPTY = "content_empty"
    CONTENT_TOO_LONG = "content_too_long"
    FIELD_RULE = "field_rule"
    QUIET_HOURS = "quiet_hours"
    WINDOW_CLOSED = "window_closed"
    WINDOW_BUDGET_SPENT = "window_budget_spent"
    CREDIT_MISSING = "credit_missing"
    CREDIT_SPENT = "credit_spent"
    DUPLICATE = "duplicate"
    EXCLUDED = "excluded"
    FREQUENCY_CAPPED = "frequency_capped"


class RejectionReason(StrEnum):
    """Why the platform turned a message down, or we gave up handing it over. It did not reach the person."""

    PLATFORM_WINDOW_CLOSED = "platform_window_closed"
    PLATFORM_BUDGET_SPENT = "platform_budget_spent"
    PLATFORM_NOT_FOLLOWING = "platform_not_following"
    PLATFORM_RECIPIENT_REFUSES = "platform_recipient_refuses"
    PLATFORM_RECIPIENT_UNKNOWN = "platform_recipient_unknown"
    PLATFORM_RECIPIENT_LIMIT = "platform_recipient_limit"
    PLATFORM_MINOR_PROTECTED = "platform_minor_protected"
    PLATFORM_TEMPLATE_INVALID = "platform_template_invalid"
    PLATFORM_CONTENT_INVALID = "platform_content_invalid"
    PLATFORM_CREDENTIALS = "platform_credentials"
    PLATFORM_FORBIDDEN = "platform_forbidden"
    PLATFORM_OTHER = "platform_other"
    GAVE_UP = "gave_up"


class UnknownReason(StrEnum):
    """Why we cannot say whether a message went out."""

    NO_ANSWER = "no_answer"
    INTERRUPTED = "interrupted"


class FailureReason(StrEnum):
    """Why an accepted message did not arrive, as the platform's receipt says."""

    USER_BLOCKED = "user_blocked"
    PLATFORM_FAILED = "platform_failed"


Reason = RefusalReason | RejectionReason | UnknownReason | FailureReason


@dataclass(frozen=True, slots=True)
class ReasonText:
    """What an operator reads."""

    zh: str
    en: str


TEXTS: Final[dict[Reason, ReasonText]] = {
    RefusalReason.EXPIRED: ReasonText(
        "已过有效期，消息不再发送",
        "The message's time had passed before it could be sent",
    ),
    RefusalReason.DROPPED: ReasonText(
        "恢复备份后解除暂停时，选择丢弃备份中等待的消息",
        "It waited in a restored backup, and was dropped when sending was released",
    ),
    RefusalReason.STOPPED: ReasonText(
        "发起方已停止：旅程被停止，或此人已退出",
        "Its sender stopped: the journey was stopped or the person left it",
    ),
    RefusalReason.CANCELLED: ReasonText(
        "所属群发已取消",
        "The broadcast it belongs to was cancelled",
    ),
    RefusalReason.HELD_OUT: ReasonText(
        "此人在全局对照组中，不接收任何营销消息",
        "The person is held out of all marketing, so that its worth can be told",
    ),
    RefusalReason.BLOCKED: ReasonText(
        "此人在黑名单中",
        "The person is on the blocklist",
    ),
    RefusalReason.NO_CHANNEL: ReasonText(
        "该渠道没有此人的地址（openid、手机号或邮箱）",
        "The channel has no address of the person (openid, telephone number or e-mail)",
    ),
    RefusalReason.NOT_FOLLOWING: ReasonText(
        "此人未关注或已取消关注该公众号",
        "The person does not follow this official account",
    ),
    RefusalReason.OPTED_OUT: ReasonText(
        "此人已退订这类消息",
        "The person opted out of this class of messages",
    ),
    RefusalReason.NO_CONSENT: ReasonText(
        "此人尚未同意该用途，或同意已到期",
        "The person has not agreed to this purpose, or their consent ran out",
    ),
    RefusalReason.TEMPLATE_WITHDRAWN: ReasonText(
        "模板已停用",
        "The template was withdrawn",
    ),
    RefusalReason.TEMPLATE_MISSING_VALUES: ReasonText(
        "模板缺少变量值；可用 default 过滤器给出默认值",
        "A value the template needs is missing; the default filter can supply one",
    ),
    RefusalReason.TEMPLATE_ERROR: ReasonText(
        "模板无法渲染：变量类型不符或超出限制",
        "The template could not be rendered: a value has the wrong type or a limit was passed",
    ),
    RefusalReason.CONTENT_EMPTY: ReasonText(
        "渲染后的内容为空",
        "Nothing is left of the content after rendering",
    ),
    RefusalReason.CONTENT_TOO_LONG: ReasonText(
        "渲染后的内容超过平台长度限制",
        "The rendered content is longer than the platform takes",
    ),
    RefusalReason.FIELD_RULE: ReasonText(
        "模板字段的内容不合平台规则，例如 thing 最多 20 个字符",
        "A field of the template breaks the platform's rule for it, such as thing: at most 20 characters",
    ),
    RefusalReason.QUIET_HOURS: ReasonText(
        "处于免打扰时段，按品牌设置不发送",
        "It was quiet time, and the brand's setting is to drop",
    ),
    RefusalReason.WINDOW_CLOSED: ReasonText(
        "客服消息窗口未开启：此人近期没有互动",
        "No customer-service window is open: the person has not been in touch recently",
    ),
    RefusalReason.WINDOW_BUDGET_SPENT: ReasonText(
        "客服消息窗口内的可发条数已用完",
        "The open customer-service window has no messages left",
    ),
    RefusalReason.CREDIT_MISSING: ReasonText(
        "此人没有订阅该模板，或已关闭订阅",
        "The person has not accepted this template, or switched it off",
    ),
    RefusalReason.CREDIT_SPENT: ReasonText(
        "此人授权的订阅消息条数已用完，需要再次订阅",
        "Every message the person accepted has been sent; they must accept again",
    ),
    RefusalReason.DUPLICATE: ReasonText(
        "刚向此人发过内容相同的消息",
        "A message with the same content just went to this person",
    ),
    RefusalReason.EXCLUDED: ReasonText(
        "互斥：此人近期收到了同组另一活动的消息",
        "Another campaign of the same exclusion group wrote to this person lately",
    ),
    RefusalReason.FREQUENCY_CAPPED: ReasonText(
        "已达到频次上限",
        "The person already got as many messages as the brand allows",
    ),
    RejectionReason.PLATFORM_WINDOW_CLOSED: ReasonText(
        "平台拒绝：超出 48 小时互动窗口或已取消关注（45015）",
        "Turned down: outside the 48-hour window, or no longer following (45015)",
    ),
    RejectionReason.PLATFORM_BUDGET_SPENT: ReasonText(
        "平台拒绝：客服消息下行条数已用完（45047）",
        "Turned down: the window's message budget is spent (45047)",
    ),
    RejectionReason.PLATFORM_NOT_FOLLOWING: ReasonText(
        "平台拒绝：用户未关注（43004）",
        "Turned down: the person does not follow (43004)",
    ),
    RejectionReason.PLATFORM_RECIPIENT_REFUSES: ReasonText(
        "平台拒绝：用户拒收（43101、48002）或在黑名单中",
        "Turned down: the person refuses such messages (43101, 48002), or is on a blacklist",
    ),
    RejectionReason.PLATFORM_RECIPIENT_UNKNOWN: ReasonText(
        "平台拒绝：地址无效，例如 openid 不属于该账号（40003）或号码有误",
        "Turned down: the address is not valid, for example an openid of another account (40003)",
    ),
    RejectionReason.PLATFORM_RECIPIENT_LIMIT: ReasonText(
        "平台拒绝：此号码今日收到的短信已达平台上限",
        "Turned down: the number got as many messages today as the platform allows",
    ),
    RejectionReason.PLATFORM_MINOR_PROTECTED: ReasonText(
        "平台未发送：保护未成年人（70000）",
        "Not sent, to protect a minor (70000)",
    ),
    RejectionReason.PLATFORM_TEMPLATE_INVALID: ReasonText(
        "平台拒绝：模板编号无效（40037）或模板未通过审核",
        "Turned down: the template id is not valid (40037), or the template is not approved",
    ),
    RejectionReason.PLATFORM_CONTENT_INVALID: ReasonText(
        "平台拒绝：内容不合要求",
        "Turned down: the content is not acceptable",
    ),
    RejectionReason.PLATFORM_CREDENTIALS: ReasonText(
        "平台拒绝：公众号凭据或 IP 白名单有误",
        "Turned down: the account's credentials or its IP allow list are wrong",
    ),
    RejectionReason.PLATFORM_FORBIDDEN: ReasonText(
        "平台拒绝：公众号没有此接口权限或已被封禁",
        "Turned down: the account may not use this interface",
    ),
    RejectionReason.PLATFORM_OTHER: ReasonText(
        "平台拒绝：其他错误，见错误码",
        "Turned down for another reason; see the code",
    ),
    RejectionReason.GAVE_UP: ReasonText(
        "多次重试仍未交给平台，已放弃",
        "Given up: the platform did not take it after many attempts",
    ),
    UnknownReason.NO_ANSWER: ReasonText(
        "已交给平台但没有收到答复，无法确认是否送出",
        "Handed to the platform, which did not answer: it may or may not have gone out",
    ),
    UnknownReason.INTERRUPTED: ReasonText(
        "交给平台时程序中断，无法确认是否送出",
        "The process ended while handing it over: it may or may not have gone out",
    ),
    FailureReason.USER_BLOCKED: ReasonText(
        "未送达：用户拒收",
        "Did not arrive: the person blocks the account",
    ),
    FailureReason.PLATFORM_FAILED: ReasonText(
        "未送达：平台发送失败",
        "Did not arrive: the platform failed to deliver it",
    ),
}

_BY_CODE: Final[dict[str, Reason]] = {str(reason): reason for reason in TEXTS}


def reason_text(code: str) -> ReasonText:
    """Return the texts of a stored reason code."""
    return TEXTS[_BY_CODE[code]]
