"""What crosses the boundary of templates."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class BothWords(_Frozen):
    """The same in both languages."""

    zh: str
    en: str


class JourneyTemplate(_Frozen):
    """A journey to begin from. ``by_segment``: it begins with a segment that must be chosen."""

    key: str
    name: BothWords
    lead: BothWords
    by_segment: bool


class JourneyTemplates(_Frozen):
    """All of them, in the order they are offered."""

    items: tuple[JourneyTemplate, ...]


class TemplateDraft(_Frozen):
    """A journey made from a template; nothing is saved."""

    name: str
    definition: dict[str, Any]
