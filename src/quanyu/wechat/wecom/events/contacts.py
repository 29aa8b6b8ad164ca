"""``change_contact``: members, departments and member tags change.

Corps that set the callback up since August 2022 get ``UserID`` and ``Department`` alone.
Source: developer.work.weixin.qq.com, 通讯录回调通知 (paths 90970 to 90972), read 2026.
"""

from typing import ClassVar

import msgspec

from quanyu.wechat.wecom.events.base import Event


def numbers(text: str) -> tuple[int, ...]:
    """Read a list the platform writes as ``1,2,3``."""
    return tuple(int(one) for one in text.split(",") if one.strip().lstrip("-").isdigit())


class AttributeText(msgspec.Struct, frozen=True):
    Value: str = ""


class AttributeWeb(msgspec.Struct, frozen=True):
    Title: str = ""
    Url: str = ""


class AttributeItem(msgspec.Struct, frozen=True, kw_only=True):
    Name: str = ""
    Type: int = 0
    Text: AttributeText | None = None
    Web: AttributeWeb | None = None


class AttributeItems(msgspec.Struct, frozen=True):
    Item: tuple[AttributeItem, ...] = ()


class MemberChanged(Event, frozen=True, kw_only=True):
    """``create_user`` and ``update_user``; an update holds what changed, and the rest is empty."""

    # Two changes of one member may come in one second: what changed tells them apart.
    identity: ClassVar[tuple[str, ...]] = ("UserID", "change")

    UserID: str
    NewUserID: str = ""
    Name: str = ""
    Department: str = ""
    MainDepartment: int = 0
    IsLeaderInDept: str = ""
    DirectLeader: str = ""
    Position: str = ""
    Mobile: str = ""
    Gender: str = ""
    Email: str = ""
    BizMail: str = ""
    Status: int = 0  # 1 active, 2 disabled, 4 not activated, 5 left.
    Avatar: str = ""
    Alias: str = ""
    Telephone: str = ""
    Address: str = ""
    ExtAttr: AttributeItems = AttributeItems()

    @property
    def departments(self) -> tuple[int, ...]:
        """The departments, empty where they did not change."""
        return numbers(self.Department)

    @property
    def change(self) -> dict[str, object]:
        """What the event says of the member."""
        said: dict[str, object] = msgspec.to_builtins(self)
        return {name: value for name, value in said.items() if name not in ("AgentID", "SuiteId")}


class MemberDeleted(Event, frozen=True, kw_only=True):
    identity: ClassVar[tuple[str, ...]] = ("UserID",)

    UserID: str


class DepartmentChanged(Event, frozen=True, kw_only=True):
    """``create_party``, ``update_party`` and ``delete_party``."""

    identity: ClassVar[tuple[str, ...]] = ("Id", "Name", "ParentId", "Order")

    Id: int
    Name: str = ""
    ParentId: int = 0
    Order: int = 0


class MemberTagUpdated(Event, frozen=True, kw_only=True):
    identity: ClassVar[tuple[str, ...]] = (
        "TagId",
        "AddUserItems",
        "DelUserItems",
        "AddPartyItems",
        "DelPartyItems",
    )

    TagId: int
    AddUserItems: str = ""  # Parted by commas, like the next ones.
    DelUserItems: str = ""
    AddPartyItems: str = ""
    DelPartyItems: str = ""


CONTACT_EVENTS: dict[tuple[str, str], type[Event]] = {
    ("change_contact", "create_user"): MemberChanged,
    ("change_contact", "update_user"): MemberChanged,
    ("change_contact", "delete_user"): MemberDeleted,
    ("change_contact", "create_party"): DepartmentChanged,
    ("change_contact", "update_party"): DepartmentChanged,
    ("change_contact", "delete_party"): DepartmentChanged,
    ("change_contact", "update_tag"): MemberTagUpdated,
}
