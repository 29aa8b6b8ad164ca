"""What the platform's error codes mean, and what a caller can do about each.

Source: developers.weixin.qq.com, 全局返回码说明 and the tables of the single calls (read 2026).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Action(StrEnum):
    """What helps after a refusal."""

    RETRY = "retry"  # The platform is busy: the same call, a moment later.
    REFRESH = "refresh"  # A new access token, then once more.
    BACK_OFF = "back_off"  # A limit: later, and slower.
    GIVE_UP = "give_up"  # The same call will be refused again.


@dataclass(frozen=True, slots=True)
class Meaning:
    """One code, in both languages."""

    meaning: str
    meaning_zh: str
    action: Action = Action.GIVE_UP


_UNKNOWN: Final = Meaning("", "")


def explain(errcode: int) -> Meaning:
    """Return what is known of a code; unknown ones are given up, with the platform's own words."""
    return _MEANINGS.get(errcode, _UNKNOWN)


_MEANINGS: Final[dict[int, Meaning]] = {
    -1: Meaning("the platform is busy", "系统繁忙", Action.RETRY),
    40001: Meaning(
        "the access token is invalid or not the latest", "access_token 无效或不是最新的", Action.REFRESH
    ),
    40002: Meaning("invalid grant_type", "grant_type 不合法"),
    40003: Meaning("the openid is not one of this account", "OpenID 不属于该公众号"),
    40007: Meaning("the media id is invalid or has expired", "media_id 无效或已过期"),
    40008: Meaning("this message type does not exist", "消息类型不合法"),
    40013: Meaning("the app id is wrong", "AppID 不正确"),
    40014: Meaning("the access token is malformed or unknown", "access_token 不合法", Action.REFRESH),
    40032: Meaning("too many or no openids in one call", "OpenID 数量超出限制"),
    40033: Meaning("letters are escaped or not allowed", "请求包含不合法的字符，不能使用 \\u 转义"),
    40035: Meaning("a parameter is not valid", "参数不合法"),
    40037: Meaning("the template id is not one of this account", "模板 ID 不属于该公众号"),
    40066: Meaning("the address is not valid", "URL 不合法"),
    40097: Meaning("arguments are not valid", "参数错误"),
    40125: Meaning("the AppSecret is wrong", "AppSecret 不正确"),
    40132: Meaning("the WeChat id is not valid", "微信号不合法"),
    40164: Meaning(
        "our address is not on the account's IP allow list", "服务器 IP 不在公众号后台的 IP 白名单中"
    ),
    40165: Meaning("the mini program page path is not valid", "小程序页面路径不合法"),
    40200: Meaning("this account type may not call this", "账号类型不支持该接口"),
    40243: Meaning("the AppSecret is frozen", "AppSecret 已被冻结"),
    41001: Meaning("the access token is missing", "缺少 access_token", Action.REFRESH),
    41002: Meaning("the app id is missing", "缺少 appid"),
    41004: Meaning("the AppSecret is missing", "缺少 secret"),
    41009: Meaning("the openid is missing", "缺少 openid"),
    42001: Meaning("the access token has expired", "access_token 已过期", Action.REFRESH),
    42010: Meaning("called too fast", "操作过于频繁", Action.BACK_OFF),
    43001: Meaning("this call needs GET", "需要 GET 请求"),
    43002: Meaning("this call needs POST", "需要 POST 请求"),
    43003: Meaning("this call needs HTTPS", "需要 HTTPS 请求"),
    43004: Meaning("the person does not follow the account", "用户未关注该公众号"),
    43005: Meaning("the person is not a friend of the account", "需要好友关系"),
    43019: Meaning("the person is blocked: unblock first", "用户在黑名单中，需先移出"),
    43101: Meaning("the person refuses this message", "用户拒收该消息"),
    43104: Meaning("the openid does not belong to this app id", "OpenID 与 AppID 不匹配"),
    43107: Meaning("subscribe messages are banned for this account", "订阅消息能力已被封禁"),
    43108: Meaning("several sends to one person at once", "对同一用户并发下发", Action.RETRY),
    44002: Meaning("the body is empty", "POST 数据为空"),
    44003: Meaning("there is no article", "图文消息内容为空"),
    44004: Meaning("the text is empty", "文本消息内容为空"),
    44990: Meaning("the limit per second is reached", "超过每秒调用限制", Action.BACK_OFF),
    44991: Meaning("the limit per minute is reached", "超过每分钟调用限制", Action.BACK_OFF),
    44993: Meaning("the limit per day is reached", "超过每天调用限制", Action.BACK_OFF),
    45002: Meaning("the text is too long", "消息内容超过限制"),
    45003: Meaning("the title is too long", "标题超过限制"),
    45004: Meaning("the description is too long", "描述超过限制"),
    45005: Meaning("the link is too long", "链接超过限制"),
    45006: Meaning("the picture link is too long", "图片链接超过限制"),
    45008: Meaning("too many articles", "图文消息数量超过限制"),
    45009: Meaning("the daily quota of this call is used up", "接口调用超过每日限额", Action.BACK_OFF),
    45011: Meaning("called too often this minute", "接口调用太频繁，请下一分钟再试", Action.BACK_OFF),
    45015: Meaning("outside the reply window, or no longer following", "超出回复时间限制或用户已取消关注"),
    45028: Meaning("no mass-send quota is left", "没有群发配额", Action.BACK_OFF),
    45047: Meaning("the messages allowed after one interaction are used up", "客服消息下发条数超过上限"),
    45065: Meaning("this clientmsgid was used before", "相同 clientmsgid 已存在群发记录"),
    45066: Meaning("the same clientmsgid is repeated too fast", "相同 clientmsgid 重试过快", Action.BACK_OFF),
    45067: Meaning("the clientmsgid is too long", "clientmsgid 长度超过限制"),
    45166: Meaning("the content is not valid", "内容不合法"),
    45168: Meaning("the content has sensitive words", "内容命中敏感词"),
    46004: Meaning("the person does not exist", "用户不存在"),
    47001: Meaning("the body is not the expected JSON", "数据格式错误"),
    47003: Meaning("a template value is missing or not allowed", "模板参数不合法或缺失"),
    48001: Meaning("the account has no right to this call", "公众号没有该接口权限"),
    48002: Meaning("the person does not accept messages", "用户拒收消息"),
    48003: Meaning("the account has not agreed to the terms", "公众号未同意相关协议"),
    48004: Meaning("this call is closed to the account for violations", "接口因违规被封禁"),
    48006: Meaning("quota resets of this month are used up", "本月清零次数已用完", Action.BACK_OFF),
    48008: Meaning("no right to this message type", "没有该类型消息的发送权限"),
    50001: Meaning("the person gave no authorisation", "用户未授权该 API"),
    50002: Meaning("the person is restricted", "用户受限"),
    50004: Meaning("tokens are closed to this account", "禁止使用 token 接口"),
    50005: Meaning("the person does not follow the account", "用户未关注公众号"),
    50007: Meaning("the account is frozen", "账号已冻结"),
    70000: Meaning("not sent, to protect a minor", "为保护未成年人，消息未下发"),
    76021: Meaning("this call path does not exist", "cgi_path 不存在"),
    76022: Meaning("this call path belongs to another account kind", "cgi_path 无权限查询"),
    89503: Meaning("an administrator must confirm our address", "需要管理员确认调用 IP"),
    89506: Meaning("an administrator refused our address for 24 hours", "管理员拒绝了该 IP，24 小时内不可用"),
    89507: Meaning("an administrator refused our address for 1 hour", "管理员拒绝了该 IP，1 小时内不可用"),
}
