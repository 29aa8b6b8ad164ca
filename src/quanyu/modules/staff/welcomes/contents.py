"""What a welcome says: a text and up to nine attachments, as people write them.

Sizes are bytes of UTF-8, as the platform counts them. Source: developer.work.weixin.qq.com, 发送新客户欢迎语
(path 92137) and 创建企业群发 (92135); read 2026.
"""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from quanyu.infra.liquid_text import InvalidLiquid, parse_liquid
from quanyu.modules.staff.welcomes.variables import NAMES

TEXT_BYTES_MAX: Final = 4_000
TITLE_BYTES_MAX: Final = 128
DESCRIPTION_BYTES_MAX: Final = 512
URL_BYTES_MAX: Final = 2_048
MINI_PROGRAM_TITLE_BYTES_MAX: Final = 64
ATTACHMENTS_MAX: Final = 9
MEDIA_PREFIX: Final = "wmd"


class Frozen(BaseModel):
    """A value that crosses the boundary."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def bytes_at_most(limit: int) -> AfterValidator:
    """Return a check of a text's size in bytes."""

    def check(text: str) -> str:
        size = len(text.encode())
        if size > limit:
            raise ValueError(f"at most {limit} bytes, this has {size}")
        return text

    return AfterValidator(check)


def check_liquid(text: str) -> str:
    """Refuse Liquid that cannot be parsed, or that reads what no welcome knows."""
    try:
        parsed = parse_liquid("text", text)
    except InvalidLiquid as error:
        raise ValueError(error.message) from error
    unknown = sorted(parsed.names - NAMES)
    if unknown:
        raise ValueError(f"unknown variable {unknown[0]!r}; known are {', '.join(sorted(NAMES))}")
    return text


# The source may be longer than what it renders to; what it renders to is checked again.
Liquid = Annotated[str, StringConstraints(max_length=TEXT_BYTES_MAX), AfterValidator(check_liquid)]
Address = Annotated[
    str, StringConstraints(pattern=r"^https?://[^\s]+$", max_length=URL_BYTES_MAX), bytes_at_most(1_900)
]  # The token of the source joins it, and both together have 2,048 bytes.
Picture = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$"), bytes_at_most(URL_BYTES_MAX)]
MediaRef = Annotated[str, StringConstraints(pattern=rf"^{MEDIA_PREFIX}_[0-9a-z]{{1,13}}$")]


class ImagePart(Frozen):
    kind: Literal["image"] = "image"
    media: MediaRef


class LinkPart(Frozen):
    """A card that opens an address; the address carries who was welcomed, unless ``tracked`` is off."""

    kind: Literal["link"] = "link"
    title: Annotated[str, StringConstraints(min_length=1), bytes_at_most(TITLE_BYTES_MAX)]
    description: Annotated[str, bytes_at_most(DESCRIPTION_BYTES_MAX)] = ""
    picture_url: Picture | Literal[""] = ""
    url: Address
    tracked: bool = True


class MiniProgramPart(Frozen):
    """A mini program's page; the page's query carries who was welcomed, unless ``tracked`` is off."""

    kind: Literal["mini_program"] = "mini_program"
    title: Annotated[str, StringConstraints(min_length=1), bytes_at_most(MINI_PROGRAM_TITLE_BYTES_MAX)]
    app_id: Annotated[str, StringConstraints(pattern=r"^wx[0-9a-zA-Z]{6,30}$")]
    page: Annotated[str, StringConstraints(min_length=1, pattern=r"^[^\s]+$"), bytes_at_most(900)]
    media: MediaRef  # The cover, an image.
    tracked: bool = True


class VideoPart(Frozen):
    kind: Literal["video"] = "video"
    media: MediaRef


class FilePart(Frozen):
    kind: Literal["file"] = "file"
    media: MediaRef


Part = Annotated[ImagePart | LinkPart | MiniProgramPart | VideoPart | FilePart, Field(discriminator="kind")]


class WelcomeContent(Frozen):
    """A text in Liquid, attachments, or both; and the plain words sent if those cannot be had (WM-3)."""

    text: Liquid = ""
    parts: Annotated[tuple[Part, ...], Field(max_length=ATTACHMENTS_MAX)] = ()
    fallback: Annotated[str, bytes_at_most(TEXT_BYTES_MAX)] = ""

    @model_validator(mode="after")
    def _says_something(self) -> "WelcomeContent":
        if not self.text.strip() and not self.parts:
            raise ValueError("a welcome needs a text or an attachment")
        if not self.fallback.strip() and self.can_fail:
            raise ValueError(
                "a welcome with variables or attachments needs a plain fallback text, "
                "sent when those cannot be had"
            )
        return self

    @property
    def can_fail(self) -> bool:
        """Whether rendering may fail: plain words alone cannot."""
        return bool(self.parts) or parse_liquid("text", self.text).constant is None

    @property
    def media(self) -> frozenset[str]:
        """The files it needs."""
        return frozenset(part.media for part in self.parts if not isinstance(part, LinkPart))

    @property
    def variables(self) -> frozenset[str]:
        """The variables its text reads."""
        return parse_liquid("text", self.text).names
