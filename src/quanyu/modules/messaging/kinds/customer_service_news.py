"""A card that leads to an article or a page: exactly one since 2018."""

from collections.abc import Mapping
from typing import Any

from quanyu.modules.messaging.contracts import MessageKind
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


class CustomerServiceNews(CustomerService):
    """``{"title": …, "description": …, "url": …, "picurl": …}``; description and picture may be left out."""

    kind = MessageKind.CUSTOMER_SERVICE_NEWS

    def sources(self, content: Mapping[str, Any]) -> Sources:
        only_keys(content, {"title", "description", "url", "picurl"})
        needed = [(name, source(content, name)) for name in ("title", "url")]
        return [*needed, *optional(content, "description", "picurl")]

    def fill(self, content: Mapping[str, Any], parts: Mapping[str, str]) -> Rendered | Unrenderable:
        article = {
            "title": parts["title"].strip(),
            "description": parts.get("description", "").strip(),
            "url": parts["url"].strip(),
        }
        if picture := parts.get("picurl", "").strip():
            article["picurl"] = picture
        payload = {"msgtype": "news", "news": {"articles": [article]}}
        shown = "\n".join(text for text in (article["title"], article["description"], article["url"]) if text)
        return empty(parts, "title", "url") or too_long(article) or rendered(payload, shown)
