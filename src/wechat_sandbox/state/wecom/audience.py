"""Who a message can reach: the customers of members, as mass messages, moments and groups look at them."""

from typing import Any

from wechat_sandbox.state.core import Core
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.customers import Customers
from wechat_sandbox.state.wecom.directory import Directory
from wechat_sandbox.state.wecom.meeting import Meetings


class Audience:
    """The customers of one corp, seen from those who write to them."""

    def __init__(self, world: Core, corp: Corp) -> None:
        self._customers = Customers(world, corp)
        self._directory = Directory(world.store, corp)
        self._meetings = Meetings(world, corp)

    def customers(self) -> list[str]:
        """Return everyone somebody has, earliest first."""
        return list(dict.fromkeys(link.external_userid for link in self._customers.all_links()))

    def customers_of(self, userid: str) -> list[str]:
        """Return whom a member has; also those who have deleted the member."""
        return [link.external_userid for link in self._customers.links_of(userid)]

    def followers_of(self, external_userid: str) -> list[str]:
        """Return who has a customer and still works here, whoever talked to them last first."""
        links = self._customers.links_to(external_userid)
        at_work = [link for link in links if self._directory.find(link.userid) is not None]
        ordered = sorted(at_work, key=lambda link: (-link.spoke_at, link.createtime, link.userid))
        return [link.userid for link in ordered]

    def tags_of(self, userid: str, external_userid: str) -> frozenset[str]:
        link = self._customers.find_link(userid, external_userid)
        return frozenset(link.tag_ids if link else ())

    def are_friends(self, userid: str, external_userid: str) -> bool:
        """Whether a message of the member arrives: neither has deleted the other."""
        link = self._customers.find_link(userid, external_userid)
        return link is not None and not link.half and not link.deleted_by_customer

    def unionid_of(self, external_userid: str) -> str:
        external = self._customers.find_external(external_userid)
        return self._customers.unionid_of(external) if external else ""

    def name_of(self, who: str) -> str:
        """Return the name of a member or a customer, empty for nobody."""
        external = self._customers.find_external(who)
        member = self._directory.find(who) if external is None else None
        return external.name if external else member.name if member else ""

    def deliver(self, userid: str, external_userid: str, kind: str, body: dict[str, Any], at: float) -> None:
        """Put a message of a member into the conversation with a customer."""
        external = self._customers.get_external(external_userid)
        self._meetings.write(external, userid, "to_customer", kind, body, at)
