"""Importing a list at the console, from the file to the person."""

from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from .conftest import confirm
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def test_a_list_is_uploaded_tried_and_imported(page: Page, phone: Page, tmp_path: Path) -> None:
    mark = uuid4().hex[:8]
    file = tmp_path / f"门店会员{mark}.csv"
    rows = f"会员号;姓名;会员等级;标签\nM{mark};周小舟;金卡;茶友、常客\n;无名;银卡;\n"
    file.write_bytes(rows.encode("gbk"))
    await page.goto("/imports")
    await page.get_by_role("link", name="导入文件").click()

    await page.get_by_test_id("import-upload").locator("input[type=file]").set_input_files(file)

    await expect(page.get_by_test_id("import-file")).to_contain_text("GB 18030")
    preview = page.get_by_test_id("import-preview")
    await expect(preview).to_contain_text(f"M{mark}")
    await expect(preview).to_contain_text("标签 · 茶友")
    await expect(preview).to_contain_text("没有任何标识")
    await page.get_by_role("button", name="试运行").click()
    tried = page.get_by_test_id("import-tried")
    await expect(tried.get_by_role("link", name="下载被拒的行")).to_be_visible()
    await expect(tried.locator("div", has=page.get_by_text("新用户", exact=True)).last).to_contain_text("1")
    await page.get_by_role("button", name="开始导入").click()
    await confirm(page, "开始导入")
    await expect(page.get_by_test_id("import-done").get_by_role("link", name="查看用户")).to_be_visible()

    await page.goto("/imports")
    runs = page.get_by_test_id("import-run").filter(has_text=mark)
    await expect(runs.filter(has_text="已完成")).to_have_count(2)
    await phone.goto("/imports/new")
    await phone.get_by_test_id("import-upload").locator("input[type=file]").set_input_files(file)
    await expect(phone.get_by_test_id("import-columns")).to_contain_text("会员等级")
    await expect(phone.get_by_test_id("import-preview")).to_contain_text(f"M{mark}")
    assert await phone.evaluate(OVERHANG) <= 0
