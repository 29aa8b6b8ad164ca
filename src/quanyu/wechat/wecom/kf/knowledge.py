"""What the assistant of customer service knows: groups of questions with their answers.

Source: developer.work.weixin.qq.com, 机器人管理 / 知识库 (paths 95971, 95972), read 2026.
"""

from typing import Any, Final

from quanyu.wechat.calls import Answer, Done, Part, Request
from quanyu.wechat.wecom.declaring import ask, post


class AddGroupRequest(Request, frozen=True):
    name: str  # At most 12 signs.


class GroupAdded(Answer, frozen=True):
    group_id: str


class GroupId(Request, frozen=True):
    group_id: str


class RenameGroupRequest(Request, frozen=True):
    group_id: str
    name: str


class ListRequest(Request, frozen=True, kw_only=True):
    cursor: str = ""
    limit: int = 0  # At most 1,000.
    group_id: str = ""


class Group(Part, frozen=True):
    group_id: str
    name: str = ""
    is_default: int = 0


class Groups(Answer, frozen=True):
    group_list: tuple[Group, ...] = ()
    next_cursor: str = ""
    has_more: int = 0


class Text(Part, frozen=True):
    content: str


class Question(Part, frozen=True):
    text: Text  # At most 200 signs.


class Similar(Part, frozen=True):
    items: tuple[Question, ...] = ()  # At most 100.


class Reply(Part, frozen=True, kw_only=True):
    text: Text  # At most 500 signs.
    attachments: tuple[dict[str, Any], ...] = ()  # At most 4: image, video, link or miniprogram.


class AddIntentRequest(Request, frozen=True, kw_only=True):
    group_id: str
    question: Question
    answers: tuple[Reply, ...]  # Exactly one.
    similar_questions: Similar | None = None


class IntentAdded(Answer, frozen=True):
    intent_id: str


class IntentId(Request, frozen=True):
    intent_id: str


class EditIntentRequest(Request, frozen=True, kw_only=True):
    """What is given overwrites as a whole; what is ``None`` stays as it is."""

    intent_id: str
    question: Question | None = None
    similar_questions: Similar | None = None
    answers: tuple[Reply, ...] | None = None


class ListIntentsRequest(ListRequest, frozen=True, kw_only=True):
    intent_id: str = ""


class Intent(Part, frozen=True, kw_only=True):
    intent_id: str
    group_id: str = ""
    question: Question | None = None
    similar_questions: Similar = Similar()
    answers: tuple[Reply, ...] = ()


class Intents(Answer, frozen=True):
    intent_list: tuple[Intent, ...] = ()
    next_cursor: str = ""
    has_more: int = 0


ADD_GROUP: Final = post("/kf/knowledge/add_group", AddGroupRequest, GroupAdded)
DELETE_GROUP: Final = post("/kf/knowledge/del_group", GroupId, Done)
RENAME_GROUP: Final = post("/kf/knowledge/mod_group", RenameGroupRequest, Done, repeatable=True)
GROUPS: Final = ask("/kf/knowledge/list_group", ListRequest, Groups)
ADD_INTENT: Final = post("/kf/knowledge/add_intent", AddIntentRequest, IntentAdded)
DELETE_INTENT: Final = post("/kf/knowledge/del_intent", IntentId, Done)
EDIT_INTENT: Final = post("/kf/knowledge/mod_intent", EditIntentRequest, Done, repeatable=True)
INTENTS: Final = ask("/kf/knowledge/list_intent", ListIntentsRequest, Intents)
