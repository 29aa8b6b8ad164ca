"""Passing customers on (继承), of members who stay and of members who left.

Who takes over has the customer after 24 hours, unless the customer refuses.
Source: official pages 92125, 94081, 92124, 94082.
"""

from dataclasses import dataclass
from enum import IntEnum

from wechat_sandbox.clock import DAY_S, china_midnight
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.customers import Customers, Link
from wechat_sandbox.state.wecom.directory import Directory, Member
from wechat_sandbox.state.wecom.meeting import Meetings

WAIT_S = 24 * 3600.0
OFTEN_DAYS, OFTEN_MAX = 90, 2


class TransferStatus(IntEnum):
    """``status`` of a transfer."""

    DONE = 1
    WAITING = 2
    REFUSED = 3
    TAKEOVER_FULL = 4


@dataclass(slots=True, kw_only=True)
class Transfer:
    """One customer on the way from one member to another."""

    external_userid: str
    handover_userid: str
    takeover_userid: str
    begun_at: float
    resigned: bool
    status: int = TransferStatus.WAITING
    takeover_time: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unassigned:
    """A customer of somebody who left, whom nobody has taken over yet."""

    handover_userid: str
    external_userid: str
    dimission_time: int


class Transfers:
    """The transfers of one company."""

    def __init__(self, world: Core, corp: Corp) -> None:
        self._world = world
        self._corp = corp
        self._customers = Customers(world, corp)
        self._directory = Directory(world.store, corp)
        self._transfers = Shelf(world.store, "corp_transfer", Transfer)  # By number, in order.
        self._waiting = Shelf(world.store, "corp_transfer_waiting", str)  # External user id → number.

    def begin(
        self,
        handover_userid: str,
        takeover: Member,
        external_userid: str,
        at: float,
        *,
        resigned: bool,
        message: str = "",
    ) -> int:
        """Begin to pass on a customer; return 0, or why it cannot be.

        40096 nobody, 40098 takeover not verified, 40143 takeover banned, 40099 takeover full, 40131 the
        handover member does not have them, 40129 on the way already, 40128 passed on twice in 90 days.
        """
        code = self._problem(handover_userid, takeover, external_userid, at, resigned=resigned)
        if code:
            return code
        transfer = Transfer(
            external_userid=external_userid,
            handover_userid=handover_userid,
            takeover_userid=takeover.userid,
            begun_at=at,
            resigned=resigned,
            message=message,
        )
        number = str(self._world.new_id(at))
        self._transfers.put(self._corp.corpid, number, transfer)
        self._waiting.put(self._corp.corpid, external_userid, number)
        return 0

    def between(self, handover_userid: str, takeover_userid: str, *, resigned: bool) -> list[Transfer]:
        """Return what became of the transfers between two members, the last one for each customer."""
        found = {
            one.external_userid: one
            for one in self._transfers.values(self._corp.corpid)
            if (one.handover_userid, one.takeover_userid, one.resigned)
            == (handover_userid, takeover_userid, resigned)
        }
        return list(found.values())

    def waiting(self) -> list[Transfer]:
        numbers = self._waiting.values(self._corp.corpid)
        found = (self._transfers.find(self._corp.corpid, number) for number in numbers)
        return [one for one in found if one is not None]

    def refuse(self, external_userid: str, at: float) -> Transfer | None:
        """The customer does not want to be passed on; return what ended, if anything was on the way."""
        transfer, number = self._find_waiting(external_userid)
        if transfer is None:
            return None
        self._end(transfer, number, TransferStatus.REFUSED)
        meetings = Meetings(self._world, self._corp)
        meetings.fail_transfer(transfer.takeover_userid, external_userid, "customer_refused", at)
        return transfer

    def advance(self, at: float) -> None:
        """Complete what has waited for 24 hours."""
        for external_userid, _ in self._waiting.items(self._corp.corpid):
            transfer, number = self._find_waiting(external_userid)
            if transfer is not None and at >= transfer.begun_at + WAIT_S:
                self._complete(transfer, number)

    def unassigned(self) -> list[Unassigned]:
        """Return the customers of those who left, but for those on the way to somebody else."""
        on_the_way = {key for key, _ in self._waiting.items(self._corp.corpid)}
        return [
            Unassigned(
                handover_userid=gone.userid,
                external_userid=link.external_userid,
                dimission_time=int(gone.left_at),
            )
            for gone in self._directory.resigned()
            for link in self._customers.links_of(gone.userid)
            if link.external_userid not in on_the_way
        ]

    def _complete(self, transfer: Transfer, number: str) -> None:
        at = transfer.begun_at + WAIT_S
        takeover = self._directory.find(transfer.takeover_userid)
        link = self._customers.find_link(transfer.handover_userid, transfer.external_userid)
        meetings = Meetings(self._world, self._corp)
        if takeover is None or link is None:
            self._end(transfer, number, TransferStatus.REFUSED)
        elif self._is_full(takeover):
            self._end(transfer, number, TransferStatus.TAKEOVER_FULL)
            meetings.fail_transfer(takeover.userid, transfer.external_userid, "customer_limit_exceed", at)
        else:
            transfer.takeover_time = int(at)
            self._end(transfer, number, TransferStatus.DONE)
            taken = meetings.take_over(link, takeover, at)
            if transfer.message:
                external = self._customers.get_external(transfer.external_userid)
                said: dict[str, object] = {"content": transfer.message}
                meetings.write(external, taken.userid, "to_customer", "text", said, at)

    def _end(self, transfer: Transfer, number: str, status: TransferStatus) -> None:
        transfer.status = status
        self._transfers.put(self._corp.corpid, number, transfer)
        self._waiting.drop(self._corp.corpid, transfer.external_userid)

    def _find_waiting(self, external_userid: str) -> tuple[Transfer | None, str]:
        number = self._waiting.find(self._corp.corpid, external_userid)
        found = None if number is None else self._transfers.find(self._corp.corpid, number)
        return found, number or ""

    def _problem(
        self, handover_userid: str, takeover: Member, external_userid: str, at: float, *, resigned: bool
    ) -> int:
        if self._customers.find_external(external_userid) is None:
            return 40096
        if takeover.userid == handover_userid:
            return 40130
        if not takeover.verified:
            return 40098
        if takeover.limited:
            return 40143
        if self._is_full(takeover):
            return 40099
        if self._waiting.find(self._corp.corpid, external_userid) is not None:
            return 40100 if resigned else 40129
        link = self._customers.find_link(handover_userid, external_userid)
        if link is None or not link.is_customer:
            return 40131
        return 40128 if not resigned and self._is_often(link, at) else 0

    def _is_often(self, link: Link, at: float) -> bool:
        since = china_midnight(at) - (OFTEN_DAYS - 1) * DAY_S
        recent = [
            one
            for one in self._transfers.values(self._corp.corpid)
            if one.external_userid == link.external_userid
            and one.status == TransferStatus.DONE
            and not one.resigned
            and one.begun_at >= since
        ]
        return len(recent) >= OFTEN_MAX

    def _is_full(self, member: Member) -> bool:
        return self._customers.count_of(member.userid) >= member.customer_limit
