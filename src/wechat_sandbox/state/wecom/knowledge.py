"""The knowledge base of 微信客服: groups of questions with their answers.

Source: official pages 知识库分组管理, 知识库问答管理 (D 95971, 95972).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.storage import Storage
from wechat_sandbox.wire.errors import PlatformError

NAME_CHARS_MAX: Final = 12
QUESTION_CHARS_MAX: Final = 200
ANSWER_CHARS_MAX: Final = 500
SIMILAR_MAX: Final = 100
ATTACHMENTS_MAX: Final = 4
_ATTACHED: Final = frozenset({"image", "video", "link", "miniprogram"})


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeGroup:
    """One group."""

    group_id: str
    name: str
    is_default: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One question with its answer."""

    intent_id: str
    group_id: str
    question: str
    similar: tuple[str, ...] = ()
    answer: str = ""
    attachments: tuple[dict[str, Any], ...] = ()

    def as_item(self) -> dict[str, object]:
        """Return it as ``list_intent`` tells it."""
        attached = {"attachments": list(self.attachments)} if self.attachments else {}
        return {
            "group_id": self.group_id,
            "intent_id": self.intent_id,
            "question": {"text": {"content": self.question}},
            "similar_questions": {"items": [{"text": {"content": text}} for text in self.similar]},
            "answers": [{"text": {"content": self.answer}, **attached}],
        }


def read_question(value: object) -> str:
    return _text(value, QUESTION_CHARS_MAX)


def read_similar(value: object) -> tuple[str, ...]:
    items = value.get("items", []) if isinstance(value, dict) else []
    if not isinstance(items, list) or len(items) > SIMILAR_MAX:
        raise PlatformError(40058, "similar_questions")
    return tuple(_text(item, QUESTION_CHARS_MAX) for item in items)


def read_answer(value: object) -> tuple[str, tuple[dict[str, Any], ...]]:
    """Return the text and the attachments of the one answer there may be (40058)."""
    if not isinstance(value, list) or len(value) != 1 or not isinstance(value[0], dict):
        raise PlatformError(40058, "answers")
    attachments = value[0].get("attachments") or []
    if not isinstance(attachments, list) or len(attachments) > ATTACHMENTS_MAX:
        raise PlatformError(40058, "attachments")
    if any(not isinstance(one, dict) or one.get("msgtype") not in _ATTACHED for one in attachments):
        raise PlatformError(40058, "attachments")
    return _text(value[0], ANSWER_CHARS_MAX), tuple(attachments)


def check_name(name: str) -> str:
    if not 1 <= len(name) <= NAME_CHARS_MAX:
        raise PlatformError(40058, "name")
    return name


def _text(value: object, chars_max: int) -> str:
    inside: Mapping[str, Any] | object = value.get("text") if isinstance(value, dict) else None
    content = inside.get("content") if isinstance(inside, dict) else None
    if not isinstance(content, str) or not 1 <= len(content) <= chars_max:
        raise PlatformError(40058, "text.content")
    return content


class Knowledge:
    """The knowledge base of one corp."""

    def __init__(self, store: Storage, corpid: str) -> None:
        self._corpid = corpid
        self._groups = Shelf(store, "wecom_kf_knowledge_group", KnowledgeGroup)
        self._intents = Shelf(store, "wecom_kf_intent", Intent)

    def groups(self) -> list[KnowledgeGroup]:
        return self._groups.values(self._corpid)

    def get_group(self, group_id: str) -> KnowledgeGroup:
        found = self._groups.find(self._corpid, group_id)
        if found is None:
            raise PlatformError(40058, "group_id")
        return found

    def save_group(self, group: KnowledgeGroup) -> None:
        self._groups.put(self._corpid, group.group_id, group)

    def drop_group(self, group_id: str) -> None:
        """Remove a group with its questions."""
        self.get_group(group_id)
        self._groups.drop(self._corpid, group_id)
        for intent in self.intents():
            if intent.group_id == group_id:
                self.drop_intent(intent.intent_id)

    def intents(self) -> list[Intent]:
        return self._intents.values(self._corpid)

    def get_intent(self, intent_id: str) -> Intent:
        found = self._intents.find(self._corpid, intent_id)
        if found is None:
            raise PlatformError(40058, "intent_id")
        return found

    def save_intent(self, intent: Intent) -> None:
        self._intents.put(self._corpid, intent.intent_id, intent)

    def drop_intent(self, intent_id: str) -> None:
        self.get_intent(intent_id)
        self._intents.drop(self._corpid, intent_id)
