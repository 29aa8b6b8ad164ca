"""What the page is served, what it asks, and who else may ask: nobody."""

import json
import shutil
import subprocess
from pathlib import Path

import aiohttp
import pytest

from contract.sandbox.rig import Rig
from wechat_sandbox.changes import CHATS_MAX, Changes

ROOT = Path(__file__).parents[3]
STATIC = ROOT / "src" / "wechat_sandbox" / "web" / "static"
TSC = ROOT / "web" / "node_modules" / "typescript" / "bin" / "tsc"


async def test_the_page_is_served_with_a_strict_policy(rig: Rig) -> None:
    async with rig.client.get("/sandbox/web") as answer:
        assert (answer.status, answer.url.path) == (200, "/sandbox/web/")
        assert answer.content_type == "text/html"
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
    for name in ("app.js", "base.css", "icon.svg"):
        assert (await rig.request("GET", f"/sandbox/web/{name}"))[0] == 200
    for name in ("tsconfig.json", "..%2f__init__.py", "nothing.js"):
        assert (await rig.request("GET", f"/sandbox/web/{name}"))[0] == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:1"}, 200),
        ({"Host": "[::1]:1"}, 200),
        ({"Host": "evil.example"}, 403),  # A name bent to lead here.
        ({"Host": "api.weixin.qq.com"}, 403),
        ({"Host": "127.0.0.1.evil.example"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 200),  # A link to the page.
    ],
)
async def test_only_its_own_page_may_ask(rig: Rig, headers: dict[str, str], status: int) -> None:
    answered, _ = await rig.request("GET", "/sandbox/phone/accounts", headers=headers)
    assert answered == status


async def test_another_site_cannot_act(rig: Rig) -> None:
    for headers in (
        {"Origin": "http://evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    ):
        status, _ = await rig.request("POST", "/sandbox/people/1/follow", json={}, headers=headers)
        assert status == 403
    assert not rig.world.get_relation(rig.account, 1).following


async def test_accounts_are_shown_without_their_secrets(rig: Rig) -> None:
    await rig.control("POST", "/people/3/follow")
    answer = await rig.control("GET", "/phone/accounts")
    [account] = answer["items"]
    assert (account["appid"], account["followers"]) == (rig.account.appid, 1)
    shown = json.dumps(answer)
    for secret in (rig.account.secret, rig.account.token, rig.account.aes_key):
        assert secret not in shown


async def test_people_are_found_by_number_openid_and_name(rig: Rig) -> None:
    async def find(query: str) -> list[int]:
        answer = await rig.control("GET", f"/phone/contacts/{rig.account.appid}", q=query)
        return [item["index"] for item in answer["items"]]

    everyone = await find("")
    assert everyone == list(range(40))
    assert await find("7") == [7]
    assert await find(rig.openid(9)) == [9]
    person = (await rig.control("GET", "/people/12"))["nickname"]
    assert 12 in await find(person)
    assert await find("nobody is called so") == []
    await rig.control("POST", "/people/30/follow")
    await rig.control("POST", "/people/20/follow")
    assert (await find(""))[:3] == [20, 30, 0]


async def test_a_conversation_comes_with_its_callbacks_and_windows(rig: Rig) -> None:
    await rig.control("POST", "/people/3/follow")
    await rig.control("POST", "/people/3/say", {"text": "在吗"})
    await rig.settled()
    chat = await rig.control("GET", f"/phone/chats/{rig.account.appid}/3")
    assert [line["kind"] for line in chat["lines"]] == ["event:subscribe", "message:text"]
    assert chat["lines"][1]["msgid"] == str(chat["callbacks"][0]["msgid"])
    assert [one["line"] for one in chat["callbacks"]] == [line["seq"] for line in chat["lines"][::-1]]
    assert [(one["trigger"], one["remaining"]) for one in chat["windows"]] == [("follow", 3), ("message", 5)]
    assert not chat["has_more"]
    rig.clock.advance(61)
    chat = await rig.control("GET", f"/phone/chats/{rig.account.appid}/3")
    assert [one["trigger"] for one in chat["windows"]] == ["message"]


async def test_long_conversations_come_in_pages(rig: Rig) -> None:
    await rig.control("POST", "/people/3/follow")
    for number in range(104):
        rig.world.say(rig.account, 3, rig.clock.now(), text=str(number))
    path = f"/phone/chats/{rig.account.appid}/3"
    latest = await rig.control("GET", path)
    assert (len(latest["lines"]), latest["has_more"]) == (100, True)
    earlier = await rig.control("GET", path, before=str(latest["lines"][0]["seq"]))
    assert (len(earlier["lines"]), earlier["has_more"]) == (5, False)
    texts = [line["body"].get("Content") for line in earlier["lines"] + latest["lines"]]
    assert texts == [None, *map(str, range(104))]


async def test_changes_are_told_as_they_happen(rig: Rig) -> None:
    async with (
        aiohttp.ClientSession(rig.sandbox.url) as client,
        client.get("/sandbox/phone/changes") as stream,
    ):
        assert await stream.content.readline() == b"retry: 1000\n"
        await rig.control("POST", "/people/3/follow")
        told: set[tuple[str, str]] = set()
        while (rig.account.appid, rig.openid(3)) not in told:
            line = await stream.content.readline()
            if line.startswith(b"data: "):
                told |= {(appid, openid) for appid, openid in json.loads(line[6:])}


async def test_too_many_changes_become_one() -> None:
    changes = Changes()
    with changes.watch() as watcher:
        for number in range(CHATS_MAX * 3):
            changes.note("wx1", f"o{number}")
        taken = await watcher.take()
        assert ("", "") in taken
        assert len(taken) <= CHATS_MAX + 2
    changes.note("wx1", "o1")  # Nobody watches: nothing is kept.


@pytest.mark.slow
def test_the_page_keeps_its_types() -> None:
    node = shutil.which("node")
    if node is None or not TSC.is_file():
        pytest.skip("needs Node.js and the console's packages (make console)")
    checked = subprocess.run(
        [node, TSC, "-p", STATIC.parent / "tsconfig.json"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


def test_the_page_writes_text_only_as_text() -> None:
    for module in STATIC.glob("*.js"):
        content = module.read_text(encoding="utf-8")
        for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert way not in content, f"{module.name} uses {way}"
