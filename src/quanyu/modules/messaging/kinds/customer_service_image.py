"""A picture in the conversation with an official account."""

from collections.abc import Mapping
from typing import Any

from quanyu.modules.messaging.contracts import MessageKind
from quanyu.modules.messaging.kinds.base import Rendered, Sources, Unrenderable, only_keys, rendered, source
from quanyu.modules.messaging.kinds.customer_service import CustomerService, empty


class CustomerServiceImage(CustomerService):
    """``{"media_id": …}``: a material of the account; temporary ones end after three days."""

    kind = MessageKind.CUSTOMER_SERVICE_IMAGE

    def sources(self, content: Mapping[str, Any]) -> Sources:
        only_keys(content, {"media_id"})
        return [("media_id", source(content, "media_id"))]

    def fill(self, content: Mapping[str, Any], parts: Mapping[str, str]) -> Rendered | Unrenderable:
        media_id = parts["media_id"].strip()
        payload = {"msgtype": "image", "image": {"media_id": media_id}}
        return empty(parts, "media_id") or rendered(payload, f"[图片] {media_id}")
