"""Menus in the platform's spelling, and back."""

from collections.abc import Sequence

from pydantic import ValidationError

from quanyu.modules.channels.menus.contracts import (
    Button,
    ButtonType,
    MatchRule,
    MenuDraft,
    Platform,
    SubButton,
)
from quanyu.wechat.official_account import menu as wx


def to_platform(buttons: Sequence[SubButton]) -> tuple[wx.Button, ...]:
    """Write buttons as the platform takes them."""
    return tuple(
        wx.Button(
            name=button.name,
            type=button.type or "",
            key=button.key,
            url=button.url,
            media_id=button.media_id,
            article_id=button.article_id,
            appid=button.appid,
            pagepath=button.pagepath,
            sub_button=to_platform(button.sub_buttons) if isinstance(button, Button) else (),
        )
        for button in buttons
    )


def match_to_platform(match: MatchRule) -> wx.MatchRule:
    """Write who sees a conditional menu."""
    device = match.client_platform
    return wx.MatchRule(tag_id=match.tag_id, client_platform_type=None if device is None else int(device))


def from_platform(menu: wx.Menu, name: str) -> MenuDraft | None:
    """Read a menu the platform shows; ``None`` for one that uses what is withdrawn or unknown."""
    try:
        return MenuDraft(
            name=name,
            buttons=tuple(_button(button) for button in menu.button),
            match=None if menu.matchrule is None else _match(menu.matchrule),
        )
    except (ValidationError, ValueError):
        return None


def _button(button: wx.Button) -> Button:
    return Button(
        **_fields(button), sub_buttons=tuple(SubButton(**_fields(sub)) for sub in button.sub_button)
    )


def _fields(button: wx.Button) -> dict[str, object]:
    fields = {
        field: getattr(button, field)
        for field in ("name", "key", "url", "media_id", "article_id", "appid", "pagepath")
    }
    return {**fields, "type": ButtonType(button.type) if button.type and not button.sub_button else None}


def _match(rule: wx.MatchRule) -> MatchRule:
    device = rule.client_platform_type
    return MatchRule(tag_id=rule.tag_id, client_platform=None if device is None else Platform(str(device)))
