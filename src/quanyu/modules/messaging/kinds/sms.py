"""Text messages, made from a template the carrier approved."""

import re
from collections.abc import Mapping
from typing import Any, Final

from quanyu.modules.messaging.contracts import MessageKind, RefusalReason
from quanyu.modules.messaging.errors import InvalidContent
from quanyu.modules.messaging.kinds.base import (
    Misfit,
    Posting,
    Rendered,
    Sources,
    Unrenderable,
    only_keys,
    rendered,
    source,
    wrong_account,
)
from quanyu.modules.messaging.kinds.templates import (
    FIELDS_MAX,
    Templated,
    empty_field,
    field_name,
    fields_of,
    preview,
    require_template,
)
from quanyu.modules.messaging.ports import SendsSms

_LINK: Final = re.compile(r"https?://|\bwww\.", re.IGNORECASE)


class Sms(Templated):
    """``{"template_id": …, "data": {"1": …, "2": …}}``; a template without parameters has no data."""

    kind = MessageKind.SMS

    def sources(self, content: Mapping[str, Any]) -> Sources:
        only_keys(content, {"template_id", "data"})
        require_template(content)
        data = content.get("data") or {}
        wanted = [str(number + 1) for number in range(len(data))] if isinstance(data, Mapping) else []
        if not isinstance(data, Mapping) or len(data) > FIELDS_MAX or set(data) != set(wanted):
            raise InvalidContent(
                'data: give the parameters as "1", "2" … without a gap',
                message_zh="data 应为参数 1、2……，不能缺号",
            )
        return [(field_name(number), source(data, number)) for number in wanted]

    def misfit(self, parts: Mapping[str, str]) -> Misfit | None:
        for number, value in fields_of(parts).items():
            if _LINK.search(value):  # The platform answers ProhibitedUseUrlInTemplateParameter.
                return Misfit(
                    field_name(number),
                    "a parameter may hold no link; put it into the template's own text",
                    "参数中不能含链接，请把链接写入模板正文",
                )
        return None

    def fill(self, content: Mapping[str, Any], parts: Mapping[str, str]) -> Rendered | Unrenderable:
        fields = fields_of(parts)
        if problem := empty_field(fields):
            return problem
        if wrong := self.misfit(parts):
            return Unrenderable(RefusalReason.FIELD_RULE, f"{wrong.name}: {wrong.rule_en}")
        template_id = content["template_id"]
        return rendered({"template_id": template_id, "data": fields}, preview(fields) or template_id)

    async def call(self, client: object, posting: Posting) -> str:
        if not isinstance(client, SendsSms):
            raise wrong_account(self.kind)
        return await client.send_sms(posting.address, posting.payload, key=posting.key)
