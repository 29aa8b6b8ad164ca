"""员工: the first sync brings them by itself; they go offline; rules of alerts are kept."""

import pytest
from playwright.async_api import Page, expect

from support.processes import eventually

from .conftest import Console

pytestmark = pytest.mark.browser

STAFF = 4


def connected_company(console: Console) -> str:
    """Make a company without customers, so that no figure of the brand changes, and connect it."""
    made = console.sandbox.ask("POST", "/corps", name="青山茶食", staff=STAFF)["corp"]
    agent = console.sandbox.ask(
        "POST", f"/corps/{made['corpid']}/agents", name="全域助手", calls_customers=True
    )
    connected = console.send(
        "/api/v1/wecom/corps",
        {
            "corp_id": made["corpid"],
            "agent_id": agent["agentid"],
            "app_secret": agent["secret"],
            "name": "员工测试企业",
            "base_url": f"{console.sandbox.url}/qyapi.weixin.qq.com",
        },
    )
    return str(connected["corp"]["id"])


async def test_staff_come_by_the_first_sync_and_go_offline(page: Page, console: Console) -> None:
    """EV-3, CW-12."""
    corp = connected_company(console)

    def synced() -> bool:
        found = console.platform.ask("GET", f"/api/v1/staff/corps/{corp}/syncs").json()["items"]
        return {one["kind"] for one in found if one["state"] == "done"} >= {"staff", "customers"}

    eventually(synced, what="the first syncs to end")
    members = console.platform.ask("GET", "/api/v1/staff", corp=corp).json()["items"]
    assert len(members) == STAFF
    name = members[0]["name"]

    await page.goto("/staff")
    # Members of other companies may bear the name as well.
    own = page.locator(f'a[href*="{members[0]["id"]}"]')
    row = page.get_by_test_id("staff-table").get_by_role("row").filter(has=own)
    switch = row.get_by_role("switch", name=f"{name}：接待新客户")
    await expect(switch).to_be_checked()
    await switch.click()
    await expect(switch).not_to_be_checked()
    await row.get_by_role("link", name=name).click()
    card = page.get_by_test_id("member-card")
    await expect(card).to_contain_text("已激活")
    await expect(card.get_by_role("switch")).not_to_be_checked()
    shown = console.platform.ask("GET", f"/api/v1/staff/members/{members[0]['id']}").json()
    assert (shown["is_online"], shown["is_available"]) == (False, False)

    await page.goto("/staff?tab=syncs")
    panel = page.get_by_role("region", name="员工测试企业").get_by_test_id("sync-staff")
    await expect(panel.get_by_test_id("sync-run").first).to_contain_text("已完成")
    await panel.get_by_role("button", name="重新同步").click()
    await expect(panel.get_by_text("之前的 1 次")).to_be_visible()

    await page.goto("/staff?tab=alerts")
    rules = page.get_by_test_id("alert-rules").filter(has_text="员工测试企业")
    await rules.get_by_label("一天删除多少位算异常").fill("3")
    await rules.get_by_role("button", name="保存").click()
    await expect(rules.get_by_role("button", name="已保存")).to_be_visible()
    kept = console.platform.ask("GET", f"/api/v1/staff/corps/{corp}/alert-rules").json()
    assert kept["deletions_per_day"] == 3

    await page.goto("/customers?status=transferred")
    await expect(page.get_by_text("没有符合条件的客户")).to_be_visible()
