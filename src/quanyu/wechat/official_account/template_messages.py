"""Template messages: notices about something a person did themselves.

Marketing in them gets templates deleted and accounts banned.
Source: developers.weixin.qq.com, 模板消息 (read 2026).
"""

from typing import Final

from quanyu.wechat.calls import Answer, Call, Done, Nothing, Part, Request


class TemplateValue(Part, frozen=True):
    value: str


class MiniProgramTarget(Part, frozen=True):
    appid: str
    pagepath: str


class TemplateMessage(Request, frozen=True):
    touser: str
    template_id: str
    data: dict[str, TemplateValue]
    url: str = ""
    miniprogram: MiniProgramTarget | None = None  # Wins over ``url``.
    client_msg_id: str = ""  # The same id within 10 minutes is sent once per person.


class TemplateSent(Answer, frozen=True):
    msgid: int = 0


class Template(Part, frozen=True):
    template_id: str
    title: str = ""
    primary_industry: str = ""
    deputy_industry: str = ""
    content: str = ""  # {{first.DATA}} and the like.
    example: str = ""


class TemplatesAnswer(Answer, frozen=True):
    template_list: tuple[Template, ...] = ()


class SetIndustryRequest(Request, frozen=True):
    industry_id1: str  # Once a month.
    industry_id2: str


class Industry(Part, frozen=True):
    first_class: str = ""
    second_class: str = ""


class IndustryAnswer(Answer, frozen=True):
    primary_industry: Industry = Industry()
    secondary_industry: Industry = Industry()


class AddTemplateRequest(Request, frozen=True):
    template_id_short: str  # TM…, OPENTM…, or digits for a template of the account's category.
    keyword_name_list: tuple[str, ...] = ()  # Needed with digits.


class TemplateIdAnswer(Answer, frozen=True):
    template_id: str


class TemplateIdRequest(Request, frozen=True):
    template_id: str


class BlockedRequest(Request, frozen=True):
    tmpl_msg_id: str
    largest_id: int
    limit: int  # At most 100.


class BlockedMessage(Part, frozen=True):
    """A template message the platform held back for its content."""

    id: int = 0
    tmpl_msg_id: str = ""
    title: str = ""
    content: str = ""
    send_timestamp: int = 0
    openid: str = ""


class BlockedAnswer(Answer, frozen=True):
    msginfo: BlockedMessage | tuple[BlockedMessage, ...] | None = None


class OneTimeValue(Part, frozen=True):
    value: str  # At most 200 signs.
    color: str = ""


class OneTimeData(Part, frozen=True):
    content: OneTimeValue


class OneTimeMessage(Request, frozen=True):
    """One message to a person who confirmed ``scene`` on the page of ``pages.one_time_subscription_url``."""

    touser: str
    template_id: str
    scene: str  # 0 to 10000.
    title: str  # At most 15 signs.
    data: OneTimeData
    url: str = ""
    miniprogram: MiniProgramTarget | None = None


class Notice(Request, frozen=True):
    """A subscription notice of an official account; one accept pays for one of them."""

    touser: str
    template_id: str
    data: dict[str, TemplateValue]
    page: str = ""
    miniprogram: MiniProgramTarget | None = None


# Not repeatable by itself: only a ``client_msg_id`` makes it so, and the sender decides.
SEND: Final = Call("POST", "/cgi-bin/message/template/send", TemplateMessage, TemplateSent)
LIST: Final = Call(
    "GET", "/cgi-bin/template/get_all_private_template", Nothing, TemplatesAnswer, repeatable=True
)
ADD: Final = Call("POST", "/cgi-bin/template/api_add_template", AddTemplateRequest, TemplateIdAnswer)
DELETE: Final = Call("POST", "/cgi-bin/template/del_private_template", TemplateIdRequest, Done)
SET_INDUSTRY: Final = Call("POST", "/cgi-bin/template/api_set_industry", SetIndustryRequest, Done)
INDUSTRY: Final = Call("GET", "/cgi-bin/template/get_industry", Nothing, IndustryAnswer, repeatable=True)
BLOCKED: Final = Call("POST", "/wxa/sec/queryblocktmplmsg", BlockedRequest, BlockedAnswer, repeatable=True)
SEND_ONE_TIME: Final = Call("POST", "/cgi-bin/message/template/subscribe", OneTimeMessage, Done)
SEND_NOTICE: Final = Call("POST", "/cgi-bin/message/subscribe/bizsend", Notice, Done)
