"""Changes of the staff made in the console: kept, and told to the contacts address.

Source: official page 90971 (change_contact). What the API changes is not told.
"""

from typing import Any

from wechat_sandbox.state.core import Core
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.directory import Department, Directory, Member, MemberTag
from wechat_sandbox.state.wecom.events import Fields, tell_contacts
from wechat_sandbox.state.wecom.renaming import rename_member

# Element → field, in the order of the documents.
_ELEMENTS = (
    ("Name", "name"), ("Department", "department"), ("MainDepartment", "main_department"),
    ("IsLeaderInDept", "is_leader_in_dept"), ("DirectLeader", "direct_leader"), ("Position", "position"),
    ("Mobile", "mobile"), ("Gender", "gender"), ("Email", "email"), ("BizMail", "biz_mail"),
    ("Status", "status"), ("Avatar", "avatar_mediaid"), ("Alias", "alias"), ("Telephone", "telephone"),
    ("Address", "address"), ("ExtAttr", "extattr"),
)  # fmt: skip


class Staffing:
    """Who works where, decided in the console."""

    def __init__(self, world: Core, corp: Corp) -> None:
        self._world = world
        self._corp = corp
        self._directory = Directory(world.store, corp)

    def hire(self, member: Member, at: float) -> None:
        self._directory.welcome_back(member.userid)
        self._directory.save(member)
        filled = {name for _, name in _ELEMENTS if getattr(member, name)}
        self._tell("create_user", {"UserID": member.userid, **_elements(member, filled)}, at, member.userid)

    def change(self, member: Member, names: set[str], at: float) -> None:
        """Save a member and tell which of the named fields are others now."""
        before = self._directory.find(member.userid)
        self._directory.save(member)
        other = {name for name in names if getattr(before, name, None) != getattr(member, name)}
        elements = _elements(member, other)
        if elements:
            self._tell("update_user", {"UserID": member.userid, **elements}, at, member.userid)

    def rename(self, member: Member, userid: str, at: float) -> None:
        """Give a member another id."""
        fields: Fields = {"UserID": member.userid, "NewUserID": userid}
        rename_member(self._world, self._corp, member, userid)
        self._tell("update_user", fields, at, userid)

    def leave(self, member: Member, at: float) -> None:
        self._directory.resign(member, at)
        self._tell("delete_user", {"UserID": member.userid}, at, member.userid)

    def found(self, department: Department, at: float) -> None:
        self._directory.save_department(department)
        fields: Fields = {
            "Id": department.id,
            "Name": department.name,
            "ParentId": department.parentid,
            "Order": department.order,
        }
        self._tell("create_party", fields, at, str(department.id))

    def move(self, department: Department, at: float) -> None:
        """Save a department with another name or parent."""
        self._directory.save_department(department)
        fields: Fields = {"Id": department.id, "Name": department.name, "ParentId": department.parentid}
        self._tell("update_party", fields, at, str(department.id))

    def close(self, department: Department, at: float) -> None:
        self._directory.drop_department(department.id)
        self._tell("delete_party", {"Id": department.id}, at, str(department.id))

    def retag(self, tag: MemberTag, users: list[str], parties: list[int], at: float) -> None:
        """Change who bears a tag."""
        fields: Fields = {
            "TagId": tag.tagid,
            "AddUserItems": _joined(user for user in users if user not in tag.users),
            "DelUserItems": _joined(user for user in tag.users if user not in users),
            "AddPartyItems": _joined(party for party in parties if party not in tag.parties),
            "DelPartyItems": _joined(party for party in tag.parties if party not in parties),
        }
        tag.users, tag.parties = users, parties
        self._directory.save_tag(tag)
        self._tell("update_tag", fields, at, str(tag.tagid))

    def _tell(self, change: str, fields: Fields, at: float, about: str) -> None:
        tell_contacts(self._world, self._corp, change, at, fields, about=about)


def _elements(member: Member, names: set[str]) -> Fields:
    return {element: _value(name, getattr(member, name)) for element, name in _ELEMENTS if name in names}


def _value(name: str, value: Any) -> Any:
    if name == "extattr":
        return {"Item": [_attribute(one) for one in value.get("attrs", [])]}
    if isinstance(value, list):
        return _joined(value)
    return int(value) if name in ("gender", "status", "main_department") else value


def _attribute(one: dict[str, Any]) -> dict[str, Any]:
    if one.get("type") == 1:
        web = one.get("web", {})
        inside = {"Web": {"Title": web.get("title", ""), "Url": web.get("url", "")}}
    else:
        inside = {"Text": {"Value": one.get("text", {}).get("value", "")}}
    return {"Name": one.get("name", ""), "Type": one.get("type", 0), **inside}


def _joined(values: Any) -> str:
    return ",".join(map(str, values))
