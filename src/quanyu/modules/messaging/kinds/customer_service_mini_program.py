"""A card that opens a page of a mini program linked with the official account."""

from collections.abc import Mapping
from typing import Any, Final

from quanyu.modules.messaging.contracts import MessageKind
from quanyu.modules.messaging.kinds.base import Rendered, Sources, Unrenderable, only_keys, rendered, source
from quanyu.modules.messaging.kinds.customer_service import CustomerService, empty, too_long

_PARTS: Final = ("title", "appid", "pagepath", "thumb_media_id")


class CustomerServiceMiniProgram(CustomerService):
    """``{"title": …, "appid": …, "pagepath": …, "thumb_media_id": …}``"""

    kind = MessageKind.CUSTOMER_SERVICE_MINI_PROGRAM

    def sources(self, content: Mapping[str, Any]) -> Sources:
        only_keys(content, set(_PARTS))
        return [(name, source(content, name)) for name in _PARTS]

    def fill(self, content: Mapping[str, Any], parts: Mapping[str, str]) -> Rendered | Unrenderable:
        page = {name: parts[name].strip() for name in _PARTS}
        payload = {"msgtype": "miniprogrampage", "miniprogrampage": page}
        return (
            empty(parts, *_PARTS)
            or too_long(page)
            or rendered(payload, f"{page['title']}\n[小程序] {page['pagepath']}")
        )
