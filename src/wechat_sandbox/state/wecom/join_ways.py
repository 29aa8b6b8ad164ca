"""Codes that lead into customer groups (加入群聊), and which group the next person lands in.

Source: official page 客户群「加入群聊」管理 (D 92229).
"""

from dataclasses import dataclass, replace

from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.state.wecom.group_book import Group
from wechat_sandbox.storage import Storage
from wechat_sandbox.wire.errors import PlatformError

CHATS_MAX = 5
REMARK_CHARS_MAX = 30
STATE_CHARS_MAX = 30
ROOM_NAME_CHARS_MAX = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinWay:
    """One code."""

    config_id: str
    scene: int
    chat_id_list: tuple[str, ...]
    remark: str = ""
    auto_create_room: int = 1
    room_base_name: str = ""
    room_base_id: int = 1
    state: str = ""
    mark_source: bool = False
    qr_code: str = ""
    opened: int = 0  # Groups it has opened by itself.

    def as_item(self) -> dict[str, object]:
        """Return it as ``get_join_way`` tells it."""
        return {
            "config_id": self.config_id,
            "scene": self.scene,
            "remark": self.remark,
            "auto_create_room": self.auto_create_room,
            "room_base_name": self.room_base_name,
            "room_base_id": self.room_base_id,
            "chat_id_list": list(self.chat_id_list),
            "qr_code": self.qr_code,
            "state": self.state,
            "mark_source": self.mark_source,
        }

    def next_room(self) -> tuple[str, "JoinWay"]:
        """Return the name of the next group it opens, and itself after that."""
        number = self.room_base_id + self.opened
        return f"{self.room_base_name}{number}", replace(self, opened=self.opened + 1)

    def with_room(self, chat_id: str) -> "JoinWay":
        """Return it leading to a new group too; beyond five the oldest makes room."""
        return replace(self, chat_id_list=(*self.chat_id_list, chat_id)[-CHATS_MAX:])


def choose_room(way: JoinWay, groups: list[Group]) -> Group | None:
    """Return the first group of a code with room for one more."""
    by_id = {group.chat_id: group for group in groups}
    for chat_id in way.chat_id_list:
        group = by_id.get(chat_id)
        if group is not None and not group.dismissed and group.has_room:
            return group
    return None


class JoinWays:
    """The codes of one corp."""

    def __init__(self, store: Storage, corpid: str) -> None:
        self._corpid = corpid
        self._shelf = Shelf(store, "wecom_join_way", JoinWay)

    def get(self, config_id: str) -> JoinWay:
        """Return a code (41043 no id given, 41044 no such one)."""
        if not config_id:
            raise PlatformError(41043)
        found = self._shelf.find(self._corpid, config_id)
        if found is None:
            raise PlatformError(41044)
        return found

    def all(self) -> list[JoinWay]:
        return self._shelf.values(self._corpid)

    def find_by_mark(self, mark: str) -> JoinWay | None:
        """Return the code with an id, or with the address of its picture."""
        return next((way for way in self.all() if mark in (way.config_id, way.qr_code)), None)

    def count(self) -> int:
        return self._shelf.count(self._corpid)

    def save(self, way: JoinWay) -> None:
        self._shelf.put(self._corpid, way.config_id, way)

    def drop(self, config_id: str) -> None:
        self.get(config_id)
        self._shelf.drop(self._corpid, config_id)
