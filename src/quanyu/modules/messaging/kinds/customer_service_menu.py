"""A question with answers to tap; a tap comes back as a message that names the item."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from quanyu.modules.messaging.contracts import MessageKind
from quanyu.modules.messaging.errors import InvalidContent
from quanyu.modules.messaging.kinds.base import (
    Rendered,
    Sources,
    Unrenderable,
    only_keys,
    optional,
    rendered,
    source,
)
from quanyu.modules.messaging.kinds.customer_service import CustomerService, empty, too_long

ITEMS_MAX: Final = 20
_ITEM: Final = "items."


class CustomerServiceMenu(CustomerService):
    """``{"head": …, "items": [{"id": …, "content": …}], "tail": …}``; the tail may be left out.

    Ids are the sender's, and say the same to everybody: the tap carries them.
    """

    kind = MessageKind.CUSTOMER_SERVICE_MENU

    def sources(self, content: Mapping[str, Any]) -> Sources:
        only_keys(content, {"head", "items", "tail"})
        items = [(f"{_ITEM}{item['id']}", source(item, "content")) for item in _items(content)]
        return [("head", source(content, "head")), *items, *optional(content, "tail")]

    def fill(self, content: Mapping[str, Any], parts: Mapping[str, str]) -> Rendered | Unrenderable:
        names = [name for name in parts if name.startswith(_ITEM)]
        items = [{"id": name.removeprefix(_ITEM), "content": parts[name].strip()} for name in names]
        menu: dict[str, Any] = {"head_content": parts["head"].strip(), "list": items}
        if tail := parts.get("tail", "").strip():
            menu["tail_content"] = tail
        shown = [menu["head_content"], *(f"· {item['content']}" for item in items), tail]
        return (
            empty(parts, "head", *names)
            or too_long({"items": "".join(shown)})
            or rendered({"msgtype": "msgmenu", "msgmenu": menu}, "\n".join(line for line in shown if line))
        )


def _items(content: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    items = content.get("items")
    if not isinstance(items, Sequence) or isinstance(items, str) or not 1 <= len(items) <= ITEMS_MAX:
        raise InvalidContent(
            f"items: give 1 to {ITEMS_MAX} answers", message_zh=f"items 应为 1 至 {ITEMS_MAX} 个选项"
        )
    ids = [item.get("id") if isinstance(item, Mapping) else None for item in items]
    if not all(isinstance(one, str) and 0 < len(one) <= 64 for one in ids) or len(set(ids)) < len(ids):
        raise InvalidContent(
            "items: each answer needs an id of its own, of up to 64 characters",
            message_zh="items 中每个选项需要各自不同的 id，最多 64 个字符",
        )
    for item in items:
        only_keys(item, {"id", "content"})
    return items
