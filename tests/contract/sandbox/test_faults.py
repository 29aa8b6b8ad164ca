"""Faults of calls and callbacks, by rule, by script and by seed."""

import asyncio
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from contract.sandbox.conftest import StartRig
from contract.sandbox.rig import Product, Received, Rig
from wechat_sandbox.config import InvalidConfig, load

SEND = "/cgi-bin/message/custom/send"
USERS = "/cgi-bin/user/get"


async def texts(rig: Rig) -> list[str]:
    return [line["body"]["content"] for line in (await rig.control("GET", "/messages"))["items"]]


def contents(product: Product) -> list[str]:
    return [received.message["Content"] for received in product.received if "Content" in received.message]


async def test_a_call_can_take_effect_twice(rig: Rig) -> None:
    await rig.control("POST", "/people/0/follow")
    await rig.control("POST", "/faults", {"path": SEND, "duplicate": 1, "times": 1})
    assert await rig.send_text(0, "twice") == 0
    assert await rig.send_text(0, "once") == 0
    assert await texts(rig) == ["twice", "twice", "once"]


async def test_a_call_can_be_overtaken_by_the_next(rig: Rig) -> None:
    await rig.control("POST", "/people/0/follow")
    await rig.control("POST", "/faults", {"path": SEND, "reorder": True, "times": 1, "hold_s": 5})
    first = asyncio.create_task(rig.send_text(0, "first"))
    await rig.until(lambda: rig.sandbox.faults.as_list()[0]["applied"] == 1)
    assert await rig.send_text(0, "second") == 0
    assert await first == 0
    assert await texts(rig) == ["second", "first"]
    await rig.control("PUT", "/faults", {"rules": [{"path": SEND, "reorder": True, "hold_s": 0.05}]})
    assert await rig.send_text(0, "alone") == 0  # Nobody comes to overtake it.


async def test_a_revoked_token_answers_as_superseded_until_a_new_one_is_fetched(rig: Rig) -> None:
    token = await rig.token()
    await rig.control("POST", "/faults", {"path": USERS, "token_revoked": True, "times": 1})
    assert (await rig.get(USERS, access_token=token))["errcode"] == 40001
    assert (await rig.get(USERS, access_token=token))["errcode"] == 40001
    assert (await rig.get(USERS, access_token=await rig.token()))["total"] == 0


async def test_a_spent_quota_stays_spent_until_it_is_cleared(rig: Rig) -> None:
    token = await rig.token()
    await rig.control("POST", "/faults", {"path": USERS, "quota_exhausted": True, "times": 1})
    for _ in range(2):
        assert (await rig.get(USERS, access_token=token))["errcode"] == 45009
    asked = await rig.post("/cgi-bin/openapi/quota/get", {"cgi_path": USERS}, access_token=token)
    assert asked["quota"]["remain"] == 0
    await rig.post("/cgi-bin/clear_quota", {"appid": rig.account.appid}, access_token=token)
    assert (await rig.get(USERS, access_token=token))["total"] == 0


async def test_an_answer_can_drip(rig: Rig) -> None:
    await rig.control("POST", "/faults", {"path": "/cgi-bin/token", "drip_bytes_per_s": 1000, "times": 1})
    query = {"grant_type": "client_credential", "appid": rig.account.appid, "secret": rig.account.secret}
    began = time.monotonic()
    assert (await rig.get("/cgi-bin/token", **query))["expires_in"] == 7200
    assert time.monotonic() - began > 0.1
    await rig.control("POST", "/faults", {"path": "/cgi-bin/token", "drip_bytes_per_s": 10, "times": 1})
    with pytest.raises(TimeoutError):
        await rig.request("GET", "/cgi-bin/token", params=query, timeout=aiohttp.ClientTimeout(total=0.2))


async def test_rules_can_wait_and_skip(rig: Rig) -> None:
    token = await rig.token()
    await rig.control("POST", "/faults", {"path": USERS, "errcode": -1, "after": 2, "every": 2, "times": 2})
    codes = [(await rig.get(USERS, access_token=token)).get("errcode", 0) for _ in range(9)]
    assert codes == [0, 0, 0, -1, 0, -1, 0, 0, 0]


async def test_a_script_with_the_same_seed_does_the_same_again(rig: Rig) -> None:
    token = await rig.token()
    script = {
        "seed": 5,
        "rules": [
            {"path": USERS, "errcode": -1, "probability": 0.4},
            {"path": "/cgi-bin/*", "errcode": 45011, "probability": 0.3},
        ],
    }
    played = []
    for _ in range(2):
        await rig.control("PUT", "/faults", script)
        played.append([(await rig.get(USERS, access_token=token)).get("errcode", 0) for _ in range(40)])
    assert played[0] == played[1]
    assert {-1, 0, 45011} == set(played[0])
    await rig.control("PUT", "/faults", script | {"seed": 6})
    other = [(await rig.get(USERS, access_token=token)).get("errcode", 0) for _ in range(40)]
    assert other != played[0]


async def test_a_bad_rule_leaves_the_script_before_it_in_force(rig: Rig) -> None:
    await rig.control("POST", "/faults", {"path": USERS, "errcode": -1})
    for rules in (
        [{"path": USERS, "errcode": 1}, {"path": USERS, "wrong_signature": True}],
        [{"event": "*", "errcode": -1}],
        [{"path": USERS, "event": "*"}],
        [{"path": USERS, "probability": 2}],
        [{"path": USERS, "times": "many"}],
        [{"path": USERS, "drop": 1}],
        ["drop"],
        "drop",
    ):
        status, answer = await rig.request("PUT", "/sandbox/faults", json={"rules": rules})
        assert (status, bool(answer["error"])) == (400, True)
    [kept] = (await rig.control("GET", "/faults"))["items"]
    assert (kept["path"], kept["errcode"]) == (USERS, -1)


async def test_faults_come_from_the_settings_too(tmp_path: Path, start_rig: StartRig) -> None:
    file = tmp_path / "sandbox.toml"
    file.write_text(
        f'fault_seed = 9\n[[fault]]\npath = "{USERS}"\nerrcode = 45009\nappid = "wx-other"\n'
        f'[[fault]]\npath = "{USERS}"\nerrcode = -1\n',
        encoding="utf-8",
    )
    settings = load(file, {})
    rig = await start_rig(faults=settings.faults, fault_seed=settings.fault_seed)
    assert (await rig.get(USERS, access_token=await rig.token()))["errcode"] == -1
    assert (await rig.control("GET", "/faults"))["seed"] == 9
    file.write_text('[[fault]]\npath = "nowhere"\n', encoding="utf-8")
    with pytest.raises(InvalidConfig, match="fault: path must start with /"):
        load(file, {})


async def test_a_callback_can_be_dropped_and_is_kept(rig: Rig, product: Product) -> None:
    await rig.control("POST", "/faults", {"event": "subscribe", "drop": True})
    await rig.control("POST", "/people/1/follow")
    await rig.control("POST", "/people/1/say", {"text": "arrives"})
    await rig.settled()
    assert contents(product) == ["arrives"]
    [dropped] = (await rig.control("GET", "/callbacks", state="dropped"))["items"]
    assert "<Event><![CDATA[subscribe]]></Event>" in dropped["body"]


async def test_a_callback_can_come_more_than_once_and_replies_once(rig: Rig, product: Product) -> None:
    async def answer(received: Received) -> web.Response:
        return product.reply(received, {"MsgType": "text", "Content": "hello"})

    product.answer = answer
    await rig.control("POST", "/people/1/follow")
    await rig.settled()
    await rig.control("POST", "/faults", {"event": "message:*", "duplicate": 2})
    await rig.control("POST", "/people/1/say", {"text": "again"})
    await rig.settled()
    assert contents(product) == ["again"] * 3
    assert len({received.body for received in product.received[1:]}) == 1
    replies = [line["kind"] for line in (await rig.control("GET", "/messages"))["items"]]
    assert replies == ["passive:text"] * 2  # To the follow and to the first copy.


async def test_callbacks_can_swap_places(rig: Rig, product: Product) -> None:
    await rig.control("POST", "/people/1/follow")
    await rig.settled()
    await rig.control("POST", "/faults", {"event": "message:text", "reorder": True, "times": 1})
    for text in ("first", "second"):
        await rig.control("POST", "/people/1/say", {"text": text})
    await rig.settled()
    assert contents(product) == ["second", "first"]
    await rig.control(
        "PUT", "/faults", {"rules": [{"event": "message:text", "reorder": True, "hold_s": 0.05}]}
    )
    await rig.control("POST", "/people/1/say", {"text": "alone"})
    await rig.settled()
    assert contents(product)[-1] == "alone"


async def test_a_callback_can_be_late(rig: Rig, product: Product) -> None:
    await rig.control("POST", "/people/1/follow")
    await rig.control("POST", "/faults", {"event": "message:text", "delay_s": 0.2, "times": 1})
    await rig.control("POST", "/people/1/say", {"text": "late"})
    assert (await rig.control("GET", "/idle"))["idle"] is False
    await rig.control("POST", "/people/1/say", {"text": "at once"})
    await rig.settled()
    assert contents(product) == ["at once", "late"]


async def test_a_lost_answer_makes_the_platform_ask_again(rig: Rig, product: Product) -> None:
    await rig.control("POST", "/faults", {"event": "subscribe", "timeout_after_effect": True})
    await rig.control("POST", "/people/1/follow")
    await rig.settled()
    assert len(product.received) == 2
    assert product.received[0].body == product.received[1].body
    [entry] = (await rig.control("GET", "/callbacks"))["items"]
    assert (entry["state"], entry["attempts"]) == ("delivered", 2)


@pytest.mark.parametrize("careful", [True, False])
async def test_a_forged_copy_comes_first_and_it_is_told_who_takes_it(
    rig: Rig, product: Product, careful: bool
) -> None:
    asked: list[dict[str, str]] = []

    async def take(request: web.Request) -> web.Response:
        asked.append(dict(request.query))
        good = len(asked) == 2
        return web.Response(text="success" if good or not careful else "", status=200 if good else 403)

    async def take_all(request: web.Request) -> web.Response:
        asked.append(dict(request.query))
        return web.Response(text="success")

    app = web.Application()
    app.router.add_post("/", take if careful else take_all)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    rig.account.callback_url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await rig.control("POST", "/faults", {"event": "*", "wrong_signature": True})
    await rig.control("POST", "/people/1/follow")
    await rig.settled()
    await runner.cleanup()
    counts = rig.sandbox.mailman.counts
    assert counts["forged_refused" if careful else "forged_accepted"] == 1
    assert counts["delivered"] == 1
    forged, right = asked
    assert forged["msg_signature"] != right["msg_signature"]


async def test_a_callback_can_drip(rig: Rig, product: Product) -> None:
    await rig.control("POST", "/faults", {"event": "subscribe", "drip_bytes_per_s": 20_000})
    await rig.control("POST", "/people/1/follow")
    await rig.settled()
    assert [received.message["Event"] for received in product.received] == ["subscribe"]


async def test_faults_together_lose_nothing(rig: Rig, product: Product) -> None:
    rules: list[dict[str, Any]] = [
        {"event": "*", "probability": 0.2, "duplicate": 1},
        {"event": "*", "probability": 0.2, "reorder": True, "hold_s": 0.1},
        {"event": "*", "probability": 0.2, "delay_s": 0.05},
    ]
    await rig.control("PUT", "/faults", {"seed": 1, "rules": rules})
    for person in range(40):
        await rig.control("POST", f"/people/{person}/follow")
    await rig.settled()
    applied = [fault["applied"] for fault in (await rig.control("GET", "/faults"))["items"]]
    assert all(3 <= count <= 15 for count in applied)
    assert {received.message["FromUserName"] for received in product.received} == {
        rig.openid(person) for person in range(40)
    }
    assert len(product.received) == 40 + applied[0]
