"""Codes that lead into customer groups. Source: official page 客户群「加入群聊」管理 (D 92229)."""

from dataclasses import replace

from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right
from wechat_sandbox.state.wecom.contact_ways import ContactWays
from wechat_sandbox.state.wecom.group_chats import GroupChats
from wechat_sandbox.state.wecom.ids import new_key
from wechat_sandbox.state.wecom.join_ways import (
    CHATS_MAX,
    REMARK_CHARS_MAX,
    ROOM_NAME_CHARS_MAX,
    STATE_CHARS_MAX,
    JoinWay,
    JoinWays,
)
from wechat_sandbox.wire.errors import PlatformError

QR_SCENE = 2


@WECOM.post("/externalcontact/groupchat/add_join_way", right=Right.CUSTOMERS)
def add_join_way(call: CorpCall) -> Answer:
    """Make a code; a remark that is too long is cut, everything else is refused."""
    scene = call.number("scene", low=1, high=2, missing=41038, invalid=41040)
    if not ContactWays(call.world, call.corp).has_room():
        raise PlatformError(41045)
    config_id = new_key(call.world, "", call.at, length=32).replace("_", "0").replace("-", "1")
    qr_code = f"{call.world.public_url}/groupcode/{config_id}" if scene == QR_SCENE else ""
    way = _read(call, JoinWay(config_id=config_id, scene=scene, chat_id_list=(), qr_code=qr_code))
    _ways(call).save(way)
    return {"config_id": config_id}


@WECOM.post("/externalcontact/groupchat/get_join_way", right=Right.CUSTOMERS)
def get_join_way(call: CorpCall) -> Answer:
    return {"join_way": _ways(call).get(call.text("config_id")).as_item()}


@WECOM.post("/externalcontact/groupchat/update_join_way", right=Right.CUSTOMERS)
def update_join_way(call: CorpCall) -> Answer:
    """Write a code over: fields that are not given go back to what they are by default."""
    before = _ways(call).get(call.text("config_id"))
    scene = call.number("scene", before.scene, low=1, high=2, invalid=41040)
    blank = JoinWay(
        config_id=before.config_id, scene=scene, chat_id_list=(), qr_code=before.qr_code, opened=before.opened
    )
    _ways(call).save(_read(call, blank))
    return {}


@WECOM.post("/externalcontact/groupchat/del_join_way", right=Right.CUSTOMERS)
def delete_join_way(call: CorpCall) -> Answer:
    _ways(call).drop(call.text("config_id"))
    return {}


def _ways(call: CorpCall) -> JoinWays:
    return JoinWays(call.world.store, call.corp.corpid)


def _read(call: CorpCall, blank: JoinWay) -> JoinWay:
    chat_ids = call.items("chat_id_list", most=1_000_000, missing=40058)
    if len(chat_ids) > CHATS_MAX:
        raise PlatformError(41091)
    chats = GroupChats(call.world, call.corp)
    for chat_id in chat_ids:
        chats.get(str(chat_id))
    return replace(
        blank,
        chat_id_list=tuple(str(chat_id) for chat_id in chat_ids),
        remark=call.text("remark")[:REMARK_CHARS_MAX],
        auto_create_room=call.number("auto_create_room", 1, high=1),
        room_base_name=call.text("room_base_name", most=ROOM_NAME_CHARS_MAX),
        room_base_id=call.number("room_base_id", 1, low=1),
        state=call.text("state", most=STATE_CHARS_MAX),
        mark_source=call.flag("mark_source", False),
    )
