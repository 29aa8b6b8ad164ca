"""Group welcomes as people write them.

Sizes are bytes of UTF-8. Source: developer.work.weixin.qq.com, 入群欢迎语素材管理 (path 92366); read 2026.
"""

from datetime import datetime
from typing import Annotated, Final, Literal, NewType

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

WelcomeId = NewType("WelcomeId", int)
WELCOME_PREFIX: Final = "gwl"
TEMPLATES_MAX: Final = 100  # Of one corp; the platform refuses the next with 41055.
TEXT_BYTES_MAX: Final = 3_000
NICKNAME: Final = "%NICKNAME%"  # The platform puts the newcomer's name in its place.


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _at_most(limit: int) -> AfterValidator:
    def check(text: str) -> str:
        size = len(text.encode())
        if size > limit:
            raise ValueError(f"at most {limit} bytes, this has {size}")
        return text

    return AfterValidator(check)


_Address = Annotated[str, StringConstraints(pattern=r"^https?://\S+$"), _at_most(2_048)]


class GroupLinkCard(_Frozen):
    kind: Literal["link"] = "link"
    title: Annotated[str, StringConstraints(min_length=1), _at_most(128)]
    url: _Address
    description: Annotated[str, _at_most(512)] = ""
    picture_url: Annotated[str, StringConstraints(pattern=r"^(https?://\S+)?$"), _at_most(2_048)] = ""


class GroupImageCard(_Frozen):
    """A picture kept by the platform (``media/uploadimg``)."""

    kind: Literal["image"] = "image"
    url: _Address


class GroupMiniProgramCard(_Frozen):
    kind: Literal["mini_program"] = "mini_program"
    title: Annotated[str, StringConstraints(min_length=1), _at_most(64)]
    app_id: Annotated[str, StringConstraints(pattern=r"^wx[0-9a-zA-Z]{6,30}$")]
    page: Annotated[str, StringConstraints(min_length=1, pattern=r"^\S+$"), _at_most(1_024)]
    media_id: Annotated[str, StringConstraints(min_length=1, max_length=256)]  # The cover.


GroupCard = Annotated[GroupLinkCard | GroupImageCard | GroupMiniProgramCard, Field(discriminator="kind")]


class GroupWelcomeDraft(_Frozen):
    """What newcomers of a group are told: a text, one card, or both."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
    text: Annotated[str, _at_most(TEXT_BYTES_MAX)] = ""
    card: (
        Annotated[GroupLinkCard | GroupImageCard | GroupMiniProgramCard, Field(discriminator="kind")] | None
    ) = None

    @model_validator(mode="after")
    def _says_something(self) -> "GroupWelcomeDraft":
        if not self.text.strip() and self.card is None:
            raise ValueError("a welcome needs a text or a card")
        return self


class NewGroupWelcome(GroupWelcomeDraft):
    """A welcome to be made; ``corp`` may be left out where there is one."""

    corp: str = ""
    notify: bool = True  # Tell group owners that there is a new one.


class GroupWelcome(_Frozen):
    """A welcome with how it stands."""

    id: str
    corp_id: str
    draft: GroupWelcomeDraft
    state: Literal["saving", "ready", "failed", "deleting"]
    reason: str
    groups: tuple[str, ...]  # Names of the groups that are to have it.
    created_at: datetime
    updated_at: datetime


class GroupWelcomes(_Frozen):
    """The brand's group welcomes."""

    items: tuple[GroupWelcome, ...]
    used: int  # Of ``limit``, those lost with an answer included.
    limit: int = TEMPLATES_MAX
