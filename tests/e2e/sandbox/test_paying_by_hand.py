"""A person pays on the sandbox's cashier: from an H5 address, a Native code, what waits on the phone."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from contract.sandbox.pay.merchant import Merchant
from contract.sandbox.rig import Rig
from e2e.sandbox.test_playing_by_hand import pick_up, scan

pytestmark = pytest.mark.browser

PERSON = 4
ROOT = "/v3/pay/transactions"


@pytest.fixture
async def merchant(rig: Rig) -> Merchant:
    (known,) = (await rig.control("GET", "/merchants"))["items"]
    return Merchant(rig, await rig.control("GET", f"/merchants/{known['mchid']}"))


def order(merchant: Merchant, number: str, **more: Any) -> dict[str, Any]:
    body = merchant.order(number, 6800, **more)
    return {name: value for name, value in body.items() if value is not None}


async def type_password(page: Page) -> None:
    for digit in "123456":
        await page.get_by_role("button", name=digit, exact=True).click()


async def test_an_h5_order_is_paid_and_leads_back(
    page: Page, rig: Rig, merchant: Merchant, tmp_path: Path
) -> None:
    scene = {"payer_client_ip": "127.0.0.1", "h5_info": {"type": "Wap"}}
    placed = await merchant.call(
        "POST", f"{ROOT}/h5", order(merchant, "tea-0001", payer=None, scene_info=scene)
    )
    await page.goto(f"{placed.json['h5_url']}&redirect_url={rig.sandbox.url}/sandbox/web/?thanks")
    await expect(page.locator(".pay-sum")).to_have_text("¥68.00")
    await page.get_by_label("谁来付款").select_option(str(PERSON))
    await page.screenshot(path=tmp_path / "cashier.png")
    await page.get_by_role("button", name="立即支付").click()
    await type_password(page)
    await expect(page.get_by_role("status")).to_have_text("支付成功")
    paid = await merchant.query("tea-0001")
    await page.get_by_role("button", name="返回商家").click()
    await page.wait_for_url("**/sandbox/web/?thanks*")

    assert (paid["trade_state"], paid["payer"]["openid"]) == ("SUCCESS", rig.openid(PERSON))


async def test_a_native_code_is_scanned_with_the_phone(page: Page, rig: Rig, merchant: Merchant) -> None:
    placed = await merchant.call("POST", f"{ROOT}/native", order(merchant, "tea-0003", payer=None))
    await rig.act(PERSON, "follow")
    await pick_up(page, rig)
    await scan(page, placed.json["code_url"])
    await page.get_by_role("button", name="余额不足").click()
    await expect(page.locator(".sheet")).to_be_hidden()
    assert (await merchant.query("tea-0003"))["trade_state"] == "NOTPAY"
    await scan(page, placed.json["code_url"])
    await page.get_by_role("button", name="立即支付").click()
    await type_password(page)
    await expect(page.get_by_text("支付成功")).to_be_visible()

    assert (await merchant.query("tea-0003"))["trade_state"] == "SUCCESS"


async def test_what_waits_on_the_phone_is_paid_or_left(page: Page, rig: Rig, merchant: Merchant) -> None:
    payer = {"openid": rig.openid(PERSON)}
    placed = await merchant.call("POST", f"{ROOT}/jsapi", order(merchant, "tea-0004", payer=payer))
    assert placed.status == 200
    await rig.act(PERSON, "follow")
    await pick_up(page, rig)
    await page.get_by_role("button", name="键盘").click()
    for name in ("更多", "微信支付", "立即支付"):
        await page.get_by_role("button", name=name).first.click()
    await page.get_by_role("button", name="放弃支付").click()
    await expect(page.locator(".sheet")).to_be_hidden()

    (found,) = (await rig.control("GET", f"/merchants/{merchant.mchid}/orders"))["items"]
    assert [one["outcome"] for one in found["attempts"]] == ["cancel"]
