"""EX, SOP-9: planning an experiment, reading what it says, and holding people out of marketing."""

import asyncio
import re
import secrets

import pytest
from playwright.async_api import Page, expect

from support.processes import eventually

from .conftest import Console
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def test_an_experiment_is_planned_run_and_read(page: Page, phone: Page, console: Console) -> None:
    name = f"欢迎语 {secrets.token_hex(3)}"
    await page.goto("/experiments")
    await page.get_by_role("button", name="新建实验").first.click()
    await page.get_by_label("名称", exact=True).fill(name)
    await expect(page.get_by_test_id("power")).to_contain_text("每组 3,841 人，共 7,682 人，约 21 天")
    await page.get_by_label("占比（%） 1").fill("40")
    await expect(page.get_by_text("各组占比合计 90%，应为 100%")).to_be_visible()
    await page.get_by_label("占比（%） 2").fill("60")
    await page.get_by_role("button", name="保存").click()

    await expect(page.get_by_role("heading", name=name)).to_be_visible()
    await page.get_by_role("button", name="开始实验").click()
    await page.get_by_role("tooltip").get_by_role("button", name="确定").click()
    await expect(page.get_by_text("进行中")).to_be_visible()
    experiment = page.url.rpartition("/")[2]
    known = [{"namespace": "user_id", "value": f"u-{number}"} for number in (1, 2, 3)]
    await asyncio.to_thread(
        console.send, f"/api/v1/experiments/{experiment}/assign", {"identifiers": known, "expose": True}
    )

    def counted() -> bool:
        reading = console.send(f"/api/v1/experiments/{experiment}/results")
        return sum(arm["people"] for arm in reading["people"]) == 3

    await asyncio.to_thread(eventually, counted, what="the exposures to be history")
    await page.reload()
    await expect(page.get_by_test_id("verdict")).to_contain_text("人数还太少，每组至少需要 100 人")
    await page.get_by_role("button", name="更新结果").click()
    await expect(page.get_by_test_id("metric-buyers")).to_contain_text("对照组")
    people = page.get_by_test_id("experiment-people")
    await people.get_by_role("button").and_(people.locator(":enabled")).first.click()
    anybody = re.compile("林知夏|周明轩|陈小满")  # Who got which arm follows from the experiment's id.
    await expect(page.get_by_test_id("people-table")).to_contain_text(anybody)

    await phone.goto(page.url)
    await expect(phone.get_by_test_id("verdict")).to_contain_text("人数还太少")
    assert await phone.evaluate(OVERHANG) <= 0
    await phone.goto("/experiments/new/edit")
    await expect(phone.get_by_test_id("power")).to_contain_text("每组")
    assert await phone.evaluate(OVERHANG) <= 0


async def test_a_share_of_people_is_held_out_of_marketing(page: Page, phone: Page) -> None:
    await page.goto("/experiments")
    holdout = page.get_by_test_id("holdout")
    await holdout.get_by_label("占比（%），0 到 10").fill("5")
    await holdout.get_by_role("button", name="保存").click()
    await expect(holdout.get_by_role("status")).to_contain_text("自")
    await phone.goto("/experiments")
    await expect(phone.get_by_test_id("holdout").get_by_label("占比（%），0 到 10")).to_have_value("5.0")
    assert await phone.evaluate(OVERHANG) <= 0
    await holdout.get_by_label("占比（%），0 到 10").fill("0")
    await holdout.get_by_role("button", name="保存").click()
    await expect(holdout.get_by_role("status")).to_have_count(0)
