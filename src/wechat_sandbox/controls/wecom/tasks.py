"""What a member's client asks them to do: send mass messages, publish moments; and what customers do then."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from wechat_sandbox.control_http import BadRequest, answer_json, read_body, required, to_text
from wechat_sandbox.controls.base import Route
from wechat_sandbox.controls.wecom.base import CorpPart, attempt
from wechat_sandbox.state.shelf import plain
from wechat_sandbox.state.wecom.content import Content
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.group_msgs import ChatType, GroupMsg
from wechat_sandbox.state.wecom.mass_sending import MassSending
from wechat_sandbox.state.wecom.moment_book import Moment, MomentTask
from wechat_sandbox.state.wecom.moments import Moments
from wechat_sandbox.state.wecom.settings import CorpSettings


class Tasks(CorpPart):
    """Tasks of the staff."""

    def routes(self) -> list[Route]:
        own = "/corps/{corpid}/staff/{userid}"
        return [
            ("GET", f"{own}/tasks", self.list_open),
            ("POST", f"{own}/tasks/{{msgid}}/confirm", self.confirm),
            ("POST", f"{own}/mass-messages", self.send_own),
            ("POST", f"{own}/moments/{{moment_id}}/publish", self.publish),
            ("POST", f"{own}/moments", self.post),
            ("POST", f"{own}/moments/{{moment_id}}/react", self.react),
            ("GET", "/corps/{corpid}/moments", self.list_moments),
            ("POST", "/corps/{corpid}/moments/{moment_id}/delete", self.delete_moment),
            ("GET", "/corps/{corpid}/settings", self.show_settings),
            ("PUT", "/corps/{corpid}/settings", self.change_settings),
        ]

    async def list_open(self, request: web.Request) -> web.Response:
        """Return what a member has still to send and to publish."""
        corp, userid = self._member(request)
        messages = [
            _msg(msg) | {"receivers": list(task.receivers)}
            for msg, task in MassSending(self.world, corp).open_tasks(userid, self.now())
        ]
        moments = [
            _moment(moment) | {"customers": list(task.customers)}
            for moment, task in self._moments(corp).open_tasks(userid)
        ]
        return answer_json({"messages": messages, "moments": moments})

    async def confirm(self, request: web.Request) -> web.Response:
        """A member sends a mass message; ``skipped`` are receivers they take out where they may."""
        corp, userid = self._member(request)
        skipped = (await read_body(request, {"skipped"})).get("skipped", [])
        if not isinstance(skipped, list):
            raise BadRequest("skipped is a list")
        sending, msgid = MassSending(self.world, corp), request.match_info["msgid"]
        task = attempt(lambda: sending.confirm(userid, msgid, self.now(), skipped=map(str, skipped)))
        return answer_json(plain(asdict(task)))

    async def send_own(self, request: web.Request) -> web.Response:
        """A member writes to many of their own accord: ``chat_type`` single or group."""
        corp, userid = self._member(request)
        body = await read_body(request, {"chat_type", "text", "receivers"})
        try:
            chat_type = ChatType(body.get("chat_type", "single"))
        except ValueError as error:
            raise BadRequest("chat_type is single or group") from error
        content, receivers = Content(text=required(body, "text")), body.get("receivers", [])
        msg = MassSending(self.world, corp).by_member(
            userid, chat_type, content, self.now(), receivers=[str(one) for one in receivers]
        )
        return answer_json(_msg(msg), status=201)

    async def publish(self, request: web.Request) -> web.Response:
        corp, userid = self._member(request)
        await read_body(request, set())
        moment_id = request.match_info["moment_id"]
        return answer_json(_task(attempt(lambda: self._moments(corp).publish(userid, moment_id, self.now()))))

    async def post(self, request: web.Request) -> web.Response:
        """A member publishes a moment of their own."""
        corp, userid = self._member(request)
        text = required(await read_body(request, {"text"}), "text")
        return answer_json(_moment(self._moments(corp).post(userid, text, (), self.now())), status=201)

    async def react(self, request: web.Request) -> web.Response:
        """Somebody likes a member's moment, or writes ``text`` under it; without ``who`` the member does."""
        corp, userid = self._member(request)
        body = await read_body(request, {"who", "text"})
        text, moment_id = to_text(body.get("text", ""), "text"), request.match_info["moment_id"]
        by_staff = "who" not in body
        who = userid if by_staff else self._external_id(corp, str(body["who"]))
        moments = self._moments(corp)
        task = attempt(
            lambda: moments.react(moment_id, userid, who, self.now(), text=text, by_staff=by_staff)
        )
        return answer_json(_task(task))

    async def list_moments(self, request: web.Request) -> web.Response:
        """Return every moment with what became of it at each member."""
        moments = self._moments(self.corp(request))
        items = [
            _moment(moment) | {"tasks": [_task(task) for task in moments.book.tasks_of(moment.moment_id)]}
            for moment in moments.book.all()
        ]
        return answer_json({"items": items})

    async def delete_moment(self, request: web.Request) -> web.Response:
        moments = self._moments(self.corp(request))
        attempt(lambda: moments.delete(request.match_info["moment_id"]))
        return answer_json({"deleted": True})

    async def show_settings(self, request: web.Request) -> web.Response:
        return answer_json(plain(asdict(CorpSettings.of(self.world, self.corp(request)))))

    async def change_settings(self, request: web.Request) -> web.Response:
        """Set what administrators set: the rhythm of mass messages, limits of moments, ranges of upgrades."""
        corp = self.corp(request)
        body = await read_body(request, None)
        try:
            settings = CorpSettings.of(self.world, corp).changed(body)
        except ValueError as error:
            raise BadRequest(str(error)) from error
        settings.save(self.world, corp)
        return answer_json(plain(asdict(settings)))

    # Inside

    def _member(self, request: web.Request) -> tuple[Corp, str]:
        corp = self.corp(request)
        return corp, self.member(corp, request.match_info["userid"]).userid

    def _moments(self, corp: Corp) -> Moments:
        moments = Moments(self.world, corp)
        moments.advance(self.now())
        return moments

    def _external_id(self, corp: Corp, who: str) -> str:
        return self.customers(corp).external_of(int(who)).external_userid if who.isdecimal() else who


def _msg(msg: GroupMsg) -> dict[str, Any]:
    return dict(plain(asdict(msg)))


def _moment(moment: Moment) -> dict[str, Any]:
    return dict(plain(asdict(moment)))


def _task(task: MomentTask) -> dict[str, Any]:
    return dict(plain(asdict(task)))


PART = Tasks
