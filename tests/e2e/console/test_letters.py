"""Dead letters in the console: what is wrong, trying again, and giving up with a reason."""

import uuid
from collections.abc import Iterator

import pytest
from playwright.async_api import Page, expect

from support.processes import eventually

from .conftest import Console, confirm
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser

_BURY = """
INSERT INTO dead_letter (tenant_id, subscriber, position, batch_id, error, failed_at)
SELECT l.tenant_id, unnest(ARRAY['messaging.windows', 'channels.followers']), l.position, b.batch_id, %s,
    now()
FROM log_event l JOIN log_batch b ON b.tenant_id = l.tenant_id AND l.position = ANY(b.positions)
WHERE l.source = 'website' AND l.message_id = %s
"""


@pytest.fixture
def error(console: Console) -> Iterator[str]:
    """Two subscribers could not take an event, with an error of this test's own."""
    error = f"Broken{uuid.uuid4().hex[:8]}"
    console.track(
        {
            "type": "track",
            "event": "Product Viewed",
            "userId": "u-1",
            "messageId": error,
            "properties": {"product_id": "tea-1", "contactName": "林知夏"},
        }
    )

    def buried() -> bool:
        with console.platform.database() as connection:
            return connection.execute(_BURY, (error, error)).rowcount == 2

    eventually(buried, what="the event to be stored")
    yield error
    with console.platform.database() as connection:
        connection.execute("DELETE FROM dead_letter WHERE error = %s", (error,))


async def test_letters_are_looked_at_tried_again_and_given_up(
    page: Page, console: Console, error: str
) -> None:
    await page.goto("/dead-letters")
    groups = page.get_by_test_id("letter-groups").get_by_role("row").filter(has_text=error)
    windows = groups.filter(has_text="messaging.windows")
    await windows.get_by_role("button", name="1", exact=True).click()
    letters = page.get_by_test_id("letter-list").get_by_role("row").filter(has_text="messaging.windows")
    await letters.get_by_role("button", name="查看").click()
    shown = page.get_by_role("dialog")
    await expect(shown).to_contain_text("tea-1")
    await expect(shown.get_by_text("林知夏")).to_have_count(0)
    await page.keyboard.press("Escape")
    await expect(shown).to_have_count(0)

    followers = groups.filter(has_text="channels.followers")
    await followers.get_by_role("button", name="放弃").click()
    await page.get_by_role("tooltip").get_by_label("放弃的理由").fill(f"测试 {error}")
    await confirm(page, "确认放弃")
    await expect(followers).to_have_count(0)
    await expect(page.get_by_test_id("letter-deeds").get_by_text(f"测试 {error}")).to_be_visible()

    await page.set_viewport_size({"width": 390, "height": 844})
    await expect(windows).to_be_visible()
    assert await page.evaluate(OVERHANG) <= 0
    await windows.get_by_role("button", name="重试").click()
    await expect(groups).to_have_count(0)
