"""Menus of apps."""

from collections.abc import Iterator
from typing import Any

from wechat_sandbox.state.core import Core
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.state.wecom.corp import Corp

Button = dict[str, Any]


class CorpMenus:
    """The menus of one company's apps."""

    def __init__(self, world: Core, corp: Corp) -> None:
        self._corp = corp
        self._menus = Shelf(world.store, "corp_menu", list[Button])

    def publish(self, agentid: int, buttons: list[Button]) -> None:
        self._menus.put(self._corp.corpid, str(agentid), buttons)

    def find(self, agentid: int) -> list[Button]:
        return self._menus.find(self._corp.corpid, str(agentid)) or []

    def drop(self, agentid: int) -> None:
        self._menus.drop(self._corp.corpid, str(agentid))

    def leaf(self, agentid: int, mark: str) -> Button | None:
        """Return the button that does something, by its key, address or name."""
        for button in self._leaves(agentid):
            if mark in (button.get("key"), button.get("url"), button["name"]):
                return button
        return None

    def _leaves(self, agentid: int) -> Iterator[Button]:
        for button in self.find(agentid):
            yield from button.get("sub_button") or (button,)
