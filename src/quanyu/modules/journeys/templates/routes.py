"""HTTP routes of templates; they come before those that take any journey's id."""

from typing import Annotated, Final

from fastapi import APIRouter, Query

from quanyu.infra import permits
from quanyu.kernel.errors import AppError, ErrorKind
from quanyu.modules.journeys.templates.building import Language, Parts, Template, Words
from quanyu.modules.journeys.templates.catalogue import TEMPLATES
from quanyu.modules.journeys.templates.contracts import (
    BothWords,
    JourneyTemplate,
    JourneyTemplates,
    TemplateDraft,
)

_BY_KEY: Final = {one.key: one for one in TEMPLATES}
_Id = Annotated[str, Query(max_length=40)]


class TemplateNotFound(AppError):
    """There is no template of this key."""

    kind = ErrorKind.NOT_FOUND
    code = "journeys.template_not_found"


def router() -> APIRouter:
    """Build the routes."""
    routes = APIRouter(
        prefix="/api/v1/journeys/templates", tags=["journeys"], dependencies=[permits.JOURNEYS]
    )

    @routes.get("")
    async def list_templates() -> JourneyTemplates:
        """List the journeys one can begin from."""
        return JourneyTemplates(items=tuple(_view(one) for one in TEMPLATES))

    @routes.get("/{key}")
    async def fill_template(
        key: str, account: _Id = "", segment: _Id = "", language: Language = "zh"
    ) -> TemplateDraft:
        """Make a journey's draft from a template, with an account to speak through and a segment to enter by.

        What is left out is left to be filled in. Nothing is saved.
        """
        template = _BY_KEY.get(key)
        if template is None:
            raise TemplateNotFound(
                f"there is no template {key[:40]!r}; there are {', '.join(_BY_KEY)}",
                message_zh=f"没有模板 {key[:40]!r}，现有：{'、'.join(_BY_KEY)}",
            )
        definition = template.build(Parts(account, segment, language))
        return TemplateDraft(name=template.name.to(language), definition=definition)

    return routes


def _view(one: Template) -> JourneyTemplate:
    return JourneyTemplate(key=one.key, name=_both(one.name), lead=_both(one.lead), by_segment=one.by_segment)


def _both(words: Words) -> BothWords:
    return BothWords(zh=words.zh, en=words.en)
