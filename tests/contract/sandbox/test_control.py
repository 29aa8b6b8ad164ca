"""The control API, faults, hits to the product, and going on after a restart."""

import base64
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from contract.sandbox.conftest import StartRig
from contract.sandbox.rig import START, Product, Rig
from wechat_sandbox.clock import iso
from wechat_sandbox.storage import Storage
from wechat_sandbox.tracking import Hit


async def test_the_sandbox_describes_itself(rig: Rig) -> None:
    info = await rig.control("GET", "")
    assert (info["seed"], info["people"], info["phase"]) == (11, 40, "live")
    assert info["clock"] == {"now": iso(START), "epoch_s": START, "rate": 1.0}
    assert "/cgi-bin/message/template/send" in info["endpoints"]
    assert (await rig.control("GET", "/clock"))["epoch_s"] == START
    [account] = (await rig.control("GET", "/accounts"))["items"]
    assert account["appid"] == rig.account.appid


async def test_people_can_be_looked_at(rig: Rig) -> None:
    first = (await rig.control("GET", "/people", limit="2"))["items"]
    assert [person["index"] for person in first] == [0, 1]
    rest = (await rig.control("GET", "/people", after="37"))["items"]
    assert [person["index"] for person in rest] == [38, 39]
    one = await rig.control("GET", "/people/38")
    assert one["relations"][0]["openid"] == rig.openid(38)
    assert one["biography"]["orders"] == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nothing", None, 404),
        ("GET", "/people/40", None, 404),
        ("GET", "/people/x", None, 400),
        ("GET", "/messages?limit=0", None, 400),
        ("POST", "/people/0/say", {"text": "x"}, 404),  # Does not follow.
        ("POST", "/people/0/follow", {"wrong": 1}, 400),
        ("POST", "/people/0/follow", {"scene": "NOWHERE"}, 400),
        ("POST", "/people/0/follow", {"appid": "wx"}, 404),
        ("POST", "/faults", {"path": "x"}, 400),
        ("DELETE", "/faults/9", {}, 404),
    ],
)
async def test_wrong_control_calls_are_explained(
    rig: Rig, method: str, path: str, body: dict[str, str] | None, status: int
) -> None:
    options = {} if body is None else {"json": body}
    answered, explanation = await rig.request(method, f"/sandbox{path}", **options)
    assert answered == status
    assert explanation["error"]


async def test_a_web_page_cannot_change_anything(rig: Rig) -> None:
    status, _ = await rig.request(
        "POST", "/sandbox/reset", data=b"{}", headers={"Content-Type": "text/plain"}
    )
    assert status == 415


async def test_a_fault_can_refuse_delay_or_hide_a_call(rig: Rig) -> None:
    await rig.control("POST", "/people/0/follow")
    path = "/cgi-bin/message/custom/send"
    await rig.control("POST", "/faults", {"path": path, "errcode": -1, "times": 1})
    assert await rig.send_text(0, "refused") == -1
    await rig.control("POST", "/faults", {"path": path, "http_status": 502, "times": 1})
    token = await rig.token()
    body = {"touser": rig.openid(0), "msgtype": "text", "text": {"content": "lost"}}
    assert (await rig.request("POST", path, params={"access_token": token}, data=json.dumps(body)))[0] == 502
    await rig.control("POST", "/faults", {"path": path, "drop": True, "times": 1})
    with pytest.raises(aiohttp.ClientError):
        await rig.send_text(0, "dropped")
    assert (await rig.control("GET", "/messages"))["items"] == []
    await rig.control("POST", "/faults", {"path": path, "drop_after_effect": True, "times": 1})
    with pytest.raises(aiohttp.ClientError):
        await rig.send_text(0, "arrived, answer lost")
    hidden = {"path": path, "timeout_after_effect": True, "hold_s": 0.05, "times": 1}
    await rig.control("POST", "/faults", hidden)
    with pytest.raises(aiohttp.ClientError):
        await rig.send_text(0, "arrived, no answer")
    arrived = [line["body"]["content"] for line in (await rig.control("GET", "/messages"))["items"]]
    assert arrived == ["arrived, answer lost", "arrived, no answer"]
    assert [fault["applied"] for fault in (await rig.control("GET", "/faults"))["items"]] == [1] * 5
    assert (await rig.control("DELETE", "/faults"))["items"] == []


async def test_every_message_can_be_exported_in_order(rig: Rig) -> None:
    await rig.control("POST", "/people/0/follow")
    await rig.control("POST", "/people/1/follow")
    for person in (0, 1, 0):
        assert await rig.send_text(person, f"to {person}") == 0
    async with (
        aiohttp.ClientSession(rig.sandbox.url) as client,
        client.get("/sandbox/messages/export") as answer,
    ):
        lines = [json.loads(line) for line in (await answer.text()).splitlines()]
    assert [line["person"] for line in lines] == [0, 1, 0]
    assert [line["seq"] for line in lines] == sorted({line["seq"] for line in lines})


async def test_a_reset_forgets_people_but_not_accounts(rig: Rig) -> None:
    token = await rig.token()
    await rig.control("POST", "/people/0/follow")
    await rig.control("POST", "/reset")
    assert (await rig.get("/cgi-bin/user/get", access_token=token))["total"] == 0
    assert (await rig.control("GET", "/conversations"))["items"] == []


async def test_a_restart_keeps_accounts_follows_and_messages(
    start_rig: StartRig, product: Product, tmp_path: Path
) -> None:
    state = tmp_path / "state" / "sandbox.db"
    first = await start_rig(state=state)
    token = await first.token()
    await first.control("POST", "/people/2/follow")
    data = {
        "thing1": {"value": "10元券"},
        "time2": {"value": "今天"},
        "thing3": {"value": "好"},
    }
    message = {
        "touser": first.openid(2),
        "template_id": first.account.templates[2].template_id,
        "data": data,
        "client_msg_id": "once",
    }
    sent = await first.post("/cgi-bin/message/template/send", message, access_token=token)
    await first.settled()
    await first.stop()

    second = await start_rig(state=state)
    assert second.account == first.account
    assert (await second.get("/cgi-bin/user/get", access_token=token))["total"] == 1
    again = await second.post("/cgi-bin/message/template/send", message, access_token=token)
    assert again == sent
    assert len((await second.control("GET", "/messages"))["items"]) == 1
    assert await second.send_text(2) == 0


async def test_a_state_belongs_to_its_seed(start_rig: StartRig, product: Product, tmp_path: Path) -> None:
    first = await start_rig(state=tmp_path / "s.db")
    await first.stop()
    with pytest.raises(ValueError, match="seed 11, not 12"):
        Rig(product, state=tmp_path / "s.db", seed=12)


async def test_without_a_seed_secrets_differ_and_are_kept(product: Product, tmp_path: Path) -> None:
    rigs = [Rig(product, state=tmp_path / name, seed=None) for name in ("a.db", "b.db", "a.db")]
    secrets = [rig.account.secret for rig in rigs]
    for rig in rigs:
        rig.sandbox.store.close()
    assert secrets[0] == secrets[2] != secrets[1]


def hit(number: int) -> Hit:
    body = {"anonymousId": "a", "properties": {}, "event": "Product Viewed"}
    return Hit(type="track", message_id=f"m{number}", person=0, at=START, event="Product Viewed", body=body)


async def test_hits_are_repeated_with_the_same_ids_until_taken(start_rig: StartRig, product: Product) -> None:
    rig = await start_rig(tracking_url=product.url, write_key="wk")
    product.tracking_answers = [web.Response(status=503)]
    for number in range(3):
        assert rig.sandbox.tracker.offer(hit(number))
    await rig.settled()
    assert [[item["messageId"] for item in batch["batch"]] for batch in product.batches] == [
        ["m0", "m1", "m2"]
    ] * 2
    assert product.batches[0]["sentAt"] == iso(START)
    assert product.batches[0]["batch"][0]["timestamp"] == iso(START)
    assert set(product.credentials) == {"Basic " + base64.b64encode(b"wk:").decode()}
    taken = (await rig.control("GET", "/hits"))["items"]
    assert [item["message_id"] for item in taken] == ["m0", "m1", "m2"]


async def test_refused_hits_are_counted_and_not_repeated(start_rig: StartRig, product: Product) -> None:
    rig = await start_rig(tracking_url=product.url, write_key="wk")
    product.tracking_answers = [
        web.json_response({"detail": "unknown write key"}, status=401),
        web.json_response({"success": True, "rejected": [{"index": 1, "code": "x"}]}),
    ]
    rig.sandbox.tracker.offer(hit(0))
    await rig.settled()
    rig.sandbox.tracker.offer(hit(1))
    rig.sandbox.tracker.offer(hit(2))
    await rig.settled()
    assert len(product.batches) == 2
    counters = await rig.control("GET", "/counters")
    assert counters["tracking"] == {"offered": 3, "refused": 2, "acknowledged": 1, "pending": 0}
    assert [item["message_id"] for item in (await rig.control("GET", "/hits"))["items"]] == ["m1"]


async def test_history_and_crowd_reach_the_product(start_rig: StartRig, product: Product) -> None:
    rig = await start_rig(
        tracking_url=product.url,
        write_key="wk",
        crowd=True,
        backfill_days=10,
        backfill_events_max=400,
    )
    await rig.settled()
    hits = [item for batch in product.batches for item in batch["batch"]]
    assert 150 <= len(hits) <= 900
    assert all(iso(START - 10 * 86_400) <= item["timestamp"] <= iso(START) for item in hits)
    assert len({item["messageId"] for item in hits}) == len(hits)
    counters = await rig.control("GET", "/counters")
    assert sum(counters["hits"].values()) == len(hits)
    # Whom the product saw follow is whom user/get lists.
    following: dict[str, bool] = {}
    for received in sorted(product.received, key=lambda r: int(r.message["CreateTime"])):
        if received.message.get("Event") in ("subscribe", "unsubscribe"):
            following[received.message["FromUserName"]] = received.message["Event"] == "subscribe"
    listed = await rig.get("/cgi-bin/user/get", access_token=await rig.token())
    assert set(listed["data"]["openid"]) == {openid for openid, is_in in following.items() if is_in}

    before = counters["crowd"]["sessions"]
    await rig.control("POST", "/crowd/pause")
    rig.clock.advance(3600)
    rig.sandbox.crowd.wake()
    await rig.settled()
    assert (await rig.control("GET", "/counters"))["crowd"]["sessions"] == before


async def test_the_crowd_keeps_up_with_the_clock(start_rig: StartRig, product: Product) -> None:
    rig = await start_rig(tracking_url=product.url, write_key="wk", crowd=True, activity=200.0, rate=600.0)
    for _ in range(12):
        rig.clock.advance(600)
        rig.sandbox.crowd.wake()
        await rig.until(lambda: not rig.sandbox.crowd.due)
    await rig.settled()
    counters = await rig.control("GET", "/counters")
    assert counters["crowd"]["sessions"] > 50
    assert "skipped" not in counters["crowd"]
    assert sum(counters["hits"].values()) == counters["tracking"]["acknowledged"] > 200


async def test_a_clock_set_back_does_not_silence_the_crowd(
    start_rig: StartRig, product: Product, tmp_path: Path
) -> None:
    first = await start_rig(state=tmp_path / "s.db", crowd=True, rate=600.0, activity=20.0)
    first.clock.advance(30 * 86_400)
    first.sandbox.crowd.wake()
    await first.until(lambda: not first.sandbox.crowd.due)
    await first.control("POST", "/people/0/follow")
    await first.stop()
    second = await start_rig(state=tmp_path / "s.db", crowd=True, rate=600.0, activity=20.0)
    second.clock.advance(3600)
    second.sandbox.crowd.wake()
    await second.until(lambda: not second.sandbox.crowd.due)
    assert (await second.control("GET", "/counters"))["crowd"]["sessions"] > 5


async def test_the_crowd_outlives_a_product_that_is_down(start_rig: StartRig, product: Product) -> None:
    rig = await start_rig(
        tracking_url="http://127.0.0.1:9", write_key="wk", crowd=True, activity=200.0, rate=600.0
    )
    rig.clock.advance(3600)
    rig.sandbox.crowd.wake()
    await rig.until(lambda: not rig.sandbox.crowd.due and rig.sandbox.tracker.counts.get("retried", 0) > 0)
    assert rig.sandbox.phase == "live"
    assert rig.sandbox.tracker.pending > 0


def test_a_state_of_an_earlier_version_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as old:
        old.execute(
            "CREATE TABLE callback (seq INTEGER PRIMARY KEY AUTOINCREMENT, appid TEXT NOT NULL,"
            " openid TEXT NOT NULL, event TEXT NOT NULL, create_time INTEGER NOT NULL, msgid INTEGER,"
            " state TEXT NOT NULL, attempts INTEGER NOT NULL, body TEXT)"
        )
        old.execute(
            "INSERT INTO callback VALUES (1, 'wx1', 'o1', 'subscribe', 7, NULL, 'delivered', 1, NULL)"
        )
        old.commit()
    store = Storage(path)
    [kept] = store.read_callbacks(0, None, 10)
    assert (kept["event"], kept["line"], kept["history"]) == ("subscribe", None, [])
    store.close()
