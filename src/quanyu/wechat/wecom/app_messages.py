"""Messages of an app to members: one class per ``msgtype``.

One member receives at most 30 a minute and 1,000 an hour of one app; what is above is dropped in silence.
Source: developer.work.weixin.qq.com, 发送应用消息 (path 90236), 撤回应用消息 (94867), 更新模版卡片消息
(94888); read 2026.
"""

from typing import Final, Literal

from quanyu.wechat.calls import Answer, Done, Flag, Part, Request
from quanyu.wechat.wecom import message_parts as parts
from quanyu.wechat.wecom.declaring import post
from quanyu.wechat.wecom.template_cards import TemplateCard

EVERYBODY: Final = "@all"
MEMBERS_MAX: Final = 1000
DEPARTMENTS_MAX: Final = 100


def joined(*ids: str | int) -> str:
    """Return ids as the platform wants several in one field."""
    return "|".join(str(one) for one in ids)


class AppMessage(Request, frozen=True, kw_only=True, tag_field="msgtype"):
    """A message to members; the subclass is the ``msgtype``. At least one of the three is given."""

    agentid: int
    touser: str = ""  # ``joined`` user ids, or ``EVERYBODY``.
    toparty: str = ""
    totag: str = ""
    safe: Literal[0, 1, 2] = 0  # 1 confidential, 2 not to be shared outside (mpnews only).
    enable_id_trans: Flag = 0
    enable_duplicate_check: Flag = 0  # The same message within the interval is sent once.
    duplicate_check_interval: int = 1800  # Seconds, at most 14,400.


class TextMessage(AppMessage, frozen=True, kw_only=True, tag="text"):
    text: parts.Text


class ImageMessage(AppMessage, frozen=True, kw_only=True, tag="image"):
    image: parts.Media


class VoiceMessage(AppMessage, frozen=True, kw_only=True, tag="voice"):
    voice: parts.Media


class VideoMessage(AppMessage, frozen=True, kw_only=True, tag="video"):
    video: parts.Video


class FileMessage(AppMessage, frozen=True, kw_only=True, tag="file"):
    file: parts.Media


class TextCardMessage(AppMessage, frozen=True, kw_only=True, tag="textcard"):
    textcard: parts.TextCard


class NewsMessage(AppMessage, frozen=True, kw_only=True, tag="news"):
    news: parts.News


class StoredNewsMessage(AppMessage, frozen=True, kw_only=True, tag="mpnews"):
    mpnews: parts.StoredNews


class MarkdownMessage(AppMessage, frozen=True, kw_only=True, tag="markdown"):
    markdown: parts.Markdown


class MiniProgramNoticeMessage(AppMessage, frozen=True, kw_only=True, tag="miniprogram_notice"):
    miniprogram_notice: parts.MiniProgramNotice


class TemplateCardMessage(AppMessage, frozen=True, kw_only=True, tag="template_card"):
    template_card: TemplateCard


AnyAppMessage = (
    TextMessage
    | ImageMessage
    | VoiceMessage
    | VideoMessage
    | FileMessage
    | TextCardMessage
    | NewsMessage
    | StoredNewsMessage
    | MarkdownMessage
    | MiniProgramNoticeMessage
    | TemplateCardMessage
)


class Sent(Answer, frozen=True):
    """Sent to those that are valid; the others are named, parted by ``|``."""

    msgid: str = ""
    invaliduser: str = ""
    invalidparty: str = ""
    invalidtag: str = ""
    unlicenseduser: str = ""
    response_code: str = ""  # Of interactive cards: for one update, within 72 hours.


class MessageId(Request, frozen=True):
    msgid: str


class ReplacedButton(Part, frozen=True):
    replace_name: str


class UpdateCardRequest(Request, frozen=True, kw_only=True):
    """Change a card for some receivers or ``atall``, by its button's text or as a whole."""

    agentid: int
    response_code: str
    userids: tuple[str, ...] = ()
    partyids: tuple[int, ...] = ()
    tagids: tuple[int, ...] = ()
    atall: Flag = 0
    enable_id_trans: Flag = 0
    button: ReplacedButton | None = None
    template_card: TemplateCard | None = None


class CardUpdated(Answer, frozen=True):
    invaliduser: tuple[str, ...] = ()


# Not repeatable, unless ``enable_duplicate_check`` is set.
SEND: Final = post("/message/send", AppMessage, Sent)
RECALL: Final = post("/message/recall", MessageId, Done, repeatable=True)
UPDATE_CARD: Final = post("/message/update_template_card", UpdateCardRequest, CardUpdated)
