"""Welcomes for those who join a customer group (入群欢迎语素材).

Source: official page 入群欢迎语素材管理 (D 92366).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.state.wecom.content import Shelves, read_branch, read_text
from wechat_sandbox.storage import Storage
from wechat_sandbox.wire.errors import PlatformError

TEMPLATES_MAX: Final = 100
TEXT_BYTES_MAX: Final = 3000
ORDER: Final = ("image", "link", "miniprogram", "file", "video")  # The first one given is the one shown.


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupWelcome:
    """One template."""

    template_id: str
    scope: str  # Of the app that made it: no other may change it.
    text: str = ""
    attached: dict[str, Any] = field(default_factory=dict)  # At most one kind → its inside.

    def as_fields(self) -> dict[str, Any]:
        """Return it as ``group_welcome_template/get`` tells it."""
        fields: dict[str, Any] = {"text": {"content": self.text}} if self.text else {}
        return fields | self.attached


def read_welcome(body: Mapping[str, Any], shelves: Shelves) -> tuple[str, dict[str, Any]]:
    """Return the text and the one attachment of a call (40058 when both are empty)."""
    text = read_text(body.get("text"), TEXT_BYTES_MAX)
    kind = next((kind for kind in ORDER if body.get(kind)), None)
    attached = {kind: read_branch(kind, body[kind], shelves)} if kind else {}
    if not text and not attached:
        raise PlatformError(40058, "text and attachment are both empty")
    return text, attached


class GroupWelcomes:
    """The templates of one corp."""

    def __init__(self, store: Storage, corpid: str) -> None:
        self._corpid = corpid
        self._shelf = Shelf(store, "wecom_group_welcome", GroupWelcome)

    def add(self, welcome: GroupWelcome) -> None:
        """Keep a new template (41055 there are a hundred)."""
        if self._shelf.count(self._corpid) >= TEMPLATES_MAX:
            raise PlatformError(41055)
        self.save(welcome)

    def own(self, template_id: str, scope: str) -> GroupWelcome:
        """Return a template of an app (40058 no such one, 41058 another app's)."""
        found = self._shelf.find(self._corpid, template_id)
        if found is None:
            raise PlatformError(40058, "template_id")
        if found.scope != scope:
            raise PlatformError(41058)
        return found

    def find(self, template_id: str) -> GroupWelcome | None:
        return self._shelf.find(self._corpid, template_id)

    def all(self) -> list[GroupWelcome]:
        return self._shelf.values(self._corpid)

    def save(self, welcome: GroupWelcome) -> None:
        self._shelf.put(self._corpid, welcome.template_id, welcome)

    def drop(self, template_id: str) -> None:
        self._shelf.drop(self._corpid, template_id)
