"""Webhooks: something about a person, for another system of the brand."""

import re
from collections.abc import Mapping
from typing import Any, Final

from quanyu.modules.messaging.contracts import MessageKind, RefusalReason
from quanyu.modules.messaging.errors import InvalidContent
from quanyu.modules.messaging.kinds.base import (
    Kind,
    Posting,
    Rendered,
    Sources,
    Unrenderable,
    only_keys,
    rendered,
    source,
    wrong_account,
)
from quanyu.modules.messaging.kinds.templates import FIELDS_MAX, field_name, fields_of, preview
from quanyu.modules.messaging.ports import SendsWebhooks

_EVENT: Final = re.compile(r"[\w.:-]{1,60}")
_BYTES_MAX: Final = 64_000


class Webhook(Kind):
    """``{"event": …, "data": {name: …}}``; the data may be left out."""

    kind = MessageKind.WEBHOOK

    def sources(self, content: Mapping[str, Any]) -> Sources:
        only_keys(content, {"event", "data"})
        event, data = content.get("event"), content.get("data") or {}
        if not isinstance(event, str) or not _EVENT.fullmatch(event):
            raise InvalidContent(
                "event: a name of at most 60 letters, digits or any of . : _ -",
                message_zh="event 应为 60 个以内的字母、数字或 . : _ -",
            )
        if not isinstance(data, Mapping) or len(data) > FIELDS_MAX:
            raise InvalidContent(
                f"data: at most {FIELDS_MAX} fields", message_zh=f"data 最多 {FIELDS_MAX} 个字段"
            )
        return [(field_name(name), source(data, name)) for name in data]

    def fill(self, content: Mapping[str, Any], parts: Mapping[str, str]) -> Rendered | Unrenderable:
        fields = fields_of(parts)
        if sum(len(value.encode()) for value in fields.values()) > _BYTES_MAX:
            return Unrenderable(RefusalReason.CONTENT_TOO_LONG, f"data: over {_BYTES_MAX} bytes")
        said = "\n".join(filter(None, (content["event"], preview(fields))))
        return rendered({"event": content["event"], "data": fields}, said)

    async def call(self, client: object, posting: Posting) -> str:
        if not isinstance(client, SendsWebhooks):
            raise wrong_account(self.kind)
        return await client.send_webhook(posting.address, posting.payload, key=posting.key)
