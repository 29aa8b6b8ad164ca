"""Subsidies (营销补差): we pay another merchant for a merchant coupon that was used there, and get it back.

Source: pay.weixin.qq.com, 商家券 / 营销补差 (read 2026). Each carries a number of ours and may be repeated
unchanged. Amounts are fen.
"""

from typing import Final

from quanyu.wechat.pay.declaring import Answer, Request, pay_call


class SubsidyRequest(Request, frozen=True):
    stock_id: str
    coupon_code: str
    transaction_id: str  # The payment the coupon was used with, of the payee.
    payer_merchant: str
    payee_merchant: str
    amount: int
    description: str
    out_subsidy_no: str


class Subsidy(Answer, frozen=True):
    """``status``: ACCEPTED, SUCCESS, FAIL, with a ``fail_reason`` then."""

    subsidy_receipt_id: str
    stock_id: str = ""
    coupon_code: str = ""
    transaction_id: str = ""
    payer_merchant: str = ""
    payee_merchant: str = ""
    amount: int = 0
    description: str = ""
    out_subsidy_no: str = ""
    status: str = ""
    fail_reason: str = ""
    success_time: str = ""
    create_time: str = ""


class SubsidiesRequest(Request, frozen=True):
    stock_id: str
    coupon_code: str
    out_subsidy_no: str = ""


class SubsidiesAnswer(Answer, frozen=True):
    pay_receipt_list: tuple[Subsidy, ...] = ()


class ByReceipt(Request, frozen=True):
    subsidy_receipt_id: str


class ReturnRequest(Request, frozen=True):
    stock_id: str
    coupon_code: str
    transaction_id: str
    refund_id: str  # The platform's number of the refund of that payment.
    payer_merchant: str
    payee_merchant: str
    amount: int
    description: str
    out_subsidy_return_no: str


class Return(Answer, frozen=True):
    """Money that came back; ``status`` as of a subsidy."""

    subsidy_return_receipt_id: str = ""
    subsidy_receipt_id: str = ""  # Of the payment that came back.
    stock_id: str = ""
    coupon_code: str = ""
    transaction_id: str = ""
    refund_id: str = ""
    payer_merchant: str = ""
    payee_merchant: str = ""
    amount: int = 0
    description: str = ""
    out_subsidy_return_no: str = ""
    status: str = ""
    fail_reason: str = ""
    return_done_time: str = ""
    return_create_time: str = ""


class ByReturn(Request, frozen=True):
    subsidy_return_receipt_id: str


_BASE: Final = "/v3/marketing/busifavor/subsidy"
PAY: Final = pay_call("POST", f"{_BASE}/pay-receipts", SubsidyRequest, Subsidy)
SUBSIDIES: Final = pay_call("GET", f"{_BASE}/pay-receipts", SubsidiesRequest, SubsidiesAnswer)
SUBSIDY: Final = pay_call("GET", f"{_BASE}/pay-receipts/{{subsidy_receipt_id}}", ByReceipt, Subsidy)
RETURN: Final = pay_call("POST", f"{_BASE}/return-receipts", ReturnRequest, Return)
RETURNED: Final = pay_call("GET", f"{_BASE}/return-receipts/{{subsidy_return_receipt_id}}", ByReturn, Return)
