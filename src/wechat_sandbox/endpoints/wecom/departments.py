"""Departments. Source: official pages 90204 to 90210, 95350, 95351."""

from typing import Any

from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right
from wechat_sandbox.state.wecom.directory import ROOT, Department, Directory
from wechat_sandbox.wire.errors import PlatformError

ORDER_MAX = 2**32 - 1
NAME_MAX = 64
_FORBIDDEN = set('\\:*?"<>|')


@WECOM.post("/department/create", right=Right.WRITE_CONTACTS)
def create(call: CorpCall) -> Answer:
    directory = call.directory
    name = _name(call)
    parentid = call.number("parentid", missing=60124, invalid=60124)
    if directory.find_department(parentid) is None:
        raise PlatformError(60004)
    number = call.number("id", max(one.id for one in directory.departments()) + 1, low=2, invalid=60123)
    if directory.find_department(number) is not None:
        raise PlatformError(60123, "id existed")
    _check_name(directory, name, parentid)
    department = Department(
        id=number,
        name=name,
        name_en=call.text("name_en", most=NAME_MAX, invalid=60125),
        parentid=parentid,
        order=call.number("order", 0, high=ORDER_MAX, invalid=60128),
    )
    directory.save_department(department)
    return {"errmsg": "created", "id": number}


@WECOM.post("/department/update", right=Right.WRITE_CONTACTS)
def update(call: CorpCall) -> Answer:
    directory = call.directory
    department = _get(directory, call.number("id", missing=60123, invalid=60123))
    parentid = call.number("parentid", department.parentid, invalid=60124)
    if parentid != department.parentid:
        _check_move(directory, department, parentid)
    name = _name(call) if call.body.get("name") is not None else department.name
    _check_name(directory, name, parentid, own=department.id)
    department.name, department.parentid = name, parentid
    department.name_en = call.text("name_en", most=NAME_MAX, invalid=60125) or department.name_en
    department.order = call.number("order", department.order, high=ORDER_MAX, invalid=60128)
    directory.save_department(department)
    return {"errmsg": "updated"}


@WECOM.get("/department/delete", right=Right.WRITE_CONTACTS)
def delete(call: CorpCall) -> Answer:
    """Delete an empty department without others below it."""
    directory = call.directory
    department = _get(directory, _asked(call))
    if department.id == ROOT:
        raise PlatformError(60007)
    if any(one.parentid == department.id for one in directory.departments()):
        raise PlatformError(60006)
    if directory.members_in([department.id], with_children=False):
        raise PlatformError(60005)
    directory.drop_department(department.id)
    return {"errmsg": "deleted"}


@WECOM.get("/department/list", right=Right.READ_CONTACTS)
def list_all(call: CorpCall) -> Answer:
    return {"department": [_body(call.directory, one) for one in _seen(call)]}


@WECOM.get("/department/simplelist", right=Right.READ_CONTACTS)
def list_ids(call: CorpCall) -> Answer:
    rows = [{"id": one.id, "parentid": one.parentid, "order": one.order} for one in _seen(call)]
    return {"department_id": rows}


@WECOM.get("/department/get", right=Right.READ_CONTACTS)
def read(call: CorpCall) -> Answer:
    department = _get(call.directory, _asked(call))
    if not call.directory.sees_department(call.agent, department.id):
        raise PlatformError(60011)
    return {"department": _body(call.directory, department)}


def _seen(call: CorpCall) -> list[Department]:
    """Return a department with all below it, all of them without an id, as far as the token sees."""
    directory = call.directory
    wanted = {one.id for one in directory.departments()}
    if call.query.get("id"):
        wanted = directory.below([_get(directory, _asked(call)).id])
    found = [one for one in directory.departments() if one.id in wanted]
    return [one for one in found if directory.sees_department(call.agent, one.id)]


def _asked(call: CorpCall) -> int:
    number = call.query.get("id", "")
    if not number.isdecimal():
        raise PlatformError(60123)
    return int(number)


def _get(directory: Directory, number: int) -> Department:
    found = directory.find_department(number)
    if found is None:
        raise PlatformError(60003)
    return found


def _name(call: CorpCall) -> str:
    name = call.text("name", missing=60125, most=NAME_MAX, invalid=60125)
    if _FORBIDDEN.intersection(name):
        raise PlatformError(60009)
    return name


def _check_name(directory: Directory, name: str, parentid: int, *, own: int = 0) -> None:
    siblings = (one for one in directory.departments() if one.parentid == parentid and one.id != own)
    if any(one.name == name for one in siblings):
        raise PlatformError(60008)


def _check_move(directory: Directory, department: Department, parentid: int) -> None:
    if directory.find_department(parentid) is None:
        raise PlatformError(60004)
    if department.id == ROOT or parentid in directory.below([department.id]):
        raise PlatformError(60010)


def _body(directory: Directory, department: Department) -> dict[str, Any]:
    return {
        "id": department.id,
        "name": department.name,
        "name_en": department.name_en,
        "department_leader": directory.leaders_of(department.id),
        "parentid": department.parentid,
        "order": department.order,
    }
