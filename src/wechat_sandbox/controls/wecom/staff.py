"""What the owner of a company does to its staff, and members to themselves."""

from dataclasses import asdict
from typing import Any

import msgspec
from aiohttp import web

from wechat_sandbox.control_http import BadRequest, answer_json, read_body, required, to_number
from wechat_sandbox.controls.base import Route
from wechat_sandbox.controls.wecom.base import CorpPart
from wechat_sandbox.state.core import Unknown
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.directory import ROOT, Department, Member, MemberTag
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
            ("POST", "/corps/{corpid}/staff/{userid}/rename", self.rename),
            ("PUT", "/corps/{corpid}/staff/{userid}/console-welcome", self.set_console_welcome),
            ("GET", "/corps/{corpid}/departments", self.list_departments),
            ("POST", "/corps/{corpid}/departments", self.make_department),
            ("PUT", "/corps/{corpid}/departments/{number}", self.move_department),
            ("DELETE", "/corps/{corpid}/departments/{number}", self.close_department),
            ("GET", "/corps/{corpid}/member-tags", self.list_tags),
            ("PUT", "/corps/{corpid}/member-tags/{number}", self.retag),
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

    async def rename(self, request: web.Request) -> web.Response:
        """Give a member another id (``new_userid``)."""
        corp = self.corp(request)
        member = self.member(corp, request.match_info["userid"])
        userid = required(await read_body(request, {"new_userid"}), "new_userid")
        if self.directory(corp).find(userid) is not None:
            raise BadRequest("there is a member with this userid")
        self._staffing(corp).rename(member, userid, self.now())
        return answer_json(asdict(member))

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

    async def move_department(self, request: web.Request) -> web.Response:
        """Give a department another ``name`` or ``parentid``."""
        corp = self.corp(request)
        department, body = self._department(corp, request), await read_body(request, {"name", "parentid"})
        changed = _read(Department, asdict(department) | body)
        directory = self.directory(corp)
        if directory.find_department(changed.parentid) is None and department.parentid != changed.parentid:
            raise BadRequest("there is no such parent department")
        if changed.parentid in directory.below([department.id]):
            raise BadRequest("a department cannot be below itself")
        self._staffing(corp).move(changed, self.now())
        return answer_json(asdict(changed))

    async def close_department(self, request: web.Request) -> web.Response:
        """Close a department that is empty."""
        corp = self.corp(request)
        department = self._department(corp, request)
        if self.directory(corp).members_in([department.id]) or department.id == ROOT:
            raise BadRequest("the department has members, or is the root")
        self._staffing(corp).close(department, self.now())
        return answer_json({"closed": department.id})

    async def list_tags(self, request: web.Request) -> web.Response:
        return answer_json({"items": [asdict(tag) for tag in self.directory(self.corp(request)).tags()]})

    async def retag(self, request: web.Request) -> web.Response:
        """Say which members (``users``) and departments (``parties``) bear a tag."""
        corp = self.corp(request)
        tag = self.directory(corp).find_tag(_number(request))
        if tag is None:
            raise Unknown("no such tag")
        body = await read_body(request, {"users", "parties"})
        wanted = _read(MemberTag, asdict(tag) | body)
        users = [self.member(corp, userid).userid for userid in wanted.users]
        self._staffing(corp).retag(tag, users, wanted.parties, self.now())
        return answer_json(asdict(tag))

    def _department(self, corp: Corp, request: web.Request) -> Department:
        found = self.directory(corp).find_department(_number(request))
        if found is None:
            raise Unknown("no such department")
        return found

    def _staffing(self, corp: Corp) -> Staffing:
        return Staffing(self.world, corp)


def _number(request: web.Request) -> int:
    return to_number(request.match_info["number"], "number")


def _read(shape: Any, values: dict[str, Any]) -> Any:
    try:
        return msgspec.convert(values, shape, strict=True)
    except msgspec.ValidationError as error:
        raise BadRequest(str(error)) from error


PART = Staff
