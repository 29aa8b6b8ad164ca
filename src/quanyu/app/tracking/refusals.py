"""Why the tracking API refuses: a closed set of reasons, each with its words in both languages."""

import re
from enum import StrEnum
from typing import Any, Final

from quanyu.kernel.errors import AppError, ErrorKind

KINDS: Final = frozenset({"track", "identify", "page", "screen", "group", "alias"})
_CALLS: Final = ", ".join(f"/v1/{call}" for call in sorted({*KINDS, "batch"}))
_SHOWN_MAX: Final = 40
# Where the decoder says something is wrong; its other words are English.
_PLACE: Final = re.compile(r"at `(\$[^`]*)`|\((byte \d+)\)")


class Reason(StrEnum):
    """What is wrong with a request or one of its events."""

    # Of a request as a whole.
    NO_SUCH_CALL = "call.unknown"
    WRONG_METHOD = "method.not_post"
    BODY_CUT_SHORT = "body.cut_short"
    BODY_TOO_LARGE = "body.too_large"
    ENCODING = "body.encoding_unknown"
    GZIP = "body.gzip_invalid"
    NOT_A_BATCH = "body.not_a_batch"
    TOO_MANY_EVENTS = "batch.too_many_events"
    WRITE_KEY = "write_key.unknown"
    PIXEL = "pixel.data_invalid"
    # Of one event.
    EVENT_TOO_LARGE = "event.too_large"
    NOT_AN_EVENT = "event.unreadable"
    TYPE = "type.unknown"
    NOBODY = "identifier.missing"
    NAME_MISSING = "event.name_missing"
    NAME_OURS = "event.name_reserved"
    TOO_LONG = "field.too_long"
    NOT_AN_OBJECT = "field.not_an_object"
    ALIAS_INCOMPLETE = "alias.incomplete"
    GROUP_MISSING = "group_id.missing"
    TIME = "time.invalid"
    TIME_TOO_EARLY = "time.before_1970"
    CURRENCY = "currency.invalid"
    # Not as the brand's tracking plan wants it.
    PLAN_MISSING = "plan.missing"
    PLAN_TYPE = "plan.wrong_type"
    PLAN_CHOICE = "plan.not_a_choice"
    PLAN_PATTERN = "plan.pattern"
    PLAN_TOO_LONG = "plan.too_long"
    PLAN_UNKNOWN = "plan.unknown_event"


# English, Chinese; the names in braces are given where the reason is.
_WORDS: Final[dict[Reason, tuple[str, str]]] = {
    Reason.NO_SUCH_CALL: (
        f"there is no such call; POST one of {_CALLS}",
        f"没有这个接口，请 POST 到以下之一：{_CALLS}",
    ),
    Reason.WRONG_METHOD: ("this call takes POST alone", "此接口只接受 POST 请求"),
    Reason.BODY_CUT_SHORT: ("the body ends too early; send it whole", "请求体不完整，请重新发送"),
    Reason.BODY_TOO_LARGE: (
        "a request holds at most {limit} bytes; send smaller batches",
        "单次请求最多 {limit} 字节，请分批发送",
    ),
    Reason.ENCODING: (
        "content-encoding {value} is not taken; send gzip or none",
        "不支持 content-encoding {value}，请使用 gzip 或不压缩",
    ),
    Reason.GZIP: ("the body is not valid gzip", "请求体不是有效的 gzip 数据"),
    Reason.NOT_A_BATCH: ("the body is not a batch of events: {detail}", "请求体不是事件批次{place}"),
    Reason.TOO_MANY_EVENTS: (
        "{count} events in one batch; at most {limit}",
        "一批最多 {limit} 个事件，收到 {count} 个",
    ),
    Reason.WRITE_KEY: (
        "this write key is unknown; send it as the user name of basic authentication",
        "写入密钥无效：请将其作为 Basic 认证的用户名发送",
    ),
    Reason.PIXEL: (
        "a pixel's address needs the call as base64 in `data`",
        "像素地址须在 `data` 中带有 base64 编码的调用内容",
    ),
    Reason.EVENT_TOO_LARGE: (
        "{count} bytes; an event holds at most {limit}",
        "单个事件最多 {limit} 字节，收到 {count} 字节",
    ),
    Reason.NOT_AN_EVENT: ("not an event: {detail}", "不是有效的事件：JSON 格式或字段类型有误{place}"),
    Reason.TYPE: (
        "type {value!r} is none of " + ", ".join(sorted(KINDS)),
        "type {value!r} 无效，应为 " + "、".join(sorted(KINDS)) + " 之一",
    ),
    Reason.NOBODY: (
        "an event needs userId, anonymousId or context.externalIds",
        "事件须带有 userId、anonymousId 或 context.externalIds",
    ),
    Reason.NAME_MISSING: (
        "a track call needs the event's name in `event`",
        "track 调用须在 `event` 中给出事件名",
    ),
    Reason.NAME_OURS: (
        "names that begin with {value} are facts the platform itself states",
        "以 {value} 开头的名称是平台自身的事实，不能使用",
    ),
    Reason.TOO_LONG: (
        "{field} has {count} characters; at most {limit}",
        "{field} 有 {count} 个字符，最多 {limit} 个",
    ),
    Reason.NOT_AN_OBJECT: ("{field} is not a JSON object: {detail}", "{field} 不是有效的 JSON 对象{place}"),
    Reason.ALIAS_INCOMPLETE: (
        "an alias call needs previousId and userId",
        "alias 调用须带有 previousId 和 userId",
    ),
    Reason.GROUP_MISSING: ("a group call needs groupId", "group 调用须带有 groupId"),
    Reason.TIME: ("{field} {value!r} is not an ISO 8601 time", "{field} {value!r} 不是 ISO 8601 时间"),
    Reason.TIME_TOO_EARLY: ("{field} {value} lies before 1970", "{field} {value} 早于 1970 年"),
    Reason.CURRENCY: (
        "{field} {value!r} is not a currency code of three letters, and the event states an amount",
        "{field} {value!r} 不是三个字母的货币代码，而事件带有金额",
    ),
    Reason.PLAN_MISSING: (
        "{value!r} needs {field} by the tracking plan",
        "按埋点方案，{value!r} 须带有 {field}",
    ),
    Reason.PLAN_TYPE: (
        "{field} of {value!r} is not of the type of the tracking plan",
        "{value!r} 的 {field} 类型与埋点方案不符",
    ),
    Reason.PLAN_CHOICE: (
        "{field} of {value!r} is none of the values of the tracking plan",
        "{value!r} 的 {field} 不在埋点方案的可选值之中",
    ),
    Reason.PLAN_PATTERN: (
        "{field} of {value!r} does not have the form of the tracking plan",
        "{value!r} 的 {field} 不符合埋点方案的格式",
    ),
    Reason.PLAN_TOO_LONG: (
        "{field} of {value!r} is longer than the tracking plan allows",
        "{value!r} 的 {field} 超出埋点方案的长度",
    ),
    Reason.PLAN_UNKNOWN: (
        "the tracking plan knows no event {value!r}",
        "埋点方案中没有事件 {value!r}",
    ),
}


class Refusal(AppError):
    """A tracking request or event that cannot be taken; nothing of it was kept.

    ``details`` carry the ``reason`` and, where one field is to blame, its name as ``field``.
    """

    kind = ErrorKind.INVALID
    code = "tracking.invalid_body"

    def __init__(self, reason: Reason, *, detail: str = "", **values: Any) -> None:
        shown = {
            key: value[:_SHOWN_MAX] if key == "value" and isinstance(value, str) else value
            for key, value in values.items()
        }
        english, chinese = _WORDS[reason]
        super().__init__(
            english.format(detail=detail, **shown),
            message_zh=chinese.format(place=_place(detail), **shown),
            reason=reason.value,
            **({"field": values["field"]} if "field" in values else {}),
        )
        self.reason = reason


class InvalidBody(Refusal):
    """A tracking request is not what the specification asks for; nothing of it was kept."""


class InvalidEvent(Refusal):
    """One event of a request cannot be taken; the others can."""

    code = "tracking.invalid_event"


class EventTooLarge(InvalidEvent):
    """An event exceeds what one may hold."""

    kind = ErrorKind.TOO_LARGE
    code = "tracking.event_too_large"


class BodyTooLarge(Refusal):
    """A request exceeds what one may hold."""

    kind = ErrorKind.TOO_LARGE
    code = "tracking.body_too_large"


class UnknownWriteKey(Refusal):
    """The write key is missing, unknown or revoked."""

    kind = ErrorKind.UNAUTHENTICATED
    code = "tracking.unknown_write_key"


class NoSuchCall(Refusal):
    """The path names no call of the specification that we take."""

    kind = ErrorKind.NOT_FOUND
    code = "tracking.no_such_call"


class WrongMethod(Refusal):
    """The call is there, and takes POST."""

    code = "tracking.wrong_method"


def _place(detail: str) -> str:
    found = _PLACE.search(detail)
    if found is None:
        return ""
    return f"（位置 {found[1]}）" if found[1] else f"（第 {found[2].partition(' ')[2]} 字节）"
