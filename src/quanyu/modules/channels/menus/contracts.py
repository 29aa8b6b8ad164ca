"""Menus as people draw them. The limits of 自定义菜单 (read 2026) count bytes of UTF-8: three a 汉字."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, NewType
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

MenuId = NewType("MenuId", int)
MENU_PREFIX: Final = "mnu"
PUBLICATION_PREFIX: Final = "mnp"
BUTTONS_MAX: Final = 3
SUB_BUTTONS_MAX: Final = 5
NAME_BYTES_MAX: Final = 16
SUB_NAME_BYTES_MAX: Final = 60
KEY_BYTES_MAX: Final = 128
URL_BYTES_MAX: Final = 1024
CONDITIONAL_DOMAINS_MAX: Final = 3  # Of all conditional menus of an account together.


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ButtonType(StrEnum):
    """What a button does."""

    CLICK = "click"
    VIEW = "view"
    MINI_PROGRAM = "miniprogram"
    SCAN = "scancode_push"
    SCAN_AND_WAIT = "scancode_waitmsg"
    PHOTO = "pic_sysphoto"
    PHOTO_OR_ALBUM = "pic_photo_or_album"
    ALBUM = "pic_weixin"
    LOCATION = "location_select"
    MEDIA = "media_id"
    LIMITED_VIEW = "view_limited"
    ARTICLE = "article_id"
    LIMITED_ARTICLE = "article_view_limited"


# What each type carries; everything else must be empty.
FIELDS: Final[dict[ButtonType, frozenset[str]]] = {
    ButtonType.CLICK: frozenset({"key"}),
    ButtonType.VIEW: frozenset({"url"}),
    ButtonType.MINI_PROGRAM: frozenset({"url", "appid", "pagepath"}),
    ButtonType.SCAN: frozenset({"key"}),
    ButtonType.SCAN_AND_WAIT: frozenset({"key"}),
    ButtonType.PHOTO: frozenset({"key"}),
    ButtonType.PHOTO_OR_ALBUM: frozenset({"key"}),
    ButtonType.ALBUM: frozenset({"key"}),
    ButtonType.LOCATION: frozenset({"key"}),
    ButtonType.MEDIA: frozenset({"media_id"}),
    ButtonType.LIMITED_VIEW: frozenset({"media_id"}),
    ButtonType.ARTICLE: frozenset({"article_id"}),
    ButtonType.LIMITED_ARTICLE: frozenset({"article_id"}),
}
_ACTION_FIELDS: Final = frozenset({"key", "url", "media_id", "article_id", "appid", "pagepath"})

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_\-]{0,200}$")]


class SubButton(_Frozen):
    """A button with an action."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
    type: ButtonType | None = None
    key: Annotated[str, StringConstraints(max_length=128)] = ""
    url: Annotated[str, StringConstraints(max_length=1024)] = ""
    media_id: Id = ""
    article_id: Id = ""
    appid: Annotated[str, StringConstraints(pattern=r"^(wx[0-9a-zA-Z]{4,30})?$")] = ""
    pagepath: Annotated[str, StringConstraints(max_length=1024)] = ""

    @model_validator(mode="after")
    def _acts(self) -> "SubButton":
        self._check_name(SUB_NAME_BYTES_MAX)
        self._check_action()
        return self

    def _check_name(self, bytes_max: int) -> None:
        _require_bytes(f"the name {self.name!r}", self.name, bytes_max)

    def _check_action(self) -> None:
        given = {field for field in _ACTION_FIELDS if getattr(self, field)}
        if self.type is None:
            raise ValueError(f"the button {self.name!r} does nothing: give it a type")
        needed = FIELDS[self.type]
        if missing := sorted(needed - given):
            raise ValueError(f"the button {self.name!r} of type {self.type} needs {', '.join(missing)}")
        if strange := sorted(given - needed):
            raise ValueError(f"the button {self.name!r} of type {self.type} has no {', '.join(strange)}")
        _require_bytes(f"the key of {self.name!r}", self.key, KEY_BYTES_MAX)
        _require_bytes(f"the address of {self.name!r}", self.url, URL_BYTES_MAX)
        if self.url and not _is_address(self.url):
            raise ValueError(f"the address of {self.name!r} is not of the form https://…")


class Button(SubButton):
    """A button of the bar: with an action, or opening up to five others."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=16, strip_whitespace=True)]
    sub_buttons: Annotated[tuple[SubButton, ...], Field(max_length=SUB_BUTTONS_MAX)] = ()

    @model_validator(mode="after")
    def _acts(self) -> "Button":
        self._check_name(NAME_BYTES_MAX)
        if not self.sub_buttons:
            self._check_action()
        elif self.type is not None or any(getattr(self, field) for field in _ACTION_FIELDS):
            raise ValueError(f"the button {self.name!r} opens others, so it has no action of its own")
        return self


class Platform(StrEnum):
    """The device a conditional menu is for."""

    IOS = "1"
    ANDROID = "2"
    OTHER = "3"


class MatchRule(_Frozen):
    """Who sees a conditional menu: who carries a tag, uses a device, or both."""

    tag_id: int | None = None
    client_platform: Platform | None = None

    @model_validator(mode="after")
    def _matches(self) -> "MatchRule":
        if self.tag_id is None and self.client_platform is None:
            raise ValueError("a conditional menu is for a tag, a device, or both")
        return self


Buttons = Annotated[tuple[Button, ...], Field(min_length=1, max_length=BUTTONS_MAX)]


class MenuDraft(_Frozen):
    """A menu as it is drawn; without ``match`` it is the default one, for everybody."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
    buttons: Buttons
    match: MatchRule | None = None


class Menu(MenuDraft):
    """A menu that is kept."""

    id: str
    is_published: bool
    has_changes: bool  # Drawn otherwise since it was published.
    published_at: datetime | None
    unanswered_keys: tuple[str, ...]  # Keys of buttons nothing answers to.
    updated_at: datetime


class Menus(_Frozen):
    """The default menu, if there is one, then the conditional ones: the last published is tried first."""

    items: tuple[Menu, ...]


class PublicationAction(StrEnum):
    """What was asked of the platform."""

    PUBLISH = "publish"
    WITHDRAW = "withdraw"


class PublicationState(StrEnum):
    """What became of it."""

    ASKING = "asking"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"  # No answer came; the platform shows what holds.


class Publication(_Frozen):
    """One act of publishing or withdrawing, with the menu as it was then."""

    id: str
    menu_id: str
    action: PublicationAction
    state: PublicationState
    reason: str
    reason_zh: str
    name: str
    buttons: tuple[Button, ...]
    match: MatchRule | None
    actor: str
    at: datetime


class Publications(_Frozen):
    """The account's publications, newest first."""

    items: tuple[Publication, ...]


class MatchTrial(_Frozen):
    """Whose menu to look at."""

    person_id: str


class MatchOutcome(_Frozen):
    """The buttons the person sees, as the platform answers."""

    buttons: tuple[dict[str, object], ...]


def domains(buttons: tuple[Button, ...]) -> frozenset[str]:
    """Return the domains the buttons link to."""
    flat = [sub for button in buttons for sub in (button.sub_buttons or (button,))]
    return frozenset(urlsplit(button.url).hostname or "" for button in flat if button.url)


def keys(buttons: tuple[Button, ...]) -> tuple[str, ...]:
    """Return the keys of the buttons that wait for an answer."""
    flat = [sub for button in buttons for sub in (button.sub_buttons or (button,))]
    return tuple(dict.fromkeys(button.key for button in flat if button.key))


def _require_bytes(what: str, text: str, bytes_max: int) -> None:
    size = len(text.encode())
    if size > bytes_max:
        raise ValueError(f"{what} has {size} bytes, at most {bytes_max} are allowed (a 汉字 has 3)")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(map(str.isspace, url))
