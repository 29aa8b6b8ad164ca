"""Acting as a person towards an account: messages of every kind, menus, places."""

import base64
from typing import Any

from aiohttp import web

from wechat_sandbox.accounts import Account
from wechat_sandbox.control_http import BadRequest, answer_json, read_body, required, to_text
from wechat_sandbox.controls.base import ControlPart, Route
from wechat_sandbox.state.core import Unknown
from wechat_sandbox.state.media import Media, MediaFile, MediaKind
from wechat_sandbox.state.menus import Menus
from wechat_sandbox.state.shelf import plain
from wechat_sandbox.taps import Done, Place
from wechat_sandbox.wire import samples
from wechat_sandbox.wire.errors import PlatformError
from wechat_sandbox.wire.xml import XmlValue

_PLACE = {"latitude", "longitude", "scale", "label", "name"}


class Acts(ControlPart):
    """What a person does on their phone."""

    def routes(self) -> list[Route]:
        return [
            ("POST", "/people/{person}/tap", self.tap),
            ("POST", "/people/{person}/say", self.say),
            ("POST", "/people/{person}/send-image", self.send_image),
            ("POST", "/people/{person}/send-voice", self.send_voice),
            ("POST", "/people/{person}/send-video", self.send_video),
            ("POST", "/people/{person}/send-location", self.send_location),
            ("POST", "/people/{person}/send-link", self.send_link),
            ("POST", "/people/{person}/report-location", self.report_location),
            ("GET", "/people/{person}/menu", self.menu),
        ]

    async def menu(self, request: web.Request) -> web.Response:
        """Return the menu the person sees at an account."""
        account = self.account(dict(request.query))
        relation = self.world.get_relation(account, self.index(request))
        return answer_json(plain(Menus(self.world, account).shown_to(relation)))

    async def tap(self, request: web.Request) -> web.Response:
        """Tap a menu button; after it, scan, take pictures or choose a place as the button asks."""
        body = await read_body(request, {"appid", "button", "scan_result", "scan_type", "pictures", "place"})
        account, index = self.account(body), self.index(request)
        pictures = [_bytes(one) for one in body.get("pictures", [])] or [samples.picture(index)]
        done = Done(
            scan_result=to_text(body.get("scan_result", Done().scan_result), "scan_result"),
            scan_type=to_text(body.get("scan_type", "qrcode"), "scan_type"),
            pictures=tuple(pictures),
            place=_place(body.get("place", {})),
        )
        button = required(body, "button")
        self.world.tap_menu(account, index, self.now(), button=button, done=done)
        self._send_what_was_made(account, index, button, done)
        return self.relation(account, index)

    async def say(self, request: web.Request) -> web.Response:
        body = await read_body(request, {"appid", "text", "menu_item", "article"})
        account, index = self.account(body), self.index(request)
        menu_item = to_text(body.get("menu_item", ""), "menu_item")
        article = _article_ref(body.get("article"))
        self.world.say(
            account, index, self.now(), text=required(body, "text"), menu_item=menu_item, article=article
        )
        return self.relation(account, index)

    async def send_image(self, request: web.Request) -> web.Response:
        """Send a picture: base64 in ``content``, or one of the person's own colour."""
        body = await read_body(request, {"appid", "content"})
        account, index = self.account(body), self.index(request)
        self._send_picture(account, index, _bytes(body.get("content", "")) or samples.picture(index))
        return self.relation(account, index)

    async def send_voice(self, request: web.Request) -> web.Response:
        """Send a voice; ``recognition`` adds the text speech recognition would."""
        body = await read_body(request, {"appid", "content", "recognition"})
        account, index = self.account(body), self.index(request)
        self.world.get_follower(account, index)
        content = _bytes(body.get("content", "")) or samples.voice()
        file, fine = (self._keep(account, MediaKind.VOICE, content) for _ in range(2))
        fields: dict[str, XmlValue] = {
            "MsgType": "voice",
            "MediaId": file.media_id,
            "Format": file.format.value,
            "MediaId16K": fine.media_id,
        }
        if "recognition" in body:
            fields["Recognition"] = to_text(body["recognition"], "recognition")
        self.world.send(account, index, self.now(), fields)
        return self.relation(account, index)

    async def send_video(self, request: web.Request) -> web.Response:
        """Send a film, with ``short`` true as a ``shortvideo``."""
        body = await read_body(request, {"appid", "content", "short"})
        account, index = self.account(body), self.index(request)
        self.world.get_follower(account, index)
        film = self._keep(account, MediaKind.VIDEO, _bytes(body.get("content", "")) or samples.film())
        cover = self._keep(account, MediaKind.THUMB, samples.picture(index))
        fields: dict[str, XmlValue] = {
            "MsgType": "shortvideo" if body.get("short") else "video",
            "MediaId": film.media_id,
            "ThumbMediaId": cover.media_id,
        }
        self.world.send(account, index, self.now(), fields)
        return self.relation(account, index)

    async def send_location(self, request: web.Request) -> web.Response:
        body = await read_body(request, {"appid"} | _PLACE)
        account, index = self.account(body), self.index(request)
        self._send_place(account, index, _place({name: body[name] for name in _PLACE & set(body)}))
        return self.relation(account, index)

    async def send_link(self, request: web.Request) -> web.Response:
        body = await read_body(request, {"appid", "title", "description", "url"})
        account, index = self.account(body), self.index(request)
        fields: dict[str, XmlValue] = {
            "MsgType": "link",
            "Title": required(body, "title"),
            "Description": to_text(body.get("description", ""), "description"),
            "Url": required(body, "url"),
        }
        self.world.send(account, index, self.now(), fields)
        return self.relation(account, index)

    async def report_location(self, request: web.Request) -> web.Response:
        """The phone tells where it is, as on entering a conversation (event LOCATION)."""
        body = await read_body(request, {"appid", "latitude", "longitude", "precision"})
        account, index = self.account(body), self.index(request)
        relation = self.world.get_follower(account, index)
        fields: dict[str, XmlValue] = {
            "Latitude": _number(body, "latitude", 30.2741),
            "Longitude": _number(body, "longitude", 120.1551),
            "Precision": _number(body, "precision", 65.0),
        }
        self.world.report_event(account, relation, "LOCATION", self.now(), fields)
        return self.relation(account, index)

    def _send_what_was_made(self, account: Account, index: int, button: str, done: Done) -> None:
        """Pictures and places also arrive as messages after the event that announces them."""
        kinds = {
            leaf["type"]
            for leaf in Menus(self.world, account).shown_to(self.world.get_relation(account, index)).leaves()
            if button in (leaf.get("key"), leaf["name"])
        }
        if kinds & {"pic_sysphoto", "pic_photo_or_album", "pic_weixin"}:
            for picture in done.pictures:
                self._send_picture(account, index, picture)
        if "location_select" in kinds:
            self._send_place(account, index, done.place)

    def _send_picture(self, account: Account, index: int, content: bytes) -> None:
        self.world.get_follower(account, index)
        file = self._keep(account, MediaKind.IMAGE, content)
        fields: dict[str, XmlValue] = {"MsgType": "image", "PicUrl": file.url, "MediaId": file.media_id}
        self.world.send(account, index, self.now(), fields)

    def _send_place(self, account: Account, index: int, place: Place) -> None:
        fields: dict[str, XmlValue] = {
            "MsgType": "location",
            "Location_X": place.latitude,
            "Location_Y": place.longitude,
            "Scale": place.scale,
            "Label": place.label,
        }
        self.world.send(account, index, self.now(), fields)

    def _keep(self, account: Account, kind: MediaKind, content: bytes) -> MediaFile:
        try:
            return Media(self.world, account).add(kind, content, self.now(), name="", permanent=False)
        except PlatformError as error:
            raise BadRequest(error.text) from error


def _bytes(value: Any) -> bytes:
    try:
        return base64.b64decode(to_text(value, "content"), validate=True)
    except ValueError as error:  # Not ASCII, or not base64.
        raise BadRequest("content is base64") from error


def _number(body: dict[str, Any], name: str, default: float) -> float:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadRequest(f"{name} is a number")
    return value


def _place(given: Any) -> Place:
    if not isinstance(given, dict) or set(given) - _PLACE:
        raise BadRequest(f"a place has {', '.join(sorted(_PLACE))}")
    start = Place()
    return Place(
        latitude=_number(given, "latitude", start.latitude),
        longitude=_number(given, "longitude", start.longitude),
        scale=int(_number(given, "scale", start.scale)),
        label=to_text(given.get("label", start.label), "label"),
        name=to_text(given.get("name", ""), "name"),
    )


def _article_ref(value: Any) -> tuple[int, int] | None:
    """Read ``<msg_data_id>_<index>``."""
    if value is None:
        return None
    data_id, _, index = to_text(value, "article").partition("_")
    if not data_id.isdecimal() or not index.isdecimal():
        raise Unknown(f"no article {value}")
    return int(data_id), int(index)


PART = Acts
