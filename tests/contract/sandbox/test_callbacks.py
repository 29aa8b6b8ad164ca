"""Callbacks in secure mode: verification, three attempts, identical retries, passive replies."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from contract.sandbox.rig import START, Product, Received, Rig
from wechat_sandbox.callbacks import FAULT_NOTICE
from wechat_sandbox.wire.codec import sign


async def lines_of(rig: Rig, person: int) -> list[dict[str, Any]]:
    return list((await rig.control("GET", f"/conversations/{rig.account.appid}/{person}"))["lines"])


async def test_a_callback_address_is_verified_by_an_echo(rig: Rig) -> None:
    assert await rig.control("POST", f"/accounts/{rig.account.appid}/verify") == {"verified": True}
    changed = await rig.control("PUT", f"/accounts/{rig.account.appid}", {"callback_url": rig.sandbox.url})
    assert changed["verified"] is False


async def test_acts_are_reported_with_the_fields_of_the_platform(rig: Rig, product: Product) -> None:
    await rig.control("POST", "/people/5/follow", {"qr_scene": "store_9"})
    await rig.control("POST", "/people/5/scan", {"qr_scene": "store_9"})
    await rig.control("POST", "/people/5/tap", {"button": "MY_ORDERS"})
    await rig.control("POST", "/people/5/tap", {"button": "商城"})
    await rig.control("POST", "/people/5/say", {"text": "你好]]>&"})
    await rig.control("POST", "/people/5/unfollow")
    await rig.settled()
    messages = sorted((r.message for r in product.received), key=lambda m: int(m["CreateTime"]))
    assert [m.get("Event", m["MsgType"]) for m in messages] == [
        "subscribe", "SCAN", "CLICK", "VIEW", "text", "unsubscribe",
    ]  # fmt: skip
    keys = [m.get("EventKey") for m in messages]
    assert keys == ["qrscene_store_9", "store_9", "MY_ORDERS", "https://shop.qingshan.example/", None, ""]
    assert messages[0]["Ticket"] == messages[1]["Ticket"]
    assert messages[0]["Ticket"].startswith("gQ")
    assert messages[4]["Content"] == "你好]]>&"
    assert int(messages[4]["MsgId"]) > 2**53
    assert {m["FromUserName"] for m in messages} == {rig.openid(5)}
    assert {m["ToUserName"] for m in messages} == {rig.account.original_id}
    # Two events of one person never carry the same second.
    assert [int(m["CreateTime"]) for m in messages] == list(range(int(START), int(START) + 6))


async def test_the_query_carries_openid_and_both_signatures(rig: Rig, product: Product) -> None:
    await rig.control("POST", "/people/1/follow")
    await rig.settled()
    [received] = product.received
    query = received.query
    assert set(query) == {"signature", "timestamp", "nonce", "openid", "encrypt_type", "msg_signature"}
    assert (query["openid"], query["encrypt_type"]) == (rig.openid(1), "aes")
    assert query["signature"] == sign(rig.account.token, query["timestamp"], query["nonce"])
    assert received.body.startswith(b"<xml><ToUserName><![CDATA[gh_")


async def test_a_silent_product_is_asked_three_times_with_the_same_body(rig: Rig, product: Product) -> None:
    async def sleep(received: Received) -> web.Response:
        await asyncio.sleep(5)
        return web.Response(text="success")

    product.answer = sleep
    await rig.control("POST", "/people/1/follow")
    rig.clock.advance(60)
    await rig.control("POST", "/people/1/say", {"text": "在吗"})
    await rig.settled()
    by_kind: dict[str, list[Received]] = {}
    for received in product.received:
        by_kind.setdefault(received.message["MsgType"], []).append(received)
    assert {kind: len(items) for kind, items in by_kind.items()} == {"event": 3, "text": 3}
    for items in by_kind.values():
        assert len({received.body for received in items}) == 1
        assert len({received.query["nonce"] for received in items}) == 3
    lost = (await rig.control("GET", "/callbacks", state="lost"))["items"]
    assert [(item["event"], item["attempts"]) for item in lost] == [("subscribe", 3), ("message:text", 3)]
    assert "在吗" in lost[1]["body"]
    # Only who waits for an answer sees the notice.
    shown = await lines_of(rig, 1)
    assert [line["body"].get("text") for line in shown if line["direction"] == "note"] == [FAULT_NOTICE]


async def test_a_failing_product_that_recovers_gets_the_callback(rig: Rig, product: Product) -> None:
    answers = [web.Response(status=500), web.Response(text="")]

    async def answer(received: Received) -> web.Response:
        return answers.pop(0)

    product.answer = answer
    await rig.control("POST", "/people/1/follow")
    await rig.settled()
    counters = await rig.control("GET", "/counters")
    assert counters["delivery"] == {"answered_500": 1, "retried": 1, "delivered": 1}
    assert counters["callbacks"] == {"delivered": 1}
    [callback] = (await rig.control("GET", "/callbacks"))["items"]
    [line] = await lines_of(rig, 1)
    assert (callback["line"], callback["state"], callback["attempts"]) == (line["seq"], "delivered", 2)
    assert [attempt["outcome"] for attempt in callback["history"]] == ["answered_500", "answered_200"]
    assert callback["history"][1]["reply"] == ""


async def test_a_passive_reply_appears_on_the_phone(rig: Rig, product: Product) -> None:
    async def answer(received: Received) -> web.Response:
        return product.reply(received, {"MsgType": "text", "Content": "欢迎光临"})

    product.answer = answer
    await rig.control("POST", "/people/1/follow")
    await rig.settled()
    subscribed, reply = await lines_of(rig, 1)
    assert (subscribed["direction"], subscribed["kind"]) == ("from_person", "event:subscribe")
    assert (reply["direction"], reply["kind"], reply["body"]["Content"]) == (
        "to_person",
        "passive:text",
        "欢迎光临",
    )


@pytest.mark.parametrize(
    ("fields", "changes"),
    [
        ({"MsgType": "text", "Content": "x"}, {"MsgSignature": "0" * 40}),
        ({"MsgType": "text", "Content": "x"}, {"Encrypt": ""}),
        ({"MsgType": "dance"}, {}),
        ({"MsgType": "text", "Content": "x", "ToUserName": "oSomeoneElse"}, {}),
        ({"MsgType": "text", "Content": "x", "FromUserName": "gh_other"}, {}),
    ],
)
async def test_a_spoilt_reply_shows_a_fault(
    rig: Rig, product: Product, fields: dict[str, str], changes: dict[str, str]
) -> None:
    async def answer(received: Received) -> web.Response:
        if received.message["MsgType"] == "event":
            return web.Response(text="success")
        return product.reply(received, fields, **changes)

    product.answer = answer
    await rig.control("POST", "/people/1/follow")
    await rig.control("POST", "/people/1/say", {"text": "在吗"})
    await rig.settled()
    last = (await lines_of(rig, 1))[-1]
    assert (last["direction"], last["body"]) == ("note", {"text": FAULT_NOTICE})
    assert (await rig.control("GET", "/counters"))["delivery"]["bad_reply"] == 1


async def test_plain_text_is_no_reply(rig: Rig, product: Product) -> None:
    async def answer(received: Received) -> web.Response:
        return web.Response(text="<html>oops</html>")

    product.answer = answer
    await rig.control("POST", "/people/1/follow")
    await rig.settled()
    assert (await rig.control("GET", "/counters"))["delivery"] == {"delivered": 1, "bad_reply": 1}
