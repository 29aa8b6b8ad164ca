"""What an account answers by itself, and when: the rules as people write them.

Limits are those of the platform's passive replies (被动回复用户消息, read 2026): a text has at most
2,048 bytes, a news reply one article.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, NewType

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from quanyu.modules.channels.replies.patterns import PATTERN_MAX, PatternRefused, compile_pattern

RuleId = NewType("RuleId", int)
RULE_PREFIX = "rpl"
TEXT_BYTES_MAX = 2_048
# One goes out at once; a follow, a scan or a menu click allows three messages after it.
CONTENTS_MAX = 4
KEYWORDS_MAX = 50
PRIORITY_MAX = 1_000
RULES_MAX = 500  # Of one account.

MediaId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_\-]{1,200}$")]
Address = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$", max_length=1024)]
Title = Annotated[str, StringConstraints(max_length=64)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TextContent(_Frozen):
    """Words; ``<a href>`` links are allowed."""

    kind: Literal["text"] = "text"
    text: Annotated[str, StringConstraints(min_length=1, max_length=2_048)]

    @model_validator(mode="after")
    def _fits(self) -> "TextContent":
        size = len(self.text.encode())
        if size > TEXT_BYTES_MAX:
            raise ValueError(f"a text reply has at most {TEXT_BYTES_MAX} bytes, this one has {size}")
        return self


class ImageContent(_Frozen):
    kind: Literal["image"] = "image"
    media_id: MediaId


class VoiceContent(_Frozen):
    kind: Literal["voice"] = "voice"
    media_id: MediaId


class VideoContent(_Frozen):
    """A video; sent after another message it needs a cover, ``thumb_media_id``."""

    kind: Literal["video"] = "video"
    media_id: MediaId
    thumb_media_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_\-]{0,200}$")] = ""
    title: Title = ""
    description: Annotated[str, StringConstraints(max_length=512)] = ""


class MusicContent(_Frozen):
    kind: Literal["music"] = "music"
    thumb_media_id: MediaId
    title: Title = ""
    description: Annotated[str, StringConstraints(max_length=512)] = ""
    music_url: Address
    hq_music_url: Address | Literal[""] = ""


class NewsContent(_Frozen):
    """One article: a card that opens an address."""

    kind: Literal["news"] = "news"
    title: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    description: Annotated[str, StringConstraints(max_length=512)] = ""
    picture_url: Address | Literal[""] = ""
    url: Address


class TransferContent(_Frozen):
    """Hand the conversation to customer service: to ``kf_account`` (name@alias), or whoever is free."""

    kind: Literal["transfer"] = "transfer"
    kf_account: Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9_]{1,10}@[\w-]{1,30})?$")] = ""


ReplyContent = Annotated[
    TextContent | ImageContent | VoiceContent | VideoContent | MusicContent | NewsContent | TransferContent,
    Field(discriminator="kind"),
]
Contents = Annotated[tuple[ReplyContent, ...], Field(max_length=CONTENTS_MAX)]


class Trigger(StrEnum):
    """What a rule answers to."""

    KEYWORD = "keyword"  # A message whose words match.
    FOLLOW = "follow"  # Somebody follows.
    DEFAULT = "default"  # A message no keyword matches.
    MENU = "menu"  # A menu button with this key.


class Match(StrEnum):
    """How a keyword is compared. Width, case and outer blanks of the first two never matter."""

    EXACT = "exact"
    CONTAINS = "contains"
    REGEX = "regex"  # RE2 syntax: linear time, so no pattern can hold the door up.


class Mode(StrEnum):
    """What of the contents is said."""

    ALL = "all"  # The first at once, the others after it.
    ONE = "one"  # One of them by chance, the same again when the platform repeats itself.


class Keyword(_Frozen):
    """One word, phrase or pattern to look for."""

    match: Match
    text: Annotated[str, StringConstraints(min_length=1, max_length=PATTERN_MAX)]

    @model_validator(mode="after")
    def _is_usable(self) -> "Keyword":
        if not self.text.strip():
            raise ValueError("a keyword of blanks matches nothing")
        if self.match is Match.REGEX:
            try:
                compile_pattern(self.text)
            except PatternRefused as error:
                raise ValueError(str(error)) from error
        return self


def check_contents(contents: tuple[Any, ...], mode: Mode) -> None:
    """Refuse contents that cannot be said together.

    Raises:
        ValueError: with the reason.
    """
    if len(contents) > 1 and any(content.kind == "transfer" for content in contents):
        raise ValueError("a transfer to customer service is the whole reply: nothing else beside it")
    if mode is Mode.ALL and any(
        content.kind == "video" and not content.thumb_media_id for content in contents[1:]
    ):
        raise ValueError("a video that is not the first message needs thumb_media_id, its cover")


class ReplyDraft(_Frozen):
    """A rule as it is written."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
    trigger: Trigger
    keywords: Annotated[tuple[Keyword, ...], Field(max_length=KEYWORDS_MAX)] = ()
    menu_key: Annotated[str, StringConstraints(max_length=128)] = ""
    contents: Annotated[Contents, Field(min_length=1)]
    mode: Mode = Mode.ALL
    priority: Annotated[int, Field(ge=0, le=PRIORITY_MAX)] = 100  # The highest wins.
    enabled: bool = True

    @model_validator(mode="after")
    def _fits_together(self) -> "ReplyDraft":
        if (self.trigger is Trigger.KEYWORD) != bool(self.keywords):
            raise ValueError("keywords belong to a rule that answers keywords, and it needs one at least")
        if (self.trigger is Trigger.MENU) != bool(self.menu_key):
            raise ValueError("menu_key belongs to a rule that answers a menu button, and it needs it")
        check_contents(self.contents, self.mode)
        return self


class ReplyRule(ReplyDraft):
    """A rule that is kept."""

    id: str
    answered_30d: int = 0  # How often it answered in the last 30 days.
    created_at: datetime
    updated_at: datetime


class ReplyRules(_Frozen):
    """The rules of an account: by trigger, then in the order they are tried."""

    items: tuple[ReplyRule, ...]


class RuleOrder(_Frozen):
    """All keyword rules of an account, in the order they are to be tried."""

    rules: Annotated[tuple[str, ...], Field(max_length=RULES_MAX)]


class Trial(_Frozen):
    """Something a person might send, to see what would answer."""

    text: Annotated[str, StringConstraints(max_length=2_000)] = ""
    menu_key: Annotated[str, StringConstraints(max_length=128)] = ""
    follow: bool = False


class TrialOutcome(_Frozen):
    """What would be said: the rule and its contents in the order they go out."""

    rule: ReplyRule | None = None
    contents: Contents = ()


__all__ = [
    "Contents",
    "ImageContent",
    "Keyword",
    "Match",
    "Mode",
    "MusicContent",
    "NewsContent",
    "ReplyContent",
    "ReplyDraft",
    "ReplyRule",
    "ReplyRules",
    "RuleId",
    "RuleOrder",
    "TextContent",
    "TransferContent",
    "Trial",
    "TrialOutcome",
    "Trigger",
    "VideoContent",
    "VoiceContent",
    "check_contents",
]
