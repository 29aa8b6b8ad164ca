"""Comments under articles: switched on per article, listed, featured, answered, deleted.

Source: developers.weixin.qq.com, 图文消息留言管理 (read 2026).
"""

from typing import Final, Literal

from quanyu.wechat.calls import Answer, Call, Done, Part, Request


class ArticleRequest(Request, frozen=True):
    msg_data_id: int
    index: int = 0  # Which article of the message, from 0.


class ListRequest(Request, frozen=True):
    msg_data_id: int
    begin: int
    count: int  # Less than 50.
    type: Literal[0, 1, 2]  # All, normal, featured.
    index: int = 0


class Reply(Part, frozen=True):
    content: str = ""
    create_time: int = 0  # Unix seconds.


class Comment(Part, frozen=True):
    user_comment_id: int
    content: str = ""
    create_time: int = 0
    comment_type: int = 0  # 1 featured.
    openid: str = ""  # Not always told.
    reply: Reply | tuple[Reply, ...] | None = None  # An object now, a list once.

    @property
    def answer(self) -> Reply | None:
        """The account's answer, whichever form it came in."""
        if isinstance(self.reply, tuple):
            return self.reply[0] if self.reply else None
        return self.reply


class ListAnswer(Answer, frozen=True):
    total: int = 0
    comment: tuple[Comment, ...] = ()


class CommentRequest(Request, frozen=True):
    msg_data_id: int
    user_comment_id: int
    index: int = 0


class AnswerRequest(Request, frozen=True):
    msg_data_id: int
    user_comment_id: int
    content: str
    index: int = 0


OPEN: Final = Call("POST", "/cgi-bin/comment/open", ArticleRequest, Done, repeatable=True)
CLOSE: Final = Call("POST", "/cgi-bin/comment/close", ArticleRequest, Done, repeatable=True)
LIST: Final = Call("POST", "/cgi-bin/comment/list", ListRequest, ListAnswer, repeatable=True)
FEATURE: Final = Call("POST", "/cgi-bin/comment/markelect", CommentRequest, Done, repeatable=True)
UNFEATURE: Final = Call("POST", "/cgi-bin/comment/unmarkelect", CommentRequest, Done, repeatable=True)
DELETE: Final = Call("POST", "/cgi-bin/comment/delete", CommentRequest, Done)
REPLY: Final = Call("POST", "/cgi-bin/comment/reply/add", AnswerRequest, Done)
DELETE_REPLY: Final = Call("POST", "/cgi-bin/comment/reply/delete", CommentRequest, Done)
