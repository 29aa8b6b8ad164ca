"""Drafts over a brand's real catalogue: valid, counted, saved by nobody; by permission (K4)."""

from typing import Any

from .conftest import Shop


async def _count(shop: Shop, definition: dict[str, Any]) -> int:
    status, preview = await shop.call("/api/v1/segments/preview", {"definition": definition})
    assert status == 200, preview
    return int(preview["count"])


COUNTS = (
    ("最近 30 天下单至少 2 次", 1),
    ("最近 30 天消费满 500 元且在杭州", 1),
    ("last 7 days viewed a product but did not order", 1),
    ("浏览过龙井", 1),
    ("从未下单", 2),
    ("在杭州或上海", 2),
    ("最近7天关注", 1),
    ("带有VIP标签", 0),
)


async def test_a_sentence_becomes_a_definition_that_counts(shop: Shop) -> None:
    for said, count in COUNTS:
        status, draft = await shop.call("/api/v1/drafts/segment", {"text": said})
        assert (status, draft["unknown"], draft["source"]) == (200, [], "rules")
        assert (said, await _count(shop, draft["definition"])) == (said, count)
    assert (await shop.call("/api/v1/segments", method="GET"))[1]["items"] == []  # Nobody saved it.


async def test_unknown_words_are_told_and_nothing_understood_is_refused_in_both_languages(shop: Shop) -> None:
    _, draft = await shop.call("/api/v1/drafts/segment", {"text": "最近30天下单过的蓝色客户"})
    assert draft["unknown"] == ["蓝色"]
    status, problem = await shop.call("/api/v1/drafts/segment", {"text": "喜欢蓝色的人"})
    assert (status, problem["code"]) == (422, "drafting.not_understood")
    assert "喜欢蓝色" in problem["detail_zh"]
    assert problem["details"]["unknown"] == ["喜欢蓝色"]
    assert (await shop.call("/api/v1/drafts/segment", {"text": " "}))[0] == 422
    assert (await shop.call("/api/v1/drafts/segment", {"text": "下" * 1_001}))[0] == 422


async def test_a_journey_is_drafted_with_what_its_checker_says(shop: Shop) -> None:
    said = "新关注后 1 天发欢迎消息,3 天没下单再提醒一次"
    status, draft = await shop.call("/api/v1/drafts/journey", {"text": said})
    assert status == 200
    assert draft["definition"]["entry"] == {"kind": "event", "event": "wechat.official_account.followed"}
    assert {note["code"] for note in draft["notes"]} == {"usual_text", "no_account"}
    assert draft["findings"]  # There is no account to send through.
    assert all(found["zh"] and found["node"].startswith("send") for found in draft["findings"])
    assert (await shop.call("/api/v1/journeys", method="GET"))[1]["items"] == []

    saved = {"name": draft["name"], "definition": draft["definition"]}
    status, journey = await shop.call("/api/v1/journeys", saved)
    assert (status, journey["status"]) == (201, "draft")


async def test_drafting_needs_the_permission_of_what_is_drafted(shop: Shop) -> None:
    analyst, auditor = await shop.sign_in("analyst"), await shop.sign_in("auditor")
    segment, journey = "/api/v1/drafts/segment", "/api/v1/drafts/journey"
    assert (await shop.call(segment, {"text": "下过单"}, token=analyst))[0] == 200
    assert (await shop.call(journey, {"text": "下单后发感谢消息"}, token=analyst))[0] == 403
    assert (await shop.call(segment, {"text": "下过单"}, token=auditor))[0] == 403
    assert (await shop.call(segment, {"text": "下过单"}, token="nobody"))[0] == 401
