"""What a tap on a menu button leads to: an event, something on the phone, a window."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from wechat_sandbox.state.core import Unknown
from wechat_sandbox.state.menus import Button, Menu
from wechat_sandbox.wire.xml import XmlValue

_PICTURES = frozenset({"pic_sysphoto", "pic_photo_or_album", "pic_weixin"})
_OPENING = frozenset({"click", "scancode_push", "scancode_waitmsg"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place chosen on the map."""

    latitude: float = 30.2741
    longitude: float = 120.1551
    scale: int = 16
    label: str = "杭州市西湖区"
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What the person did after the tap: scanned, took pictures, chose a place."""

    scan_result: str = "https://example.com/code"
    scan_type: str = "qrcode"
    pictures: tuple[bytes, ...] = (b"",)
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tap:
    """The consequences of a tap."""

    event: str = ""  # Empty: nothing is reported.
    fields: dict[str, XmlValue] = field(default_factory=dict)
    shows: dict[str, Any] = field(default_factory=dict)
    opens_window: bool = False


def find_button(menu: Menu, name: str) -> Button:
    """Return the button with a key, address, file, article or label, or raise :class:`Unknown`."""
    for leaf in menu.leaves():
        known = {leaf.get(part) for part in ("key", "url", "media_id", "article_id", "name")}
        if name and name in known:
            return leaf
    raise Unknown(f"no menu button {name}")


def tap(button: Button, menuid: int, done: Done) -> Tap:
    """Return what a tap leads to."""
    kind = button["type"]
    opens = kind in _OPENING
    if kind == "click":
        return Tap(event="CLICK", fields={"EventKey": button["key"]}, opens_window=opens)
    if kind == "view":
        return Tap(event="VIEW", fields={"EventKey": button["url"], "MenuId": menuid})
    if kind == "miniprogram":
        return Tap(event="view_miniprogram", fields={"EventKey": button["pagepath"], "MenuId": menuid})
    if "key" not in button:
        # Files and articles of the account come up on the phone; the platform reports nothing.
        return Tap(shows={name: value for name, value in button.items() if name not in ("type", "name")})
    fields: dict[str, XmlValue] = {"EventKey": button["key"]} | _outcome(kind, done)
    return Tap(event=kind, fields=fields, opens_window=opens)


def _outcome(kind: str, done: Done) -> dict[str, XmlValue]:
    if kind in _PICTURES:
        sums = [hashlib.md5(one, usedforsecurity=False).hexdigest() for one in done.pictures]
        items: list[XmlValue] = [{"PicMd5Sum": one} for one in sums]
        return {"SendPicsInfo": {"Count": len(items), "PicList": {"item": items}}}
    if kind == "location_select":
        place = done.place
        return {
            "SendLocationInfo": {
                "Location_X": str(place.latitude),
                "Location_Y": str(place.longitude),
                "Scale": str(place.scale),
                "Label": place.label,
                "Poiname": place.name,
            }
        }
    return {"ScanCodeInfo": {"ScanType": done.scan_type, "ScanResult": done.scan_result}}
