"""微信支付 in the console: a merchant connected by hand, money taken and given back, differences settled."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Page, expect

from support.processes import eventually

from .conftest import Console
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def keys(console: Console) -> dict[str, Any]:
    """What the merchant console gives a merchant."""
    [first] = console.sandbox.ask("GET", "/merchants")["items"]
    found: dict[str, Any] = console.sandbox.ask("GET", f"/merchants/{first['mchid']}")
    return found


@pytest.fixture(scope="module")
def merchant(console: Console, keys: dict[str, Any]) -> dict[str, Any]:
    """The connected merchant: connecting the same one again only replaces its keys."""
    connected: dict[str, Any] = console.send(
        "/api/v1/payments/merchants",
        {
            "mch_id": keys["mchid"],
            "name": "青山收银",
            "serial_no": keys["serial_no"],
            "private_key": keys["private_key_pem"],
            "api_v3_key": keys["api_v3_key"],
            "public_key_id": keys["public_key_id"],
            "public_key": keys["public_key_pem"],
            "base_url": console.sandbox.url,
        },
    )
    return connected


def bought(console: Console, merchant: dict[str, Any], amount: int) -> dict[str, Any]:
    """Have a person pay, and return the payment with its attempts once we know of it."""
    payment = console.send(
        "/api/v1/payments",
        {
            "key": f"SO-{uuid.uuid4().hex[:12]}",
            "merchant_id": merchant["id"],
            "amount_minor": amount,
            "description": "明前龙井",
            "expires_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
        },
    )
    started = console.send(
        f"/api/v1/payments/{payment['id']}/attempts", {"kind": "native", "app_id": console.sandbox.appid}
    )
    console.sandbox.act(0, "pay", mchid=merchant["mch_id"], out_trade_no=started["attempt"]["out_trade_no"])

    def paid() -> dict[str, Any] | None:
        detail: dict[str, Any] = console.platform.ask("GET", f"/api/v1/payments/{payment['id']}").json()
        return detail if detail["payment"]["state"] == "paid" else None

    found: dict[str, Any] = eventually(paid, what="the payment to be known as paid")
    return found


async def test_a_merchant_is_connected_by_hand_and_checked(
    page: Page, console: Console, keys: dict[str, Any]
) -> None:
    await page.goto("/payments")
    await page.get_by_role("button", name="接入商户号").first.click()
    form = page.get_by_role("dialog")
    await form.get_by_label("商户号", exact=False).first.fill("12")
    await form.get_by_label("APIv3 密钥").fill(keys["api_v3_key"])
    await form.get_by_label("商户证书序列号").fill(keys["serial_no"])
    await form.get_by_label("商户私钥").fill(keys["private_key_pem"])
    await form.get_by_label("公钥 ID").fill(keys["public_key_id"])
    await form.get_by_label("公钥内容").fill(keys["public_key_pem"])
    await form.get_by_label("接口地址").fill(console.sandbox.url)
    await form.get_by_role("button", name="接入", exact=True).click()
    await expect(form).to_contain_text("商户号是 8 到 10 位数字")

    await form.get_by_label("商户号", exact=False).first.fill(keys["mchid"])
    await form.get_by_role("button", name="接入", exact=True).click()
    await expect(form).to_have_count(0)

    await page.get_by_role("tab", name="商户号").click()
    card = page.get_by_test_id("merchant")
    await expect(card).to_contain_text(keys["mchid"])
    await expect(card).to_contain_text("/callbacks/pay/")
    await page.get_by_test_id("connection-check").get_by_role("button", name="检查").click()
    checks = page.get_by_test_id("channel-checks")
    await expect(checks).to_contain_text("商户签名正确")
    await expect(page.get_by_test_id("connection-check")).to_contain_text("没有发现问题")


async def test_a_payment_is_found_by_its_number_and_given_back_in_part(
    page: Page, console: Console, merchant: dict[str, Any]
) -> None:
    detail = bought(console, merchant, 1990)
    transaction = detail["attempts"][0]["transaction_id"]

    await page.goto("/payments")
    await page.get_by_label("完整单号").fill(transaction)
    table = page.get_by_test_id("payments-table")
    await expect(table.get_by_role("row")).to_have_count(2)
    await expect(table).to_contain_text("¥19.90")
    await table.get_by_role("link", name="明前龙井").click()

    await expect(page.get_by_test_id("attempts-table")).to_contain_text(transaction)
    await expect(page.get_by_test_id("notices-table")).to_contain_text("TRANSACTION.SUCCESS")
    await page.get_by_role("button", name="退款", exact=False).first.click()
    form = page.get_by_role("dialog")
    amount = form.get_by_label("退款金额（元）")
    await expect(amount).to_have_value("19.90")
    await amount.fill("19.91")
    await expect(form.get_by_role("alert")).to_contain_text("最多可退 ¥19.90")
    await amount.fill("0.29")
    await form.get_by_label("退款原因").fill("少发一包")
    await form.get_by_role("button", name="确认退款 ¥0.29").click()
    await expect(form).to_have_count(0)

    refunds = page.get_by_test_id("refunds-table")
    await expect(refunds).to_contain_text("少发一包")
    await expect(refunds).to_contain_text("已到账")
    facts = page.get_by_test_id("payment-facts")
    await expect(facts).to_contain_text("¥19.61")

    await page.goto(f"/payments?tab=refunds&number={detail['payment']['key']}")
    row = page.get_by_test_id("refunds-table").get_by_role("row").nth(1)
    await expect(row).to_contain_text("¥0.29")


async def test_a_difference_is_explained_settled_and_downloaded(
    page: Page, console: Console, merchant: dict[str, Any]
) -> None:
    number = f"42{uuid.uuid4().int % 10**18}"
    with console.platform.database() as database:
        database.execute(
            "INSERT INTO payment_difference (tenant_id, id, merchant_id, bill, day, kind, entry, number, "
            "own_number, bill_minor, state, found_at, updated_at) SELECT tenant_id, %s, id, 'trade', "
            "'2026-01-02', 'not_in_ledger', 'payment', %s, 'POS-7', 8800, 'open', now(), now() "
            "FROM pay_merchant WHERE mch_id = %s",
            (uuid.uuid4().int % 2**62, number, merchant["mch_id"]),
        )

    await page.goto("/payments?tab=bills")
    row = page.get_by_test_id("differences-table").get_by_role("row").filter(has_text=number)
    await expect(row).to_contain_text("支付：本系统没有")
    await expect(row).to_contain_text("¥88.00")
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="下载").click()
    saved = await (await downloading.value).path()
    assert f"{number}\t,POS-7\t,,88.00,open" in saved.read_text(encoding="utf-8-sig")

    await row.get_by_role("button", name="标记为已处理").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("处理说明").fill("门店 POS 收的")
    await form.get_by_role("button", name="标记为已处理").click()
    await expect(row).to_have_count(0)
    await page.goto("/payments?tab=bills&difference=resolved")
    await expect(row).to_contain_text("门店 POS 收的")


async def test_payments_fit_a_phone(phone: Page, console: Console, merchant: dict[str, Any]) -> None:
    detail = bought(console, merchant, 5)
    shown = {
        f"/payments/{detail['payment']['id']}": "notices-table",
        "/payments": "payments-table",
        "/payments?tab=bills": "differences-table",
        "/payments?tab=merchants": "merchant",
    }
    for path, what in shown.items():
        await phone.goto(path)
        await expect(
            phone.get_by_test_id(what).or_(phone.get_by_text("没有待处理的差异")).first
        ).to_be_visible()
        assert await phone.evaluate(OVERHANG) <= 0, path
