"""Departments of the corp; the root is 1.

Source: developer.work.weixin.qq.com, 部门管理 (path 90205 and following), read 2026.
"""

from typing import Final

from quanyu.wechat.calls import Answer, Done, Part, Request
from quanyu.wechat.wecom.declaring import get, post


class CreateRequest(Request, frozen=True, kw_only=True):
    name: str  # 1 to 64 signs; one name once below a parent.
    parentid: int
    name_en: str = ""
    order: int = 0  # Bigger comes first.
    id: int = 0  # Chosen by the platform if 0.


class Created(Answer, frozen=True):
    id: int


class UpdateRequest(Request, frozen=True, kw_only=True):
    """What is ``None`` stays as it is."""

    id: int
    name: str | None = None
    name_en: str | None = None
    parentid: int | None = None
    order: int | None = None


class DepartmentId(Request, frozen=True):
    id: int


class Below(Request, frozen=True):
    id: int = 0  # All the secret may see if 0.


class Department(Part, frozen=True):
    id: int
    name: str = ""
    name_en: str = ""
    department_leader: tuple[str, ...] = ()
    parentid: int = 0
    order: int = 0


class Departments(Answer, frozen=True):
    department: tuple[Department, ...] = ()


class BriefDepartment(Part, frozen=True):
    id: int
    parentid: int = 0
    order: int = 0


class BriefDepartments(Answer, frozen=True):
    department_id: tuple[BriefDepartment, ...] = ()


class DepartmentAnswer(Answer, frozen=True):
    department: Department


CREATE: Final = post("/department/create", CreateRequest, Created)
UPDATE: Final = post("/department/update", UpdateRequest, Done, repeatable=True)
DELETE: Final = get("/department/delete", DepartmentId, Done, repeatable=False)
LIST: Final = get("/department/list", Below, Departments)
LIST_IDS: Final = get("/department/simplelist", Below, BriefDepartments)
GET: Final = get("/department/get", DepartmentId, DepartmentAnswer)
