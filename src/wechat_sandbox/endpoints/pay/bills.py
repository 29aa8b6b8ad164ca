"""Asking for bills, and fetching them. Source: bill pages (2025-01), mirror of the download page."""

from datetime import date, datetime, timedelta

from wechat_sandbox.clock import CHINA
from wechat_sandbox.endpoints.pay.registry import PAY, Answer, File, PayCall
from wechat_sandbox.state.pay.bills import Bills
from wechat_sandbox.state.pay.downloads import BILL_PATH, Downloads
from wechat_sandbox.state.pay.funds import Purse
from wechat_sandbox.state.pay.sharing_bill import sharing_bill
from wechat_sandbox.wire.pay import crypto
from wechat_sandbox.wire.pay.errors import PayError, param_error

READY_HOUR = 10
_KEPT_DAYS = 92
_KINDS = ("ALL", "SUCCESS", "REFUND")
_RARE_KINDS = ("RECHARGE_REFUND", "ALL_SPECIAL", "SUC_SPECIAL", "REF_SPECIAL")


@PAY.get("/v3/bill/tradebill")
def trade_bill(call: PayCall) -> Answer:
    """What was paid and refunded on a day."""
    since, until = _day(call)
    kind = call.query.get("bill_type", "ALL")
    if kind in _RARE_KINDS:
        raise PayError("NO_STATEMENT_EXIST")  # Nothing of the kind happens here.
    if kind not in _KINDS:
        raise param_error("/query/bill_type", kind, "不在可选值之内")
    return _offer(call, Bills(call.pay).trades(call.merchant.mchid, kind, since, until))


@PAY.get("/v3/bill/fundflowbill")
def fund_flow_bill(call: PayCall) -> Answer:
    """How the money of an account moved on a day."""
    since, until = _day(call)
    name = call.query.get("account_type", "BASIC")
    if name not in list(Purse):
        raise param_error("/query/account_type", name, "不在可选值之内")
    return _offer(call, Bills(call.pay).flows(call.merchant.mchid, Purse(name), since, until))


@PAY.get("/v3/profitsharing/bills")
def profit_sharing_bill(call: PayCall) -> Answer:
    """What was given to others on a day."""
    since, until = _day(call)
    return _offer(call, sharing_bill(call.pay, call.merchant.mchid, since, until))


@PAY.get(BILL_PATH)
def download(call: PayCall) -> Answer:
    """The file behind a download address; the answer is not signed."""
    content, kind = Downloads(call.pay).fetch(call.merchant.mchid, call.needed("token"), call.at)
    return File(content=content, content_type=kind)


def _day(call: PayCall) -> tuple[float, float]:
    """Return the day a bill is of; it is ready at ten the day after."""
    text = call.needed("bill_date")
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise param_error("/query/bill_date", text, "日期格式应为 yyyy-MM-dd") from error
    if len(text) != 10:
        raise param_error("/query/bill_date", text, "日期格式应为 yyyy-MM-dd")
    begin = datetime(day.year, day.month, day.day, tzinfo=CHINA)
    end = begin + timedelta(days=1)
    today = datetime.fromtimestamp(call.at, CHINA).date()
    if day >= today or day < today - timedelta(days=_KEPT_DAYS):
        raise PayError("INVALID_REQUEST", "账单日期应为三个月内的过去日期")
    if call.at < (end + timedelta(hours=READY_HOUR)).timestamp():
        raise PayError("STATEMENT_CREATING", "账单在次日上午十点后可以获取")
    return begin.timestamp(), end.timestamp()


def _offer(call: PayCall, content: bytes | None) -> dict[str, str]:
    tar_type = call.query.get("tar_type", "")
    if tar_type not in ("", "GZIP"):
        raise param_error("/query/tar_type", tar_type, "不在可选值之内")
    if content is None:
        raise PayError("NO_STATEMENT_EXIST")
    token = Downloads(call.pay).offer(
        call.merchant.mchid, content, "text/plain; charset=utf-8", at=call.at, zipped=bool(tar_type)
    )
    address = f"{call.base_url}{BILL_PATH}?token={token}"
    return {
        "hash_type": "SHA1",
        "hash_value": crypto.sha1_hex(content),
        "download_url": address + (f"&tartype={tar_type.lower()}" if tar_type else ""),
    }
