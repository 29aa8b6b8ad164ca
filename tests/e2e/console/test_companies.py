"""Company accounts in the console: what calls made, a contact added, two taken together and apart again."""

from uuid import uuid4

from playwright.async_api import Page, expect

from support.processes import eventually

from .conftest import Console, confirm, pick
from .test_phone import OVERHANG


async def test_a_company_is_found_completed_merged_and_parted(page: Page, console: Console) -> None:
    mark = uuid4().hex[:8]
    name, other, who = f"青山{mark}茶业有限公司", f"青山{mark}茶业（集团）", f"company-{mark}"
    console.track(
        {"type": "identify", "userId": who, "traits": {"name": f"齐{mark}"}},
        {
            "type": "group",
            "userId": who,
            "groupId": f"C-{mark}",
            "traits": {"name": name, "industry": "茶", "role": "采购"},
        },
    )
    found = f"/api/v1/companies?q={mark}"
    eventually(
        lambda: console.platform.ask("GET", found).json()["total"] >= 1, what="the company to be there"
    )
    await page.goto(f"/companies?q={mark}")
    await page.get_by_role("link", name=name).click()
    contacts = page.get_by_test_id("contacts")
    await expect(contacts.get_by_role("row", name=f"齐{mark}")).to_contain_text("采购")
    await expect(page.get_by_test_id("company-attributes")).to_contain_text("industry茶")

    await page.get_by_role("button", name="添加联系人").click()
    form = page.get_by_role("dialog")
    await pick(page, form.get_by_label("客户", exact=True), "林知夏")
    await form.get_by_role("checkbox", name="主要联系人").check()
    await form.get_by_role("button", name="保存").click()
    await expect(contacts.get_by_role("row", name="林知夏")).to_contain_text("主要联系人")

    made = console.platform.ask("POST", "/api/v1/companies", {"name": other})
    assert made.is_success, made.text
    await page.get_by_role("tab", name="可能重复").click()
    pair = page.get_by_test_id("alike-pair").filter(has_text=other)
    await pair.first.get_by_role("button", name=f"并入「{name}」").click()
    await confirm(page, "合并")
    merged = page.get_by_test_id("company-merged")
    await expect(merged).to_contain_text(other)
    await merged.get_by_role("button", name="撤销合并").first.click()
    await confirm(page, "撤销合并")
    await expect(pair.first).to_be_visible()

    await page.set_viewport_size({"width": 390, "height": 844})
    await page.get_by_role("tab", name="联系人").click()
    await expect(contacts).to_be_visible()
    assert await page.evaluate(OVERHANG.replace("screen.width", "innerWidth")) <= 0


async def test_a_segment_of_companies_is_built_and_looked_at(page: Page, console: Console) -> None:
    mark = uuid4().hex[:8]
    for number, plan in enumerate(("gold", "free")):
        made = console.platform.ask(
            "POST", "/api/v1/companies", {"name": f"云{number}{mark}", "attributes": {f"plan{mark}": plan}}
        )
        assert made.is_success, made.text
    await page.goto("/companies?tab=segments")
    await page.get_by_role("link", name="新建企业分群").first.click()
    await page.get_by_label("分群名称").fill(f"金牌{mark}")
    await page.get_by_role("button", name="添加条件").click()
    await page.get_by_role("menuitem", name="企业属性").click()
    await pick(page, page.get_by_role("combobox", name="属性", exact=True), f"plan{mark}")
    await page.get_by_role("combobox", name="值", exact=True).fill("gold")
    fitting = page.get_by_test_id("accounts-fitting")
    await expect(fitting.get_by_role("link")).to_have_text([f"云0{mark}"])
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_test_id("account-members").get_by_role("link")).to_have_text([f"云0{mark}"])

    await page.set_viewport_size({"width": 390, "height": 844})
    assert await page.evaluate(OVERHANG.replace("screen.width", "innerWidth")) <= 0
