"""What members do with the apps of their company on their phones."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from wechat_sandbox.control_http import BadRequest, answer_json, read_body, required, to_text
from wechat_sandbox.controls.base import Route
from wechat_sandbox.controls.wecom.base import CorpPart, whole_number
from wechat_sandbox.state.core import Unknown
from wechat_sandbox.state.tickets import sign_page, tickets
from wechat_sandbox.state.wecom.app_messages import AppMessages
from wechat_sandbox.state.wecom.corp import Agent, Corp
from wechat_sandbox.state.wecom.corp_menus import CorpMenus
from wechat_sandbox.state.wecom.events import tell_agent, tell_message
from wechat_sandbox.state.wecom.media import CorpMedia
from wechat_sandbox.wire.errors import PlatformError
from wechat_sandbox.wire.samples import picture, voice
from wechat_sandbox.wire.xml import XmlValue

_PLAIN = frozenset({"subscribe", "unsubscribe", "enter_agent"})


class MemberActs(CorpPart):
    """Members in their apps; a body names the app with ``agentid``, the first one without."""

    def routes(self) -> list[Route]:
        own = "/corps/{corpid}/staff/{userid}"
        return [
            ("GET", f"{own}/messages", self.list_messages),
            ("POST", f"{own}/say", self.say),
            ("POST", f"{own}/menu", self.tap_menu),
            ("POST", f"{own}/card", self.tap_card),
            ("POST", f"{own}/app-event", self.cause),
            ("POST", "/corps/{corpid}/check-page", self.check_page),
        ]

    async def list_messages(self, request: web.Request) -> web.Response:
        """Return what apps have sent a member, newest first, without what was taken back."""
        corp = self.corp(request)
        member = self.member(corp, request.match_info["userid"])
        found = AppMessages(self.world, corp).of_member(member.userid)
        rows = [asdict(one) | {"body": one.body_of(member.userid)} for one in found]
        return answer_json({"items": rows})

    async def say(self, request: web.Request) -> web.Response:
        """Write to an app: ``text``, or ``kind`` image, voice, location or link."""
        corp, agent, userid, body = await self._act(request, {"text", "kind"})
        kind = to_text(body.get("kind", "text"), "kind")
        tell_message(self.world, corp, agent, self.now(), self._message(corp, kind, body), sender=userid)
        return answer_json({"said": kind})

    async def tap_menu(self, request: web.Request) -> web.Response:
        """Tap a menu button by its key, address or name (``button``)."""
        corp, agent, userid, body = await self._act(request, {"button"})
        button = CorpMenus(self.world, corp).leaf(agent.agentid, required(body, "button"))
        if button is None:
            raise Unknown("no such button")
        key = str(button.get("key") or button.get("url") or button.get("pagepath", ""))
        tell_agent(self.world, corp, agent, str(button["type"]), self.now(), {"EventKey": key}, sender=userid)
        return answer_json({"event": button["type"]})

    async def tap_card(self, request: web.Request) -> web.Response:
        """Tap a card (``msgid``): its button ``key``, with ``selected`` options by question."""
        corp, agent, userid, body = await self._act(request, {"msgid", "key", "selected"})
        messages = AppMessages(self.world, corp)
        sent, selected = messages.find(required(body, "msgid")), body.get("selected", {})
        if sent is None or userid not in sent.members or sent.kind != "template_card":
            raise Unknown("this member has no such card")
        if not isinstance(selected, dict):
            raise BadRequest("selected maps questions to options")
        owner = corp.find_agent(sent.agentid) or agent
        key = to_text(body.get("key", ""), "key")
        messages.tap(owner, sent, userid, self.now(), key=key, selected=selected)
        return answer_json({"event": "template_card_event"})

    async def cause(self, request: web.Request) -> web.Response:
        """Come to see an app or no more (``subscribe``, ``unsubscribe``), open it, tell where one is."""
        corp, agent, userid, body = await self._act(request, {"event", "latitude", "longitude"})
        event = required(body, "event")
        fields: dict[str, XmlValue] = {}
        if event == "LOCATION":
            latitude, longitude = body.get("latitude", 31.23), body.get("longitude", 121.47)
            if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
                raise BadRequest("latitude and longitude are numbers")
            fields = {"Latitude": latitude, "Longitude": longitude, "Precision": 30.0, "AppType": "wxwork"}
        elif event in _PLAIN:
            fields = {"EventKey": ""}
        else:
            raise BadRequest(f"event is LOCATION or one of {', '.join(sorted(_PLAIN))}")
        tell_agent(self.world, corp, agent, event, self.now(), fields, sender=userid)
        return answer_json({"event": event})

    async def check_page(self, request: web.Request) -> web.Response:
        """Tell whether ``wx.config``, or with an ``agentid`` ``wx.agentConfig``, would be accepted."""
        corp = self.corp(request)
        body = await read_body(request, {"url", "noncestr", "timestamp", "signature", "agentid"})
        agentid = whole_number(body, "agentid", 0)
        kind = f"agent:{agentid}_jsapi" if agentid else "corp_jsapi"
        ticket = tickets(self.world).find(corp.corpid, kind)
        signature = (
            ""
            if ticket is None or self.now() >= ticket.expires_at
            else sign_page(
                ticket.value,
                nonce=required(body, "noncestr"),
                timestamp=required(body, "timestamp"),
                url=required(body, "url"),
            )
        )
        return answer_json({"accepted": bool(signature) and signature == required(body, "signature")})

    async def _act(self, request: web.Request, allowed: set[str]) -> tuple[Corp, Agent, str, dict[str, Any]]:
        corp = self.corp(request)
        body = await read_body(request, {"agentid", *allowed})
        member = self.member(corp, request.match_info["userid"])
        agent = corp.find_agent(whole_number(body, "agentid", corp.agents[0].agentid))
        if agent is None or not self.directory(corp).sees(agent, member):
            raise Unknown("this member sees no such app")
        return corp, agent, member.userid, body

    def _message(self, corp: Corp, kind: str, body: dict[str, Any]) -> dict[str, XmlValue]:
        head: dict[str, XmlValue] = {"MsgType": kind}
        if kind == "text":
            return head | {"Content": required(body, "text")}
        if kind == "location":
            return head | {
                "Location_X": 31.23,
                "Location_Y": 121.47,
                "Scale": 15,
                "Label": "上海",
                "AppType": "wxwork",
            }
        if kind == "link":
            return head | {
                "Title": "网页",
                "Description": "",
                "Url": "https://a.example/",
                "PicUrl": "",
            }
        try:
            return head | self._file(corp, kind)
        except PlatformError as error:
            raise BadRequest("kind is text, image, voice, location or link") from error

    def _file(self, corp: Corp, kind: str) -> dict[str, XmlValue]:
        media = CorpMedia(self.world, corp)
        if kind == "image":
            content = picture(1)
            file = media.add("image", content, self.now(), name="image.jpg")
            return {"PicUrl": media.add_picture(content), "MediaId": file.media_id}
        if kind == "voice":
            file = media.add("voice", voice(), self.now(), name="voice.amr")
            return {"MediaId": file.media_id, "Format": "amr"}
        raise PlatformError(40008)


PART = MemberActs
