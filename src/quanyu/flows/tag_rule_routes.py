"""The door of rules of tags: try one, set it, take it away; and delete a tag with its rule."""

from typing import Any

from fastapi import APIRouter, status
from pydantic import BaseModel, ConfigDict

from quanyu.flows.tag_rules import RulePreview, TagRule, TagRules
from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow


class SetTagRule(BaseModel):
    """A condition in the language of segments; who meets it carries the tag."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    definition: dict[str, Any]


class TagRuleFound(BaseModel):
    """A tag's rule, if it has one."""

    rule: TagRule | None


def router(rules: TagRules) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1/person-tags", tags=["person tags"], dependencies=[permits.PEOPLE])

    @routes.get("/{tag}/rule")
    async def get_person_tag_rule(uow: RequestUow, tag: str) -> TagRuleFound:
        """Return a tag's rule, and how far it has been followed."""
        return TagRuleFound(rule=await rules.find(uow, tag))

    @routes.put("/{tag}/rule", status_code=status.HTTP_204_NO_CONTENT)
    async def set_person_tag_rule(uow: RequestUow, tag: str, command: SetTagRule) -> None:
        """Give a tag a rule; who meets it now is given the tag within a minute, and so on from then."""
        await rules.set(uow, tag, command.definition)

    @routes.delete("/{tag}/rule", status_code=status.HTTP_204_NO_CONTENT)
    async def clear_person_tag_rule(uow: RequestUow, tag: str) -> None:
        """Take a tag's rule away, and what it gave; what people gave stays."""
        await rules.clear(uow, tag)

    @routes.post("/{tag}/rule/preview")
    @permits.reads
    async def preview_person_tag_rule(caller: CurrentCaller, tag: str, command: SetTagRule) -> RulePreview:
        """Try a rule, unsaved: how many it names, how many of them carry the tag, and some of them."""
        return await rules.preview(caller.tenant_id, tag, command.definition)

    @routes.delete("/{tag}", status_code=status.HTTP_204_NO_CONTENT)
    async def delete_person_tag(uow: RequestUow, tag: str) -> None:
        """Delete a tag that no segment and no rule asks about, and take it from everybody."""
        await rules.delete(uow, tag)

    return routes
