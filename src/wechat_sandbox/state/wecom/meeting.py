"""How members and customers come together and part: every act that ``change_external_contact`` reports.

Source: official pages 92130 (events) and 92137 (welcome codes).
"""

import secrets
from dataclasses import dataclass
from typing import Any

from wechat_sandbox.state.core import Core
from wechat_sandbox.state.facts import FactKind
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.state.wecom.acquisition import Acquisition
from wechat_sandbox.state.wecom.archiving import Archiving
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.customers import Customers, External, Link
from wechat_sandbox.state.wecom.directory import Member
from wechat_sandbox.state.wecom.events import tell_customers
from wechat_sandbox.state.wecom.interception import Interception
from wechat_sandbox.storage import Line
from wechat_sandbox.wire.errors import PlatformError
from wechat_sandbox.wire.xml import XmlValue

EVENT = "change_external_contact"
WELCOME_LASTS_S = 20.0
BY_CODE, BY_SEARCH, BY_LINK, BY_SHARE, BY_ASSIGNMENT = 1, 2, 16, 201, 202


@dataclass(slots=True, kw_only=True)
class Welcome:
    """A welcome code handed out with an event."""

    userid: str
    external_userid: str
    issued_at: float
    used: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How somebody came: what their relation keeps of it."""

    add_way: int = BY_SEARCH
    state: str = ""
    config_id: str = ""
    link_id: str = ""
    oper_userid: str = ""  # Who invited; empty: the member.
    remark: str = ""
    temporary_until: float = 0.0
    wechat_channels: dict[str, Any] | None = None  # Of 视频号: ``nickname`` and ``source``.


class Meetings:
    """Acts between the staff and the customers of one company."""

    def __init__(self, world: Core, corp: Corp) -> None:
        self._world = world
        self._corp = corp
        self._customers = Customers(world, corp)
        self._welcomes = Shelf(world.store, "corp_welcome", Welcome)
        # Members for whom the console sends a welcome of its own: the event then carries no code.
        self._greeted_by_console = Shelf(world.store, "corp_console_welcome", bool)

    def add(self, member: Member, external: External, at: float, way: Way, *, half: bool = False) -> Link:
        """A customer and a member add each other; ``half`` waits for the member to accept.

        Adding again does nothing, unless one of the two had deleted the other.

        Raises:
            PlatformError: 84074 the member is outside the scope of customer contact, 40099 has too many.
        """
        known = self._customers.find_link(member.userid, external.external_userid)
        if known is not None and not known.deleted_by_customer and not (known.half and not half):
            return known
        self._check(member)
        link = Link(
            userid=member.userid,
            external_userid=external.external_userid,
            createtime=int(at),
            add_way=way.add_way,
            oper_userid=way.oper_userid or member.userid,
            state=way.state,
            remark=way.remark or external.name,
            half=half,
            way=way.config_id,
            link=way.link_id,
            temporary_until=way.temporary_until,
            wechat_channels=way.wechat_channels,
        )
        if known is not None:
            link.tag_ids, link.remark, link.description = known.tag_ids, known.remark, known.description
        self._customers.save(link)
        self._count(FactKind.CONTACT_ASKED if half else FactKind.CONTACT_MADE, link, at)
        fields = self._state(way.state) | self._new_welcome(link, at)
        self._tell("add_half_external_contact" if half else "add_external_contact", link, at, fields)
        return link

    def accept(self, link: Link, at: float) -> None:
        """The member accepts somebody who was added without being asked."""
        if link.half:
            link.half = False
            self._customers.save(link)
            self._count(FactKind.CONTACT_MADE, link, at)
            self._tell("add_external_contact", link, at, self._state(link.state))

    def delete_by_member(self, link: Link, at: float, *, source: str = "") -> None:
        """A member deletes a customer: the relation is gone."""
        self._customers.drop(link)
        self._tell("del_external_contact", link, at, {"Source": source} if source else {})

    def delete_by_customer(self, link: Link, at: float) -> None:
        """A customer deletes a member: the member still sees them, one way."""
        if not link.deleted_by_customer:
            link.deleted_by_customer = True
            self._customers.save(link)
            self._count(FactKind.CONTACT_LOST, link, at)
            self._tell("del_follow_user", link, at, {})

    def edit_by_member(self, link: Link, at: float) -> None:
        """A member changed remark, tags or phone in the app; ``link`` has the changes."""
        self._customers.save(link)
        self._tell("edit_external_contact", link, at, {})

    def take_over(self, link: Link, takeover: Member, at: float) -> Link:
        """A customer passes from one member to another: deleted there, added here, no welcome."""
        self._customers.drop(link)
        fields: dict[str, XmlValue] = {"Source": "DELETE_BY_TRANSFER"}
        self._tell("del_external_contact", link, at, fields)
        known = self._customers.find_link(takeover.userid, link.external_userid)
        if known is not None and not known.half and not known.deleted_by_customer:
            return known
        taken = Link(
            userid=takeover.userid,
            external_userid=link.external_userid,
            createtime=int(at),
            add_way=BY_ASSIGNMENT,
            oper_userid="admin",
            state=link.state,
            remark=link.remark,
            description=link.description,
            remark_corp_name=link.remark_corp_name,
            remark_mobiles=link.remark_mobiles,
            tag_ids=link.tag_ids,
        )
        self._customers.save(taken)
        self._tell("add_external_contact", taken, at, self._state(taken.state))
        return taken

    def fail_transfer(self, userid: str, external_userid: str, reason: str, at: float) -> None:
        """Tell that a customer could not be passed on: ``customer_refused`` or ``customer_limit_exceed``."""
        fields: dict[str, XmlValue] = {
            "ChangeType": "transfer_fail",
            "FailReason": reason,
            "UserID": userid,
            "ExternalUserID": external_userid,
        }
        tell_customers(self._world, self._corp, EVENT, at, fields, about=external_userid)

    def approve_archive(self, external: External, userid: str, at: float) -> None:
        """A customer agrees that messages are kept; the member may greet them again."""
        external.archive_agreed = True
        self._customers.save_external(external)
        link = self._customers.get_link(userid, external.external_userid)
        self._tell("msg_audit_approved", link, at, self._new_welcome(link, at))

    def speak(self, link: Link, text: str, at: float, *, by_customer: bool) -> None:
        """The two exchange a message; it opens the chat and ends a waiting welcome code.

        Raises:
            Intercepted: a rule does not let the member write this.
        """
        external = self._customers.get_external(link.external_userid)
        if not by_customer:
            Interception(self._world, self._corp).check(link.userid, text)
        link.spoke_at = at
        link.heard += int(by_customer)
        self._customers.save(link)
        direction = "from_customer" if by_customer else "to_customer"
        sender, hearer = link.userid, link.external_userid
        if by_customer:
            sender, hearer = hearer, sender
        Archiving(self._world, self._corp).keep(sender, [hearer], "text", {"content": text}, at)
        self.write(external, link.userid, direction, "text", {"content": text}, at)
        if by_customer:
            Acquisition(self._world, self._corp).hear(link, at)

    def write(
        self, external: External, userid: str, direction: str, kind: str, body: dict[str, object], at: float
    ) -> None:
        """Put a message into the conversation of a member and a customer."""
        self._world.store.append_line(
            Line(
                appid=self._corp.corpid,
                person=external.person,
                openid=f"{userid}/{external.external_userid}",
                direction=direction,
                kind=kind,
                at=at,
                body=body,
            )
        )

    # Welcome codes

    def find_welcome(self, code: str) -> Welcome | None:
        return self._welcomes.find(self._corp.corpid, code)

    def welcomes(self, limit: int) -> list[tuple[str, Welcome]]:
        """Return the latest welcome codes with what they stand for, newest first."""
        return self._welcomes.page(self._corp.corpid, offset=0, count=limit)

    def use_welcome(self, code: str, at: float) -> Link:
        """Spend a welcome code and return whom it greets.

        Raises:
            PlatformError: 41050 unknown or older than 20 s, 41051 used or the chat has begun, 41053 the
                customer has to agree to the archive first.
        """
        welcome = self.find_welcome(code)
        if welcome is None:
            raise PlatformError(41050)
        link = self._customers.find_link(welcome.userid, welcome.external_userid)
        if welcome.used or (link is not None and link.spoke_at >= welcome.issued_at):
            raise PlatformError(41051)
        if link is None or at >= welcome.issued_at + self._welcome_lasts_s:
            raise PlatformError(41050)
        if not self._customers.get_external(welcome.external_userid).archive_agreed:
            raise PlatformError(41053)
        welcome.used = True
        self._welcomes.put(self._corp.corpid, code, welcome)
        return link

    def greet_by_console(self, userid: str, on: bool) -> None:
        """Set or take away the welcome an administrator wrote for a member."""
        if on:
            self._greeted_by_console.put(self._corp.corpid, userid, True)
        else:
            self._greeted_by_console.drop(self._corp.corpid, userid)

    def _new_welcome(self, link: Link, at: float) -> dict[str, XmlValue]:
        if self._greeted_by_console.find(self._corp.corpid, link.userid):
            return {}
        if self._world.now() >= at + self._welcome_lasts_s:
            return {}  # History being played: whoever was added then was greeted then.
        code = secrets.token_urlsafe(32)
        welcome = Welcome(userid=link.userid, external_userid=link.external_userid, issued_at=at)
        self._welcomes.put(self._corp.corpid, code, welcome)
        return {"WelcomeCode": code}

    @property
    def _welcome_lasts_s(self) -> float:
        """How long a code is good for, in virtual time: no program answers faster on a faster clock."""
        return WELCOME_LASTS_S * max(1.0, self._world.rate())

    def _state(self, state: str) -> dict[str, XmlValue]:
        return {"State": state} if state else {}

    def _check(self, member: Member) -> None:
        if not member.follows_customers or member.limited:
            raise PlatformError(84074)
        if self._customers.count_of(member.userid) >= member.customer_limit:
            raise PlatformError(40099)

    def _count(self, kind: FactKind, link: Link, at: float) -> None:
        self._world.facts.record(self._corp.corpid, kind, at, ref=link.userid)

    def _tell(self, change: str, link: Link, at: float, fields: dict[str, XmlValue]) -> None:
        whole: dict[str, XmlValue] = {
            "ChangeType": change,
            "UserID": link.userid,
            "ExternalUserID": link.external_userid,
            **fields,
        }
        tell_customers(self._world, self._corp, EVENT, at, whole, about=link.external_userid)
