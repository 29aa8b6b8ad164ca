"""Combined orders: all or none (pay.md 7)."""

from typing import Any

from contract.sandbox.pay.merchant import PAYER, Mailbox, Merchant
from contract.sandbox.rig import Rig

ROOT = "/v3/combine-transactions"


def sub(mchid: str, number: str, total: int) -> dict[str, Any]:
    return {
        "mchid": mchid,
        "attach": "店",
        "amount": {"total_amount": total, "currency": "CNY"},
        "out_trade_no": number,
        "description": "茶",
    }


def combined(merchant: Merchant, number: str, subs: list[dict[str, Any]], url: str) -> dict[str, Any]:
    return {
        "combine_appid": merchant.appid,
        "combine_mchid": merchant.mchid,
        "combine_out_trade_no": number,
        "sub_orders": subs,
        "combine_payer_info": {"openid": merchant.rig.openid(PAYER)},
        "notify_url": url,
    }


async def test_two_orders_are_paid_together(rig: Rig, merchant: Merchant, mailbox: Mailbox) -> None:
    other = await rig.control("POST", "/merchants", {"name": "第二家", "fee_bps": 0})
    subs = [sub(merchant.mchid, "part-0001", 1000), sub(other["mchid"], "part-0002", 500)]
    answer = await merchant.call("POST", f"{ROOT}/jsapi", combined(merchant, "whole-0001", subs, mailbox.url))
    sheet = await rig.act(PAYER, "pay", mark=answer.json["prepay_id"])
    await rig.settled()
    found = (await merchant.call("GET", f"{ROOT}/out-trade-no/whole-0001")).json

    assert (sheet["total"], sheet["state"]) == (1500, "SUCCESS")
    assert mailbox.opened(merchant, "TRANSACTION.SUCCESS") == [found]
    assert [one["trade_state"] for one in found["sub_orders"]] == ["SUCCESS", "SUCCESS"]
    assert found["sub_orders"][1]["amount"] == {
        "total_amount": 500, "currency": "CNY", "payer_amount": 500, "payer_currency": "CNY",
    }  # fmt: skip
    ids = {found["combine_transaction_id"], *(one["transaction_id"] for one in found["sub_orders"])}
    assert len(ids) == 1 + len(found["sub_orders"])
    assert found["combine_payer_info"] == {"openid": rig.openid(PAYER)}
    theirs = await rig.control("GET", f"/merchants/{other['mchid']}/balance")
    assert ((await merchant.balance())["BASIC"]["total"], theirs["BASIC"]["total"]) == (994, 500)


async def test_closing_needs_all_orders(merchant: Merchant) -> None:
    subs = [sub(merchant.mchid, f"part-001{one}", 100) for one in range(2)]
    await merchant.call("POST", f"{ROOT}/jsapi", combined(merchant, "whole-0002", subs, "http://a.example"))
    url = f"{ROOT}/out-trade-no/whole-0002/close"
    names = [{"mchid": merchant.mchid, "out_trade_no": one["out_trade_no"]} for one in subs]
    part = await merchant.call("POST", url, {"combine_appid": merchant.appid, "sub_orders": names[:1]})
    whole = await merchant.call("POST", url, {"combine_appid": merchant.appid, "sub_orders": names})

    assert (part.code, whole.status) == ("INVALID_REQUEST", 204)
    states = (await merchant.call("GET", f"{ROOT}/out-trade-no/whole-0002")).json["sub_orders"]
    assert {one["trade_state"] for one in states} == {"CLOSED"}


async def test_what_is_refused(merchant: Merchant) -> None:
    async def code(number: str, subs: list[dict[str, Any]]) -> str:
        body = combined(merchant, number, subs, "http://a.example")
        return (await merchant.call("POST", f"{ROOT}/jsapi", body)).code

    first = sub(merchant.mchid, "part-0021", 100)
    assert await code("whole-0003", [first]) == "PARAM_ERROR"
    assert await code("whole-0003", [first, first]) == "INVALID_REQUEST"
    assert await code("whole-0003", [first, sub("1900000000", "part-0022", 1)]) == "MCH_NOT_EXISTS"
    await merchant.place("part-0023")
    assert await code("whole-0003", [first, sub(merchant.mchid, "part-0023", 1)]) == "OUT_TRADE_NO_USED"
    missing = await merchant.call("GET", f"{ROOT}/out-trade-no/whole-0003")
    assert (missing.status, missing.code) == (404, "ORDER_NOT_EXIST")
