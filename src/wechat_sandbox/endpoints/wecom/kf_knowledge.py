"""The knowledge base of 微信客服. Source: official pages 知识库分组管理, 知识库问答管理 (D 95971, 95972)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from wechat_sandbox.endpoints.wecom.paging import take_page
from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right
from wechat_sandbox.state.wecom.ids import new_key
from wechat_sandbox.state.wecom.knowledge import (
    Intent,
    Knowledge,
    KnowledgeGroup,
    check_name,
    read_answer,
    read_question,
    read_similar,
)

_PAGE_MAX = 1000


@WECOM.post("/kf/knowledge/add_group", right=Right.KF)
def add_group(call: CorpCall) -> Answer:
    group = KnowledgeGroup(group_id=new_key(call.world, "kfg", call.at), name=check_name(call.text("name")))
    _knowledge(call).save_group(group)
    return {"group_id": group.group_id}


@WECOM.post("/kf/knowledge/del_group", right=Right.KF)
def delete_group(call: CorpCall) -> Answer:
    _knowledge(call).drop_group(call.text("group_id", missing=40058))
    return {}


@WECOM.post("/kf/knowledge/mod_group", right=Right.KF)
def rename_group(call: CorpCall) -> Answer:
    group = _knowledge(call).get_group(call.text("group_id", missing=40058))
    _knowledge(call).save_group(replace(group, name=check_name(call.text("name"))))
    return {}


@WECOM.post("/kf/knowledge/list_group", right=Right.KF)
def list_groups(call: CorpCall) -> Answer:
    wanted = call.text("group_id")
    rows = [
        {"group_id": group.group_id, "name": group.name, "is_default": group.is_default}
        for group in _knowledge(call).groups()
        if wanted in ("", group.group_id)
    ]
    return _page(call, rows, "group_list")


@WECOM.post("/kf/knowledge/add_intent", right=Right.KF)
def add_intent(call: CorpCall) -> Answer:
    knowledge = _knowledge(call)
    group = knowledge.get_group(call.text("group_id", missing=40058))
    answer, attachments = read_answer(call.body.get("answers"))
    intent = Intent(
        intent_id=new_key(call.world, "kfi", call.at),
        group_id=group.group_id,
        question=read_question(call.body.get("question")),
        similar=read_similar(call.body.get("similar_questions")),
        answer=answer,
        attachments=attachments,
    )
    knowledge.save_intent(intent)
    return {"intent_id": intent.intent_id}


@WECOM.post("/kf/knowledge/del_intent", right=Right.KF)
def delete_intent(call: CorpCall) -> Answer:
    _knowledge(call).drop_intent(call.text("intent_id", missing=40058))
    return {}


@WECOM.post("/kf/knowledge/mod_intent", right=Right.KF)
def change_intent(call: CorpCall) -> Answer:
    """Change a question; each of its three parts is written over as a whole when it is given."""
    knowledge = _knowledge(call)
    intent = knowledge.get_intent(call.text("intent_id", missing=40058))
    if call.body.get("question") is not None:
        intent = replace(intent, question=read_question(call.body["question"]))
    if call.body.get("similar_questions") is not None:
        intent = replace(intent, similar=read_similar(call.body["similar_questions"]))
    if call.body.get("answers") is not None:
        answer, attachments = read_answer(call.body["answers"])
        intent = replace(intent, answer=answer, attachments=attachments)
    knowledge.save_intent(intent)
    return {}


@WECOM.post("/kf/knowledge/list_intent", right=Right.KF)
def list_intents(call: CorpCall) -> Answer:
    group_id, intent_id = call.text("group_id"), call.text("intent_id")
    rows = [
        intent.as_item()
        for intent in _knowledge(call).intents()
        if group_id in ("", intent.group_id) and intent_id in ("", intent.intent_id)
    ]
    return _page(call, rows, "intent_list")


def _knowledge(call: CorpCall) -> Knowledge:
    return Knowledge(call.world.store, call.corp.corpid)


def _page(call: CorpCall, rows: Sequence[Mapping[str, Any]], name: str) -> Answer:
    page, cursor = take_page(call, rows, default=500, most=_PAGE_MAX)
    return {"next_cursor": cursor, "has_more": int(bool(cursor)), name: list(page)}
