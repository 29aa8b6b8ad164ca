"""Templates of subscribe messages, the same for official accounts and mini programs.

Source: developers.weixin.qq.com, 订阅消息 / 订阅通知 (read 2026).
"""

from typing import Final

from quanyu.wechat.calls import Answer, Call, Done, Nothing, Part, Request


class TemplateValue(Part, frozen=True):
    """One value. thing ≤ 20 signs, number ≤ 32 digits, character_string ≤ 32, phrase ≤ 5 汉字, and so on."""

    value: str


class Category(Part, frozen=True):
    id: int
    name: str


class CategoriesAnswer(Answer, frozen=True):
    data: tuple[Category, ...] = ()


class TitlesRequest(Request, frozen=True):
    ids: tuple[int, ...]  # Categories.
    start: int
    limit: int  # At most 30.


class Title(Part, frozen=True):
    tid: int
    title: str = ""
    type: int = 0  # 2 one-time, 3 long-term.
    categoryId: int = 0


class TitlesAnswer(Answer, frozen=True):
    count: int = 0
    data: tuple[Title, ...] = ()


class KeywordsRequest(Request, frozen=True):
    tid: int


class Keyword(Part, frozen=True):
    kid: int
    name: str = ""
    example: str = ""
    rule: str = ""  # thing, number, …


class KeywordsAnswer(Answer, frozen=True):
    count: int = 0
    data: tuple[Keyword, ...] = ()


class AddTemplateRequest(Request, frozen=True):
    tid: str  # Text here, a number in the answers.
    kidList: tuple[int, ...]  # Two to five, in their order.
    sceneDesc: str = ""  # At most 15 signs.


class TemplateAdded(Answer, frozen=True):
    priTmplId: str


class DeleteTemplateRequest(Request, frozen=True):
    priTmplId: str


class KeywordValues(Part, frozen=True):
    keywordCode: str = ""
    enumValueList: tuple[str, ...] = ()


class NoticeTemplate(Part, frozen=True):
    priTmplId: str
    title: str = ""
    content: str = ""  # {{thing1.DATA}} and the like.
    example: str = ""
    type: int = 0  # 2 one-time, 3 long-term.
    keywordEnumValueList: tuple[KeywordValues, ...] = ()


class NoticeTemplatesAnswer(Answer, frozen=True):
    data: tuple[NoticeTemplate, ...] = ()


CATEGORIES: Final = Call("GET", "/wxaapi/newtmpl/getcategory", Nothing, CategoriesAnswer, repeatable=True)
TITLES: Final = Call(
    "GET", "/wxaapi/newtmpl/getpubtemplatetitles", TitlesRequest, TitlesAnswer, repeatable=True
)
KEYWORDS: Final = Call(
    "GET", "/wxaapi/newtmpl/getpubtemplatekeywords", KeywordsRequest, KeywordsAnswer, repeatable=True
)
ADD: Final = Call("POST", "/wxaapi/newtmpl/addtemplate", AddTemplateRequest, TemplateAdded)
LIST: Final = Call("GET", "/wxaapi/newtmpl/gettemplate", Nothing, NoticeTemplatesAnswer, repeatable=True)
DELETE: Final = Call("POST", "/wxaapi/newtmpl/deltemplate", DeleteTemplateRequest, Done)
