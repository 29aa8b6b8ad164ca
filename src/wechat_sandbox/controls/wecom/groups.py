"""What happens in customer groups: staff open, name and end them; people come, speak and go."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from wechat_sandbox.clock import iso
from wechat_sandbox.control_http import BadRequest, answer_json, read_body, required, to_number, to_text
from wechat_sandbox.controls.base import Route
from wechat_sandbox.controls.wecom.base import CorpPart, attempt
from wechat_sandbox.state.core import Unknown
from wechat_sandbox.state.shelf import plain
from wechat_sandbox.state.wecom.audience import Audience
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.group_book import Group, JoinScene
from wechat_sandbox.state.wecom.group_chats import GroupChats, GroupLine
from wechat_sandbox.state.wecom.join_ways import JoinWays


class Groups(CorpPart):
    """Customer groups; ``{who}`` is a member's userid, a person's number or an external user id."""

    def routes(self) -> list[Route]:
        own = "/corps/{corpid}/groups/{chat_id}"
        return [
            ("GET", "/corps/{corpid}/groups", self.list_all),
            ("POST", "/corps/{corpid}/groups", self.create),
            ("GET", own, self.show),
            ("PATCH", own, self.change),
            ("POST", f"{own}/dismiss", self.dismiss),
            ("POST", f"{own}/members", self.invite),
            ("POST", f"{own}/members/{{who}}/leave", self.leave),
            ("POST", f"{own}/members/{{who}}/remove", self.remove),
            ("POST", f"{own}/say", self.say),
            ("GET", "/corps/{corpid}/join-ways", self.list_ways),
            ("POST", "/corps/{corpid}/join-ways/{config_id}/scan", self.scan),
        ]

    async def list_all(self, request: web.Request) -> web.Response:
        """Return every group, newest first; ``who`` asks for those somebody sits in."""
        corp, who = self.corp(request), request.query.get("who", "")
        wanted = self._who(corp, who) if who else ""
        groups = [one for one in self._chats(corp).all() if not wanted or one.find(wanted)]
        return answer_json({"items": [self._card(corp, group) for group in reversed(groups)]})

    async def create(self, request: web.Request) -> web.Response:
        """A member opens a group with some of their customers (numbers of people or external user ids)."""
        corp = self.corp(request)
        body = await read_body(request, {"owner", "name", "customers"})
        owner = self.member(corp, required(body, "owner")).userid
        customers = body.get("customers", [])
        if not isinstance(customers, list):
            raise BadRequest("customers is a list")
        externals = [self._who(corp, str(one)) for one in customers]
        group = self._chats(corp).create(owner, required(body, "name"), self.now(), externals=externals)
        return answer_json(self._card(corp, group), status=201)

    async def show(self, request: web.Request) -> web.Response:
        """Return a group with what was said last."""
        corp, group = self._group(request)
        lines = self._chats(corp).lines(
            group.chat_id, limit=to_number(request.query.get("lines", "100"), "lines")
        )
        return answer_json(self._card(corp, group) | {"lines": [self._line(corp, line) for line in lines]})

    async def change(self, request: web.Request) -> web.Response:
        """Rename a group, write its notice, make somebody else its owner, name its administrators."""
        corp, group = self._group(request)
        body = await read_body(request, {"name", "notice", "owner", "admins"})
        chats, at = self._chats(corp), self.now()
        if "name" in body:
            chats.rename(group.chat_id, required(body, "name"), at)
        if "notice" in body:
            chats.set_notice(group.chat_id, to_text(body["notice"], "notice"), at)
        if "owner" in body:
            chats.hand_over(group.chat_id, self.member(corp, body["owner"]).userid, at)
        if "admins" in body:
            admins = tuple(self.member(corp, one).userid for one in body["admins"])
            chats.set_admins(group.chat_id, admins)
        return answer_json(self._card(corp, chats.get(group.chat_id)))

    async def dismiss(self, request: web.Request) -> web.Response:
        corp, group = self._group(request)
        self._chats(corp).dismiss(group.chat_id, self.now())
        return answer_json({"dismissed": True})

    async def invite(self, request: web.Request) -> web.Response:
        """Let a customer (``who``) or a colleague (``userid``) in; ``scene`` is 1, 2 or 3."""
        corp, group = self._group(request)
        body = await read_body(request, {"who", "userid", "invitor", "scene", "state"})
        chats = self._chats(corp)
        invitor = to_text(body.get("invitor", group.owner), "invitor")
        if "userid" in body:
            userid = self.member(corp, body["userid"]).userid
            changed = chats.join_staff(group.chat_id, userid, self.now(), invitor=invitor)
        else:
            scene = body.get("scene", JoinScene.INVITED)
            if scene not in (1, 2, 3):
                raise BadRequest("scene is 1 invited, 2 by a link, or 3 by a code")
            changed = chats.join(
                group.chat_id,
                self._who(corp, str(body.get("who", ""))),
                self.now(),
                scene=JoinScene(scene),
                invitor=invitor if scene == JoinScene.INVITED else "",
                state=to_text(body.get("state", ""), "state"),
            )
        return answer_json(self._card(corp, changed))

    async def leave(self, request: web.Request) -> web.Response:
        corp, group = self._group(request)
        self._chats(corp).leave(group.chat_id, self._who(corp, request.match_info["who"]), self.now())
        return answer_json({"left": True})

    async def remove(self, request: web.Request) -> web.Response:
        """The owner removes somebody."""
        corp, group = self._group(request)
        self._chats(corp).remove(group.chat_id, self._who(corp, request.match_info["who"]), self.now())
        return answer_json({"removed": True})

    async def say(self, request: web.Request) -> web.Response:
        """Somebody in the group writes into it."""
        corp, group = self._group(request)
        body = await read_body(request, {"who", "text"})
        who, text = self._who(corp, str(body.get("who", ""))), required(body, "text")
        self._chats(corp).say(group.chat_id, who, "text", {"content": text}, self.now())
        return answer_json({"said": text})

    async def list_ways(self, request: web.Request) -> web.Response:
        ways = JoinWays(self.store, self.corp(request).corpid).all()
        return answer_json({"items": [way.as_item() for way in ways]})

    async def scan(self, request: web.Request) -> web.Response:
        """Somebody scans a code that leads into groups; return the group they landed in."""
        corp = self.corp(request)
        body = await read_body(request, {"who"})
        way = attempt(lambda: self._chats(corp).ways.get(request.match_info["config_id"]))
        group = self._chats(corp).scan(way, self._who(corp, str(body.get("who", ""))), self.now())
        return answer_json(self._card(corp, group))

    # Inside

    def _chats(self, corp: Corp) -> GroupChats:
        return GroupChats(self.world, corp)

    def _group(self, request: web.Request) -> tuple[Corp, Group]:
        corp = self.corp(request)
        return corp, attempt(lambda: self._chats(corp).get(request.match_info["chat_id"]))

    def _who(self, corp: Corp, who: str) -> str:
        """Return the id somebody has in a group: of a member, or of somebody outside."""
        if who.isdecimal():
            if int(who) >= self.world.people:
                raise Unknown(f"no person {who}")
            return self.customers(corp).external_of(int(who)).external_userid
        if self.customers(corp).find_external(who) is not None:
            return who
        return self.member(corp, who).userid

    def _card(self, corp: Corp, group: Group) -> dict[str, Any]:
        audience = Audience(self.world, corp)
        names = {seat.who: audience.name_of(seat.who) for seat in group.members}
        return dict(plain(asdict(group))) | {"member_version": group.version, "names": names}

    def _line(self, corp: Corp, line: GroupLine) -> dict[str, Any]:
        name = Audience(self.world, corp).name_of(line.who)
        return dict(plain(asdict(line))) | {"at_iso": iso(line.at), "name": name}


PART = Groups
