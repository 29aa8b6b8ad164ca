"""What messages a person accepted beforehand share: keywords with rules, and one credit each."""

from collections.abc import Mapping
from typing import Any

from quanyu.modules.messaging.contracts import RefusalReason
from quanyu.modules.messaging.kinds import keywords
from quanyu.modules.messaging.kinds.base import (
    Misfit,
    Rendered,
    Sources,
    Unrenderable,
    only_keys,
    optional,
    rendered,
)
from quanyu.modules.messaging.kinds.templates import (
    Templated,
    empty_field,
    field_sources,
    fields_of,
    preview,
    values,
)


class Subscription(Templated):
    """``{"template_id": …, "data": {field: …}, "page": …}``; the page may be left out."""

    def sources(self, content: Mapping[str, Any]) -> Sources:
        only_keys(content, {"template_id", "data", "page"})
        return [*field_sources(content), *optional(content, "page")]

    def misfit(self, parts: Mapping[str, str]) -> Misfit | None:
        return keywords.misfit(parts)

    def fill(self, content: Mapping[str, Any], parts: Mapping[str, str]) -> Rendered | Unrenderable:
        fields = fields_of(parts)
        if problem := empty_field(fields):
            return problem
        if wrong := keywords.misfit(parts):
            return Unrenderable(RefusalReason.FIELD_RULE, f"{wrong.name}: {wrong.rule_en}")
        payload: dict[str, Any] = {"template_id": content["template_id"], "data": values(fields)}
        if page := parts.get("page", "").strip():
            payload["page"] = page
        return rendered(payload, preview(fields))
