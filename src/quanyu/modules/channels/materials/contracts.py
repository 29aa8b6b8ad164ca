"""Material as people choose it: what replies and menu buttons name by its id."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict

PAGE_MAX: Final = 20  # The platform gives no more in one call.


class MaterialKind(StrEnum):
    """What is listed."""

    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    NEWS = "news"  # Articles kept as material, of before drafts.
    ARTICLE = "article"  # Published articles; their ids are article ids.


class Material(BaseModel):
    """One file or article of the account. ``url`` shows a picture inside the platform's own pages only."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str  # Of a file; of articles the first one's title.
    url: str
    updated_at: datetime


class Materials(BaseModel):
    """A page of them, as the platform orders them: newest first."""

    model_config = ConfigDict(frozen=True)

    items: tuple[Material, ...]
    total: int
