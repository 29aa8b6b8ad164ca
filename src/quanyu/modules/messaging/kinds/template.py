"""Template messages of an official account: notices about something a person did themselves."""

from collections.abc import Mapping
from typing import Any

from quanyu.modules.messaging.contracts import MessageKind
from quanyu.modules.messaging.kinds.base import (
    Posting,
    Rendered,
    Sources,
    Unrenderable,
    only_keys,
    optional,
    rendered,
    wrong_account,
)
from quanyu.modules.messaging.kinds.templates import (
    Templated,
    empty_field,
    field_sources,
    fields_of,
    preview,
    values,
)
from quanyu.modules.messaging.ports import SendsTemplates


class Template(Templated):
    """``{"template_id": …, "data": {field: …}, "url": …}``"""

    kind = MessageKind.TEMPLATE

    def sources(self, content: Mapping[str, Any]) -> Sources:
        only_keys(content, {"template_id", "data", "url"})
        return [*field_sources(content), *optional(content, "url")]

    def fill(self, content: Mapping[str, Any], parts: Mapping[str, str]) -> Rendered | Unrenderable:
        fields = fields_of(parts)
        if problem := empty_field(fields):
            return problem
        payload: dict[str, Any] = {"template_id": content["template_id"], "data": values(fields)}
        if parts.get("url"):
            payload["url"] = parts["url"]
        return rendered(payload, preview(fields))

    async def call(self, client: object, posting: Posting) -> str:
        if not isinstance(client, SendsTemplates):
            raise wrong_account(self.kind)
        return await client.send_template(posting.address, posting.payload, client_msg_id=posting.key)
