"""The former way to pay many people at once, closed to new merchants. Source: website tree (2026-08)."""

from dataclasses import dataclass
from typing import Any

from wechat_sandbox.clock import china_time
from wechat_sandbox.state.pay.agenda import when
from wechat_sandbox.state.pay.funds import Purse
from wechat_sandbox.state.pay.pay import Pay
from wechat_sandbox.state.pay.transfers import Transfers
from wechat_sandbox.state.shelf import Shelf


@dataclass(slots=True, kw_only=True)
class Detail:
    """One payment of a batch."""

    out_detail_no: str
    detail_id: str
    openid: str
    amount: int
    remark: str
    user_name: str = ""
    status: str = "INIT"
    fail_reason: str = ""


@dataclass(slots=True, kw_only=True)
class Batch:
    """One batch. Money in fen."""

    mchid: str
    appid: str
    out_batch_no: str
    batch_id: str
    name: str
    remark: str
    total_amount: int
    digest: str
    created_at: float
    updated_at: float
    details: list[Detail]
    scene_id: str = ""
    notify_url: str = ""
    status: str = "ACCEPTED"

    def sums(self, status: str) -> tuple[int, int]:
        """Return amount and number of the payments with a status."""
        found = [one.amount for one in self.details if one.status == status]
        return sum(found), len(found)

    def wire(self) -> dict[str, Any]:
        paid, paid_num = self.sums("SUCCESS")
        failed, failed_num = self.sums("FAIL")
        return {
            "mchid": self.mchid,
            "out_batch_no": self.out_batch_no,
            "batch_id": self.batch_id,
            "appid": self.appid,
            "batch_status": self.status,
            "batch_type": "API",
            "batch_name": self.name,
            "batch_remark": self.remark,
            "total_amount": self.total_amount,
            "total_num": len(self.details),
            "create_time": china_time(self.created_at),
            "update_time": china_time(self.updated_at),
            "success_amount": paid,
            "success_num": paid_num,
            "fail_amount": failed,
            "fail_num": failed_num,
            "transfer_scene_id": self.scene_id,
        }


class Batches:
    """All batches. Cheap to make."""

    def __init__(self, pay: Pay) -> None:
        self.pay = pay
        self._shelf = Shelf(pay.store, "pay_batch", Batch)
        self._by_id = Shelf(pay.store, "pay_batch_id", tuple[str, str])

    def find(self, mchid: str, out_batch_no: str) -> Batch | None:
        return self._shelf.find(mchid, out_batch_no)

    def find_by_id(self, batch_id: str) -> Batch | None:
        place = self._by_id.find("", batch_id)
        return None if place is None else self.find(*place)

    def accept(self, batch: Batch) -> None:
        """Take the money for all of it and begin."""
        self._move(batch, -batch.total_amount, "批量转账", batch.created_at)
        self._save(batch)
        self._by_id.put("", batch.batch_id, (batch.mchid, batch.out_batch_no))
        takes_s = self.pay.merchants.get(batch.mchid).transfer_takes_s
        self.pay.agenda.plan(batch.created_at + takes_s, "finish_batch", batch.batch_id)

    def finish(self, batch: Batch, at: float) -> None:
        """Pay everybody; what cannot be paid comes back."""
        transfers = Transfers(self.pay)
        for one in batch.details:
            one.fail_reason = transfers.take_fate(batch.mchid)
            one.status = "FAIL" if one.fail_reason else "SUCCESS"
        batch.status, batch.updated_at = "FINISHED", at
        failed, failed_num = batch.sums("FAIL")
        self._move(batch, failed, "批量转账退回", at)
        self._save(batch)
        paid, paid_num = batch.sums("SUCCESS")
        content = {
            "out_batch_no": batch.out_batch_no,
            "batch_id": batch.batch_id,
            "batch_status": batch.status,
            "total_num": len(batch.details),
            "total_amount": batch.total_amount,
            "success_amount": paid,
            "success_num": paid_num,
            "fail_amount": failed,
            "fail_num": failed_num,
            "update_time": china_time(at),
        }
        self.pay.notices.post(
            self.pay.merchants.get(batch.mchid),
            batch.notify_url,
            "MCHTRANSFER.BATCH.FINISHED",
            content,
            at=at,
            original_type="mch_payment",
            summary="商家转账批次完成通知",
        )

    def _save(self, batch: Batch) -> None:
        self._shelf.put(batch.mchid, batch.out_batch_no, batch)

    def _move(self, batch: Batch, amount: int, name: str, at: float) -> None:
        self.pay.funds.move(
            batch.mchid,
            amount,
            at=at,
            name=name,
            kind=name,
            ref=batch.batch_id,
            voucher=batch.out_batch_no,
            purse=Purse.OPERATION,
        )


@when("finish_batch")
def _finish(pay: Pay, ref: str, at: float) -> None:
    batches = Batches(pay)
    batch = batches.find_by_id(ref)
    if batch is not None and batch.status != "FINISHED":
        batches.finish(batch, at)
