"""Acting as the customer-service staff, and answering its invitations."""

from collections.abc import Callable
from dataclasses import replace

from aiohttp import web

from wechat_sandbox.accounts import Account
from wechat_sandbox.control_http import BadRequest, answer_json, read_body, required
from wechat_sandbox.controls.base import ControlPart, Route
from wechat_sandbox.relations import Relation
from wechat_sandbox.state.core import Unknown
from wechat_sandbox.state.kf import Staff, StaffList
from wechat_sandbox.state.kf_sessions import SENT, Sessions
from wechat_sandbox.state.shelf import plain
from wechat_sandbox.wire.errors import PlatformError


class Service(ControlPart):
    """The desk of the staff."""

    def routes(self) -> list[Route]:
        base = "/accounts/{appid}/kf/{name}"
        return [
            ("POST", "/people/{person}/answer-invitation", self.answer_invitation),
            ("POST", f"{base}/online", self.go_online),
            ("POST", f"{base}/accept", self.accept),
            ("POST", f"{base}/say", self.say),
            ("POST", f"{base}/close", self.close),
            ("POST", f"{base}/switch", self.switch),
        ]

    async def answer_invitation(self, request: web.Request) -> web.Response:
        """A person accepts or refuses to work for an account."""
        body = await read_body(request, {"appid", "accept"})
        staff = StaffList(self.world, self.account(body))
        accept = bool(body.get("accept", True))
        return answer_json(plain(staff.answer_invitation(self.index(request), self.now(), accept=accept)))

    async def go_online(self, request: web.Request) -> web.Response:
        body = await read_body(request, {"online"})
        account, staff = self._staff(request)
        changed = replace(staff, online=bool(body.get("online", True)))
        StaffList(self.world, account).save(changed)
        return answer_json(plain(changed))

    async def accept(self, request: web.Request) -> web.Response:
        """Take up someone who waits."""
        account, staff = self._staff(request)
        relation = await self._person(request, set())
        return self._try(lambda: Sessions(self.world, account).create(relation, staff.kf_account, self.now()))

    async def say(self, request: web.Request) -> web.Response:
        """Write to someone in a session; it appears on their phone."""
        account, staff = self._staff(request)
        body = await read_body(request, {"person", "text"})
        text, relation = required(body, "text"), self._relation_of(request, body)
        sessions = Sessions(self.world, account)
        session = sessions.find(relation.openid, self.now())
        if session is None or session.kf_account != staff.kf_account:
            raise Unknown("no session with this person")
        sessions.note(relation.openid, SENT, text, staff.kf_account, self.now())
        self.world.deliver(relation, "kf:text", {"content": text, "kf": staff.nickname}, self.now())
        return answer_json({"said": text})

    async def close(self, request: web.Request) -> web.Response:
        account, staff = self._staff(request)
        relation = await self._person(request, set())
        return self._try(lambda: Sessions(self.world, account).close(relation, staff.kf_account, self.now()))

    async def switch(self, request: web.Request) -> web.Response:
        """Hand someone over to the colleague ``to``."""
        account, _ = self._staff(request)
        body = await read_body(request, {"person", "to"})
        relation, to = self._relation_of(request, body), required(body, "to")
        return self._try(lambda: Sessions(self.world, account).switch(relation, to, self.now()))

    def _staff(self, request: web.Request) -> tuple[Account, Staff]:
        account = self.world.get_account(request.match_info["appid"])
        try:
            return account, StaffList(self.world, account).get(request.match_info["name"])
        except PlatformError as error:
            raise Unknown("no such member of the staff") from error

    async def _person(self, request: web.Request, more: set[str]) -> Relation:
        return self._relation_of(request, await read_body(request, {"person"} | more))

    def _relation_of(self, request: web.Request, body: dict[str, object]) -> Relation:
        person = body.get("person")
        if not isinstance(person, int):
            raise BadRequest("person is a number")
        account = self.world.get_account(request.match_info["appid"])
        return self.world.get_relation(account, person)

    def _try(self, act: Callable[[], None]) -> web.Response:
        try:
            act()
        except PlatformError as error:
            raise BadRequest(error.text) from error
        return answer_json({"done": True})


PART = Service
