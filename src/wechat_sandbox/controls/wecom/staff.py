"""What the owner of a company does to its staff, and members to themselves."""

from dataclasses import asdict
from typing import Any

import msgspec
from aiohttp import web

from wechat_sandbox.control_http import BadRequest, answer_json, read_body, required
from wechat_sandbox.controls.base import Route
from wechat_sandbox.controls.wecom.base import CorpPart
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.directory import Department, Member
from wechat_sandbox.state.wecom.staffing import Staffing

_FIXED = {"userid"}


class Staff(CorpPart):
    """Members and departments, changed in the console: every change is told to the contacts address."""

    def routes(self) -> list[Route]:
        return [
            ("GET", "/corps/{corpid}/staff", self.list_members),
            ("POST", "/corps/{corpid}/staff", self.hire),
            ("GET", "/corps/{corpid}/staff/{userid}", self.show),
            ("PUT", "/corps/{corpid}/staff/{userid}", self.change),
            ("POST", "/corps/{corpid}/staff/{userid}/leave", self.leave),
            ("PUT", "/corps/{corpid}/staff/{userid}/console-welcome", self.set_console_welcome),
            ("GET", "/corps/{corpid}/departments", self.list_departments),
            ("POST", "/corps/{corpid}/departments", self.make_department),
        ]

    async def list_members(self, request: web.Request) -> web.Response:
        """Return the staff with the number of their customers, and who left."""
        corp = self.corp(request)
        directory, customers = self.directory(corp), self.customers(corp)
        items = [
            asdict(member) | {"customers": customers.count_of(member.userid)}
            for member in directory.members()
        ]
        return answer_json({"items": items, "left": [asdict(gone) for gone in directory.resigned()]})

    async def hire(self, request: web.Request) -> web.Response:
        """Take somebody on; ``userid`` and ``name`` are needed."""
        corp = self.corp(request)
        body = await read_body(request, set(Member.__dataclass_fields__))
        required(body, "userid")
        required(body, "name")
        member = _read(Member, {"department": [1], "order": [0], "is_leader_in_dept": [0]} | body)
        if self.directory(corp).find(member.userid) is not None:
            raise BadRequest("there is a member with this userid")
        self._staffing(corp).hire(member, self.now())
        return answer_json(asdict(member), status=201)

    async def show(self, request: web.Request) -> web.Response:
        return answer_json(asdict(self.member(self.corp(request), request.match_info["userid"])))

    async def change(self, request: web.Request) -> web.Response:
        """Change a member in the console; what the platform decides about them can be set as well."""
        corp = self.corp(request)
        member = self.member(corp, request.match_info["userid"])
        values = await read_body(request, set(Member.__dataclass_fields__) - _FIXED)
        changed = _read(Member, asdict(member) | values)
        self._staffing(corp).change(changed, set(values), self.now())
        return answer_json(asdict(changed))

    async def leave(self, request: web.Request) -> web.Response:
        """A member leaves the company; their customers wait for somebody else."""
        corp = self.corp(request)
        member = self.member(corp, request.match_info["userid"])
        self._staffing(corp).leave(member, self.now())
        return answer_json({"left": member.userid})

    async def set_console_welcome(self, request: web.Request) -> web.Response:
        """Write a welcome for a member in the console (``on``): events then carry no welcome code."""
        corp = self.corp(request)
        member = self.member(corp, request.match_info["userid"])
        on = (await read_body(request, {"on"})).get("on", True)
        if not isinstance(on, bool):
            raise BadRequest("on is true or false")
        self.meetings(corp).greet_by_console(member.userid, on)
        return answer_json({"on": on})

    async def list_departments(self, request: web.Request) -> web.Response:
        directory = self.directory(self.corp(request))
        return answer_json({"items": [asdict(department) for department in directory.departments()]})

    async def make_department(self, request: web.Request) -> web.Response:
        corp = self.corp(request)
        body = await read_body(request, set(Department.__dataclass_fields__))
        required(body, "name")
        directory = self.directory(corp)
        free = max(department.id for department in directory.departments()) + 1
        department = _read(Department, {"id": free, "parentid": 1, "order": 0} | body)
        if directory.find_department(department.parentid) is None:
            raise BadRequest("there is no such parent department")
        self._staffing(corp).found(department, self.now())
        return answer_json(asdict(department), status=201)

    def _staffing(self, corp: Corp) -> Staffing:
        return Staffing(self.world, corp)


def _read(shape: Any, values: dict[str, Any]) -> Any:
    try:
        return msgspec.convert(values, shape, strict=True)
    except msgspec.ValidationError as error:
        raise BadRequest(str(error)) from error


PART = Staff
