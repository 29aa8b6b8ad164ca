"""Money for people: transfers they confirm, and those they allowed once and for all.

Source: website tree (2026-08), transfer pages (2025-03, 2025-08). The money leaves the operation account when
a transfer is accepted, and comes back when it ends otherwise than paid.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from wechat_sandbox.clock import DAY_S, china_time
from wechat_sandbox.state.pay.agenda import when
from wechat_sandbox.state.pay.funds import Purse
from wechat_sandbox.state.pay.pay import Pay
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.pay.errors import OTHER_PARAMETERS, PayError

CONFIRM_S = float(DAY_S)
_CANCEL_S = 1.0


class TransferState(StrEnum):
    """``state`` on the wire, with its spelling."""

    ACCEPTED = "ACCEPTED"
    PROCESSING = "PROCESSING"
    WAIT_USER_CONFIRM = "WAIT_USER_CONFIRM"
    TRANSFERING = "TRANSFERING"
    SUCCESS = "SUCCESS"
    FAIL = "FAIL"
    CANCELING = "CANCELING"
    CANCELLED = "CANCELLED"


_OVER = frozenset({TransferState.SUCCESS, TransferState.FAIL, TransferState.CANCELLED})


@dataclass(slots=True, kw_only=True)
class Transfer:
    """One transfer. Money in fen."""

    mchid: str
    out_bill_no: str
    transfer_bill_no: str
    appid: str
    openid: str
    scene_id: str
    amount: int
    remark: str
    digest: str
    created_at: float
    updated_at: float
    notify_url: str = ""
    user_name: str = ""
    perception: str = ""
    package_info: str = ""
    state: TransferState = TransferState.WAIT_USER_CONFIRM
    fail_reason: str = ""
    out_authorization_no: str = ""

    def notice(self) -> dict[str, Any]:
        """Return what the callback says."""
        shown = {
            "out_bill_no": self.out_bill_no,
            "transfer_bill_no": self.transfer_bill_no,
            "state": self.state.value,
            "mch_id": self.mchid,
            "transfer_amount": self.amount,
            "openid": self.openid,
            "create_time": china_time(self.created_at),
            "update_time": china_time(self.updated_at),
        }
        return shown | ({"fail_reason": self.fail_reason} if self.fail_reason else {})

    def wire(self) -> dict[str, Any]:
        """Return the transfer as queries show it, without the name."""
        return self.notice() | {"appid": self.appid, "transfer_remark": self.remark}


class Transfers:
    """All transfers. Cheap to make."""

    def __init__(self, pay: Pay) -> None:
        self.pay = pay
        self._shelf = Shelf(pay.store, "pay_transfer", Transfer)
        self._by_number = Shelf(pay.store, "pay_transfer_no", tuple[str, str])
        self._by_package = Shelf(pay.store, "pay_transfer_package", tuple[str, str])
        self._next_fate = Shelf(pay.store, "pay_transfer_fate", str)

    def find(self, mchid: str, out_bill_no: str) -> Transfer | None:
        return self._shelf.find(mchid, out_bill_no)

    def find_by_number(self, transfer_bill_no: str) -> Transfer | None:
        place = self._by_number.find("", transfer_bill_no)
        return None if place is None else self.find(*place)

    def find_by_package(self, package_info: str) -> Transfer | None:
        place = self._by_package.find("", package_info)
        return None if place is None else self.find(*place)

    def all(self, mchid: str) -> list[Transfer]:
        return self._shelf.values(mchid)

    def repeated(self, mchid: str, out_bill_no: str, digest: str) -> Transfer | None:
        """Return the transfer a number already has; other content is refused."""
        known = self.find(mchid, out_bill_no)
        if known is not None and known.digest != digest:
            raise PayError("ALREADY_EXISTS", "商户单号已存在,但信息不一致", reason=OTHER_PARAMETERS)
        return known

    def make(self, transfer: Transfer, *, asks: bool) -> None:
        """Accept a transfer: the person is asked, or has allowed it before."""
        self._move(transfer, -transfer.amount, "商家转账", transfer.created_at)
        self._by_number.put("", transfer.transfer_bill_no, (transfer.mchid, transfer.out_bill_no))
        if asks:
            transfer.package_info = self.pay.token("package", 64)
            place = (transfer.mchid, transfer.out_bill_no)
            self._by_package.put("", transfer.package_info, place)
            self.pay.agenda.plan(
                transfer.created_at + CONFIRM_S, "transfer_overdue", transfer.transfer_bill_no
            )
            self.save(transfer)
            self.pay.note(transfer.appid, transfer.openid)
        else:
            transfer.state = TransferState.ACCEPTED
            self.save(transfer)
            self._plan_end(transfer, transfer.created_at)

    def save(self, transfer: Transfer) -> None:
        self._shelf.put(transfer.mchid, transfer.out_bill_no, transfer)

    def confirm(self, transfer: Transfer, at: float) -> None:
        """The person takes the money.

        Raises:
            ValueError: there is nothing to confirm any more.
        """
        if transfer.state is not TransferState.WAIT_USER_CONFIRM:
            raise ValueError("there is nothing to confirm")
        transfer.state, transfer.updated_at = TransferState.TRANSFERING, at
        self.save(transfer)
        self._plan_end(transfer, at)

    def cancel(self, transfer: Transfer, at: float) -> None:
        """Take a transfer back that nobody has confirmed; doing so again changes nothing."""
        if transfer.state in (TransferState.CANCELING, TransferState.CANCELLED):
            return
        if transfer.state not in (TransferState.ACCEPTED, TransferState.WAIT_USER_CONFIRM):
            raise PayError("INVALID_REQUEST", "当前状态的转账单不能撤销")
        transfer.state, transfer.updated_at = TransferState.CANCELING, at
        self.save(transfer)
        self.pay.agenda.plan(at + _CANCEL_S, "transfer_cancelled", transfer.transfer_bill_no)

    def decide_next(self, mchid: str, fail_reason: str) -> None:
        """Let the next transfer that is worked off fail for this reason."""
        self._next_fate.put(mchid, "next", fail_reason)

    def take_fate(self, mchid: str) -> str:
        """Return why the next transfer is to fail, empty when it is not."""
        reason = self._next_fate.find(mchid, "next") or ""
        self._next_fate.drop(mchid, "next")
        return reason

    def end(self, transfer: Transfer, state: TransferState, at: float, *, reason: str = "") -> None:
        """Bring a transfer to its end and tell the merchant."""
        if transfer.state in _OVER:
            return
        transfer.state, transfer.fail_reason, transfer.updated_at = state, reason, at
        if state is not TransferState.SUCCESS:
            self._move(transfer, transfer.amount, "商家转账退回", at)
        self.save(transfer)
        self.pay.note(transfer.appid, transfer.openid)
        self.pay.notices.post(
            self.pay.merchants.get(transfer.mchid),
            transfer.notify_url,
            "MCHTRANSFER.BILL.FINISHED",
            transfer.notice(),
            at=at,
            original_type="mch_payment",
            summary="商家转账单据终态通知",
        )

    def _plan_end(self, transfer: Transfer, at: float) -> None:
        takes_s = self.pay.merchants.get(transfer.mchid).transfer_takes_s
        self.pay.agenda.plan(at + takes_s, "transfer_paid", transfer.transfer_bill_no)

    def _move(self, transfer: Transfer, amount: int, name: str, at: float) -> None:
        self.pay.funds.move(
            transfer.mchid,
            amount,
            at=at,
            name=name,
            kind=name,
            ref=transfer.transfer_bill_no,
            voucher=transfer.out_bill_no,
            purse=Purse.OPERATION,
        )


@when("transfer_paid")
def _paid(pay: Pay, ref: str, at: float) -> None:
    transfers = Transfers(pay)
    transfer = transfers.find_by_number(ref)
    if transfer is not None and transfer.state is not TransferState.CANCELING:
        reason = transfers.take_fate(transfer.mchid)
        transfers.end(transfer, TransferState.FAIL if reason else TransferState.SUCCESS, at, reason=reason)


@when("transfer_overdue")
def _overdue(pay: Pay, ref: str, at: float) -> None:
    transfers = Transfers(pay)
    transfer = transfers.find_by_number(ref)
    if transfer is not None and transfer.state is TransferState.WAIT_USER_CONFIRM:
        transfers.end(transfer, TransferState.FAIL, at, reason="OVERDUE_CLOSE")


@when("transfer_cancelled")
def _cancelled(pay: Pay, ref: str, at: float) -> None:
    transfers = Transfers(pay)
    transfer = transfers.find_by_number(ref)
    if transfer is not None and transfer.state is TransferState.CANCELING:
        transfers.end(transfer, TransferState.CANCELLED, at, reason="MCH_CANCEL")
