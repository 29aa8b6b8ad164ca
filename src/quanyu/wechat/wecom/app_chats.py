"""Group chats an app makes among members; only for apps visible to the root department.

Per corp: 1,000 made a day, 1,000 changed an hour, 20,000 person-times a minute spoken to.
Source: developer.work.weixin.qq.com, 应用发送消息到群聊会话 (path 90244 and following), read 2026.
"""

from typing import Final, Literal

from quanyu.wechat.calls import Answer, Done, Part, Request
from quanyu.wechat.wecom import message_parts as parts
from quanyu.wechat.wecom.declaring import get, post


class CreateRequest(Request, frozen=True, kw_only=True):
    userlist: tuple[str, ...]  # 2 to 2,000.
    name: str = ""  # At most 50 signs.
    owner: str = ""  # Somebody at random if empty.
    chatid: str = ""  # Our own id, at most 32 letters and digits.


class Created(Answer, frozen=True):
    chatid: str


class UpdateRequest(Request, frozen=True, kw_only=True):
    chatid: str
    name: str = ""
    owner: str = ""
    add_user_list: tuple[str, ...] = ()
    del_user_list: tuple[str, ...] = ()


class ChatId(Request, frozen=True):
    chatid: str


class Chat(Part, frozen=True):
    chatid: str
    name: str = ""
    owner: str = ""
    userlist: tuple[str, ...] = ()


class ChatAnswer(Answer, frozen=True):
    chat_info: Chat


class ChatMessage(Request, frozen=True, kw_only=True, tag_field="msgtype"):
    """A message to a group; the subclass is the ``msgtype``."""

    chatid: str
    safe: Literal[0, 1] = 0


class TextChatMessage(ChatMessage, frozen=True, kw_only=True, tag="text"):
    text: parts.Text


class ImageChatMessage(ChatMessage, frozen=True, kw_only=True, tag="image"):
    image: parts.Media


class VoiceChatMessage(ChatMessage, frozen=True, kw_only=True, tag="voice"):
    voice: parts.Media


class VideoChatMessage(ChatMessage, frozen=True, kw_only=True, tag="video"):
    video: parts.Video


class FileChatMessage(ChatMessage, frozen=True, kw_only=True, tag="file"):
    file: parts.Media


class TextCardChatMessage(ChatMessage, frozen=True, kw_only=True, tag="textcard"):
    textcard: parts.TextCard


class NewsChatMessage(ChatMessage, frozen=True, kw_only=True, tag="news"):
    news: parts.News


class StoredNewsChatMessage(ChatMessage, frozen=True, kw_only=True, tag="mpnews"):
    mpnews: parts.StoredNews


class MarkdownChatMessage(ChatMessage, frozen=True, kw_only=True, tag="markdown"):
    markdown: parts.Markdown


CREATE: Final = post("/appchat/create", CreateRequest, Created)
UPDATE: Final = post("/appchat/update", UpdateRequest, Done, repeatable=True)
GET: Final = get("/appchat/get", ChatId, ChatAnswer)
SEND: Final = post("/appchat/send", ChatMessage, Done)
