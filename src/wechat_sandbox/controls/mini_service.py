"""People in the service session of a mini program."""

from aiohttp import web

from wechat_sandbox.control_http import answer_json, read_body, required, to_text
from wechat_sandbox.controls.base import ControlPart, Route
from wechat_sandbox.controls.mini_people import find_mini_program
from wechat_sandbox.crowd.people import make_person
from wechat_sandbox.state.media import Media, MediaKind
from wechat_sandbox.state.mini_program.activities import Activities
from wechat_sandbox.state.mini_program.visits import HOME, Visits
from wechat_sandbox.windows import Trigger
from wechat_sandbox.wire import samples
from wechat_sandbox.wire.xml import XmlValue


class MiniService(ControlPart):
    """Entering the session, sending a card; texts and pictures go by ``say`` and ``image``."""

    def routes(self) -> list[Route]:
        return [
            ("POST", "/people/{person}/enter-session", self.enter),
            ("POST", "/people/{person}/card", self.send_card),
            ("GET", "/accounts/{appid}/activities", self.list_activities),
        ]

    async def enter(self, request: web.Request) -> web.Response:
        """Open the session from a page: two messages may be sent within a minute."""
        body = await read_body(request, {"appid", "session_from"})
        account, index, at = find_mini_program(self, body), self.index(request), self.now()
        relation = self.world.get_relation(account, index)
        relation.grant(Trigger.ENTER, at)
        Visits(self.world, account).notice(index, at)
        fields: dict[str, XmlValue] = {"SessionFrom": to_text(body.get("session_from", ""), "session_from")}
        self.world.report_event(account, relation, "user_enter_tempsession", at, fields)
        return answer_json({"openid": relation.openid})

    async def send_card(self, request: web.Request) -> web.Response:
        """Send the card of a page into the session."""
        body = await read_body(request, {"appid", "title", "page"})
        account, index, at = find_mini_program(self, body), self.index(request), self.now()
        person = make_person(self.sandbox.seed, index, self.world.people)
        cover = Media(self.world, account).add(
            MediaKind.THUMB, samples.picture(index), at, name=f"{person.index}.jpg", permanent=False
        )
        fields: dict[str, XmlValue] = {
            "MsgType": "miniprogrampage",
            "Title": required(body, "title"),
            "AppId": account.appid,
            "PagePath": to_text(body.get("page", HOME), "page"),
            "ThumbUrl": cover.url,
            "ThumbMediaId": cover.media_id,
        }
        self.world.send(account, index, at, fields)
        return answer_json({"openid": self.world.get_relation(account, index).openid})

    async def list_activities(self, request: web.Request) -> web.Response:
        """Return updatable messages as the chats show them."""
        account = self.world.get_account(request.match_info["appid"])
        return answer_json({"items": Activities(self.world, account).shown()})


PART = MiniService
