"""Watching an import that the command line started."""

from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from .conftest import Console, run_command
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser

MAP = """
kind = "people"
source = "crm"
time_zone = "Asia/Shanghai"
[time]
column = "since"
formats = ["%Y-%m-%d"]
[identifiers]
member_no = "member"
[traits]
level = "level"
"""
ROWS = "member,level,since\nM1,金卡,2024-05-01\nM2,银卡,2024-05-02\nM3,金卡,yesterday\n"


async def test_a_finished_import_shows_its_counts(
    page: Page, phone: Page, console: Console, tmp_path: Path
) -> None:
    # A dry run counts everything, and makes no people that other tests would meet.
    name = f"members-{uuid4().hex[:8]}.csv"
    (tmp_path / name).write_text(ROWS)
    (tmp_path / "members.toml").write_text(MAP)
    files = (str(tmp_path / name), "--map", str(tmp_path / "members.toml"))
    await run_command(console, "import", "people", *files, "--dry-run")
    await page.goto("/imports")

    run = page.get_by_test_id("import-run").filter(has_text=name)
    await expect(run).to_contain_text("已完成")
    await expect(run).to_contain_text("试读")
    await expect(run.locator("div", has=page.get_by_text("已读行数", exact=True)).last).to_contain_text(
        "3 / 3"
    )
    await expect(run.locator("div", has=page.get_by_text("被拒行数", exact=True)).last).to_contain_text("1")
    await expect(run.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "100")

    await phone.goto("/imports")
    await expect(phone.get_by_test_id("import-run").filter(has_text=name)).to_contain_text("下载被拒的行")
    assert await phone.evaluate(OVERHANG) <= 0


async def test_the_page_teaches_the_command(page: Page) -> None:
    await page.goto("/imports")

    await expect(page.get_by_text("quanyu import orders", exact=False)).to_be_visible()


async def test_an_import_is_taken_back(page: Page, phone: Page, console: Console, tmp_path: Path) -> None:
    mark = uuid4().hex[:8]
    name = f"undo-{mark}.csv"
    rows = "".join(f"{mark}-{number},金卡,2024-05-01\n" for number in range(2))
    (tmp_path / name).write_text("member,level,since\n" + rows)
    (tmp_path / "members.toml").write_text(MAP)
    await run_command(
        console, "import", "people", str(tmp_path / name), "--map", str(tmp_path / "members.toml")
    )
    await page.goto("/imports")
    run = page.get_by_test_id("import-run").filter(has_text=name)
    await run.get_by_role("button", name="撤销导入").click()
    ask = page.get_by_role("dialog")
    await expect(ask.locator("div", has=page.get_by_text("移除人员", exact=True)).last).to_contain_text("2")
    await ask.get_by_role("button", name="撤销", exact=True).click()

    await expect(run.get_by_text("已撤销")).to_be_visible()
    await expect(run.locator("div", has=page.get_by_text("移除人员", exact=True)).last).to_contain_text("2")
    await phone.goto("/imports")
    await expect(phone.get_by_test_id("import-run").filter(has_text=name)).to_contain_text("已撤销")
    assert await phone.evaluate(OVERHANG) <= 0
