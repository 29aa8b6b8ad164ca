"""Text in the conversation with an official account."""

from collections.abc import Mapping
from typing import Any

from quanyu.modules.messaging.contracts import MessageKind
from quanyu.modules.messaging.kinds.base import Rendered, Sources, Unrenderable, only_keys, rendered, source
from quanyu.modules.messaging.kinds.customer_service import CustomerService, empty, too_long


class CustomerServiceText(CustomerService):
    """``{"text": …}``"""

    kind = MessageKind.CUSTOMER_SERVICE_TEXT

    def sources(self, content: Mapping[str, Any]) -> Sources:
        only_keys(content, {"text"})
        return [("text", source(content, "text"))]

    def fill(self, content: Mapping[str, Any], parts: Mapping[str, str]) -> Rendered | Unrenderable:
        text = {"text": parts["text"].strip()}
        problem = empty(text, "text") or too_long(text)
        return problem or rendered({"msgtype": "text", "text": {"content": text["text"]}}, text["text"])
