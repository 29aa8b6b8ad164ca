"""What people do with acquisition links: tap them, and add the member they lead to."""

import random

from wechat_sandbox.state.core import Core
from wechat_sandbox.state.wecom.acquisition import Acquisition, AcquisitionLink
from wechat_sandbox.state.wecom.contact_ways import ContactWays, Request, Scanned, able_members
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.customers import Customers, External
from wechat_sandbox.state.wecom.directory import Member
from wechat_sandbox.state.wecom.meeting import BY_LINK, Meetings, Way
from wechat_sandbox.wire.errors import PlatformError

PRIORITY_ALL, PRIORITY_LISTED = 1, 2
STATE_BYTES_MAX = 64  # Of a channel; the rest is lost.


class LinkVisits:
    """People at the links of one company."""

    def __init__(self, world: Core, corp: Corp) -> None:
        self._world = world
        self._corp = corp
        self._acquisition = Acquisition(world, corp)

    def visit(
        self, link: AcquisitionLink, external: External, state: str, at: float, *, adds: bool = True
    ) -> Scanned | None:
        """Tap a link: look at the member it leads to, and add them unless one thinks better of it.

        ``state`` is the ``customer_channel`` of the link. Adding costs one of the quota.

        Raises:
            PlatformError: 41200 no quota is left, 84074 nobody of the range can take them.
        """
        state = state.encode()[:STATE_BYTES_MAX].decode(errors="ignore")
        self._acquisition.note_click(link, external.person, at)
        member = self._choose(link, external, at)
        self._acquisition.tell_step("open_profile", link, state, at)
        if not adds:
            return None
        if self._acquisition.quota(at).balance == 0:
            raise PlatformError(41200, "no quota is left")
        self._acquisition.tell_step("friend_request", link, state, at)
        if not link.skip_verify:
            return self._ask(link, member, external, state, at)
        return self._add(link, member, external, state, at)

    def _add(
        self, link: AcquisitionLink, member: Member, external: External, state: str, at: float
    ) -> Scanned:
        known = Customers(self._world, self._corp).find_link(member.userid, external.external_userid)
        is_new = known is None or known.deleted_by_customer
        how = Way(add_way=BY_LINK, state=state, link_id=link.link_id)
        relation = Meetings(self._world, self._corp).add(member, external, at, how)
        if is_new:
            self._acquisition.count_add(link.link_id, external.person, at)
        return Scanned(userid=member.userid, external_userid=external.external_userid, link=relation)

    def _ask(
        self, link: AcquisitionLink, member: Member, external: External, state: str, at: float
    ) -> Scanned:
        ContactWays(self._world, self._corp).ask(
            Request(
                userid=member.userid,
                external_userid=external.external_userid,
                config_id="",
                asked_at=at,
                state=state,
                add_way=BY_LINK,
                link_id=link.link_id,
            )
        )
        return Scanned(userid=member.userid, external_userid=external.external_userid)

    def _choose(self, link: AcquisitionLink, external: External, at: float) -> Member:
        """Draw a member; where the link prefers, one who already has the customer."""
        able = able_members(self._world, self._corp, link.user_list, link.department_list)
        if not able:
            self._acquisition.tell_unavailable(link, at)
            raise PlatformError(84074)
        if link.priority_type:
            has = {
                one.userid for one in Customers(self._world, self._corp).links_to(external.external_userid)
            }
            if link.priority_type == PRIORITY_LISTED:
                has &= set(link.priority_userid_list)
            own = next((member for member in able if member.userid in has), None)
            if own is not None:
                return own
        draw = random.Random(f"{self._world.seed}:{link.link_id}:{external.external_userid}")  # noqa: S311
        return draw.choice(able)
