"""Electronic receipts of transfers: asked for, made a moment later, fetched as a PDF."""

import hashlib
from dataclasses import dataclass
from typing import Any

from wechat_sandbox.clock import china_time
from wechat_sandbox.endpoints.pay.registry import PAY, Answer, File, PayCall
from wechat_sandbox.state.pay.downloads import Downloads
from wechat_sandbox.state.pay.pay import Pay
from wechat_sandbox.state.pay.transfers import Transfer, Transfers, TransferState
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.pay.errors import PayError
from wechat_sandbox.wire.pay.fields import Text

_ROOT = "/v3/fund-app/mch-transfer/elecsign"
_FILE = "/v3/transferdownload/signfile"
_TAKES_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One receipt that was asked for."""

    transfer_bill_no: str
    asked_at: float


@PAY.post(f"{_ROOT}/out-bill-no", {"out_bill_no!": Text(max=32)})
def ask(call: PayCall) -> Answer:
    """Ask for the receipt of a transfer that was paid."""
    return _ask(call, Transfers(call.pay).find(call.merchant.mchid, call.body["out_bill_no"]))


@PAY.post(f"{_ROOT}/transfer-bill-no", {"transfer_bill_no!": Text(max=64)})
def ask_by_platform_number(call: PayCall) -> Answer:
    """The same by the platform's number."""
    return _ask(call, Transfers(call.pay).find_by_number(call.body["transfer_bill_no"]))


@PAY.get(_ROOT + "/out-bill-no/{out_bill_no}")
def query(call: PayCall) -> Answer:
    """Whether a receipt is ready, and where it is."""
    return _show(call, Transfers(call.pay).find(call.merchant.mchid, call.params["out_bill_no"]))


@PAY.get(_ROOT + "/transfer-bill-no/{transfer_bill_no}")
def query_by_platform_number(call: PayCall) -> Answer:
    """The same by the platform's number."""
    return _show(call, Transfers(call.pay).find_by_number(call.params["transfer_bill_no"]))


@PAY.get(_FILE)
def download(call: PayCall) -> Answer:
    """The receipt itself; the answer is not signed."""
    content, kind = Downloads(call.pay).fetch(call.merchant.mchid, call.needed("token"), call.at)
    return File(content=content, content_type=kind)


def offer_file(call: PayCall, content: bytes) -> dict[str, Any]:
    """Return where a receipt is fetched, and its hash."""
    token = Downloads(call.pay).offer(call.merchant.mchid, content, "application/pdf", at=call.at)
    return {
        "hash_type": "SHA256",
        "hash_value": hashlib.sha256(content).hexdigest(),
        "download_url": f"{call.base_url}{_FILE}?token={token}",
    }


def receipt_file(number: str, amount: int, at: float) -> bytes:
    """Return a receipt as a PDF of one page."""
    text = f"WeChat Pay sandbox  transfer {number}  CNY {amount / 100:.2f}  {china_time(at)}"
    stream = f"BT /F1 12 Tf 40 780 Td ({text}) Tj ET"
    objects = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        " /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    body, places = "%PDF-1.4\n", []
    for number_of, content in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number_of} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    end += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return (body + end).encode()


def _shelf(pay: Pay) -> "Shelf[Receipt]":
    return Shelf(pay.store, "pay_receipt", Receipt)


def _ask(call: PayCall, transfer: Transfer | None) -> dict[str, Any]:
    transfer = _checked(call, transfer)
    if transfer.state is not TransferState.SUCCESS:
        raise PayError("INVALID_REQUEST", "转账成功后才可以申请电子回单")
    shelf = _shelf(call.pay)
    receipt = shelf.find(call.merchant.mchid, transfer.transfer_bill_no)
    if receipt is None:
        receipt = Receipt(transfer_bill_no=transfer.transfer_bill_no, asked_at=call.at)
        shelf.put(call.merchant.mchid, transfer.transfer_bill_no, receipt)
    return {"state": "GENERATING", "create_time": china_time(receipt.asked_at)}


def _show(call: PayCall, transfer: Transfer | None) -> dict[str, Any]:
    transfer = _checked(call, transfer)
    receipt = _shelf(call.pay).find(call.merchant.mchid, transfer.transfer_bill_no)
    if receipt is None:
        raise PayError("NOT_FOUND", "未申请电子回单")
    ready = call.at >= receipt.asked_at + _TAKES_S
    times = {"create_time": china_time(receipt.asked_at), "update_time": china_time(call.at)}
    if not ready:
        return {"state": "GENERATING"} | times
    content = receipt_file(transfer.transfer_bill_no, transfer.amount, transfer.updated_at)
    return {"state": "FINISHED"} | times | offer_file(call, content)


def _checked(call: PayCall, transfer: Transfer | None) -> Transfer:
    if transfer is None or transfer.mchid != call.merchant.mchid:
        raise PayError("NOT_FOUND", "转账单不存在")
    return transfer
