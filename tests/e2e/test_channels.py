"""Channels over the wire: replies, codes, tags, menus and syncs, between a platform and the sandbox."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from support.processes import eventually
from support.running import OFFICIAL_ACCOUNT, RunningPlatform, StartPlatform

from .test_callback_door import Wechat

EVENTS_MAP = """
kind = "events"
source = "web"
time_zone = "Asia/Shanghai"
[time]
column = "at"
formats = ["%Y-%m-%d %H:%M:%S"]
[identifiers]
user_id = "user"
[event]
name = "Product Viewed"
message_id = "id"
"""
ROWS = 60_000
QUESTIONS = 300
PATIENCE_S = 5.0


def path_of(running: RunningPlatform, *parts: str) -> str:
    return "/".join((OFFICIAL_ACCOUNT, running.account_id, *parts))


def texts_to(running: RunningPlatform, person: int) -> list[str]:
    """Return what a person read: answers to callbacks and messages after them, in order."""
    bodies = [message["body"] for message in running.sandbox.messages_to(person)]
    return [body.get("Content") or body.get("content", "") for body in bodies]


def text(content: str) -> dict[str, str]:
    return {"kind": "text", "text": content}


def add_rule(running: RunningPlatform, **rule: Any) -> str:
    saved = running.send("POST", path_of(running, "replies"), {"name": "rule", **rule})
    return str(saved["id"])


def test_people_hear_the_replies_and_history_counts_them(running_platform: RunningPlatform) -> None:
    running = running_platform
    word = running.new_name("营业")
    rule = add_rule(
        running,
        trigger="keyword",
        keywords=[{"match": "contains", "text": word}],
        contents=[text("九点开门"), text("欢迎光临")],
    )
    person = running.new_person()
    running.follow(person)

    def answered() -> bool:
        running.sandbox.act(person, "say", text=f"请问{word}时间")
        running.sandbox.until_idle()
        return "九点开门" in texts_to(running, person)

    # A change reaches the door within about a second.
    eventually(answered, what="the rule to answer")
    eventually(lambda: "欢迎光临" in texts_to(running, person), what="the later message")
    said = texts_to(running, person)
    assert said.index("九点开门") < said.index("欢迎光临")
    running.until_seen(person, "channels.late_reply_sent")

    def counted() -> bool:
        rules = running.get(path_of(running, "replies"))["items"]
        return any(one["id"] == rule and one["answered_30d"] >= 1 for one in rules)

    eventually(counted, what="the answer to be counted")
    seen = running.get(path_of(running, "callbacks"))["items"]
    assert any(one["answered_by"] == rule and word in one["summary"] for one in seen)
    running.send("DELETE", path_of(running, "replies", rule))


def test_a_printed_code_welcomes_tags_and_counts(running_platform: RunningPlatform) -> None:
    """CW-14, WM-4: from the wall to the figures."""
    running = running_platform
    name = running.new_name("墙")
    tag = running.send("POST", path_of(running, "tags"), {"name": name})
    code = running.send(
        "POST",
        path_of(running, "codes"),
        {"name": name, "tags": [tag["id"]], "contents": [text("欢迎扫码")]},
    )
    assert (code["state"], code["url"][:23]) == ("ready", "http://weixin.qq.com/q/")
    picture = running.platform.ask("GET", path_of(running, "codes", code["id"], "image"))
    assert picture.headers["content-type"] == "image/png"
    person = running.new_person()
    # The door reads its rules anew within about a second; whoever scans before is still counted.
    eventually(lambda: _scan_hears(running, person, code["url"]), what="the welcome")

    def tagged() -> bool:
        person_id = running.person_id(person)
        if not person_id:
            return False
        carried = running.get(f"/api/v1/channels/people/{person_id}/tags")["items"]
        return [one["name"] for one in carried] == [name]

    eventually(tagged, what="the tag")
    relation = running.sandbox.ask("GET", f"/people/{person}")["relations"][0]
    assert relation["tagid_list"] == [tag["id"]]

    def figures() -> Any:
        found = running.get(path_of(running, "codes", code["id"], "statistics"))
        return found if found["follows"] == 1 else None

    found = eventually(figures, what="the follow to be counted")
    assert (found["people"], found["new_people"], found["lost_24h"]) == (1, 1, 0)
    assert found["scans"] == sum(day["scans"] for day in found["days"]) >= 1


def _scan_hears(running: RunningPlatform, person: int, url: str) -> bool:
    running.sandbox.act(person, "scan", url=url)
    running.sandbox.until_idle()
    return "欢迎扫码" in texts_to(running, person)


def test_a_published_menu_is_tapped_and_answered(running_platform: RunningPlatform) -> None:
    running = running_platform
    button = {"name": "优惠", "type": "click", "key": "E2E_SALE"}
    menu = running.send("POST", path_of(running, "menus"), {"name": "菜单", "buttons": [button]})
    assert menu["unanswered_keys"] == ["E2E_SALE"]
    add_rule(running, trigger="menu", menu_key="E2E_SALE", contents=[text("今日八折")])
    published = running.send("POST", path_of(running, "menus", menu["id"], "publish"))
    assert (published["is_published"], published["unanswered_keys"]) == (True, [])
    person = running.new_person()
    running.follow(person)

    def heard() -> bool:
        running.sandbox.act(person, "tap", button="E2E_SALE")
        running.sandbox.until_idle()
        return "今日八折" in texts_to(running, person)

    eventually(heard, what="the answer to the button")
    history = running.get(path_of(running, "menus", "history"))["items"]
    assert (history[0]["action"], history[0]["state"], history[0]["name"]) == ("publish", "done", "菜单")


def test_health_and_quotas_tell_how_the_account_is(running_platform: RunningPlatform) -> None:
    running = running_platform
    person = running.new_person()
    running.follow(person)

    def counted() -> Any:
        found = running.get(path_of(running, "health"))
        return found if found["followers"]["following"] >= 1 else None

    health = eventually(counted, what="the follower to be counted")
    quotas = running.get(path_of(running, "quotas"))["items"]
    assert health["last_callback_at"] is not None
    assert any(quota["remain"] for quota in quotas)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_sync_goes_on_after_its_process_was_killed(start_platform: StartPlatform) -> None:
    """EV-3: everybody who followed before we were connected is found, whatever happens in between."""
    running = start_platform(people=3_000)
    running.sandbox.ask("PUT", f"/accounts/{running.appid}", callback_url="")
    for person in range(1, 2_501):
        running.sandbox.act(person, "follow")
    started = running.send("POST", path_of(running, "syncs"), {"kind": "followers"})

    eventually(lambda: 0 < sync_of(running)["to_ask"] < 2_400, what="the sync to be in the middle")
    running.platform.kill()
    running.platform.start().sign_in()

    def done() -> Any:
        sync = sync_of(running)
        return sync if sync["state"] == "done" else None

    # What the killed process was asking about belongs to it for a minute more.
    sync = eventually(done, limit_s=300, what="the sync to end")
    assert (sync["id"], sync["listed"], sync["total"]) == (started["id"], 2_500, 2_500)
    followers = running.get(f"{OFFICIAL_ACCOUNT}/{running.account_id}")["followers"]
    assert followers == 2_500
    fetched = "wechat.official_account.user_info_fetched"
    facts = running.platform.number("SELECT count(*) FROM log_event WHERE name = %s", fetched)
    assert facts == 2_500, "nobody is restated"


def sync_of(running: RunningPlatform) -> dict[str, Any]:
    sync: dict[str, Any] = running.get(path_of(running, "syncs"))["items"][0]
    return sync


@pytest.mark.slow
def test_every_question_is_answered_while_a_file_is_imported(start_platform: StartPlatform) -> None:
    """Commit first, then answer, and still within the platform's patience; the bench measures how fast."""
    running = start_platform()
    add_rule(
        running,
        trigger="keyword",
        keywords=[{"match": "exact", "text": "在吗"}],
        contents=[text("在的")],
    )
    wechat = Wechat(running)
    eventually(lambda: len(ask(wechat)[1]) > 100, what="the rule to answer")
    start_import(running)
    eventually(lambda: import_of(running)["events_written"] > 0, what="the import to write")

    with ThreadPoolExecutor(4) as people:
        waits = [wait for waits in people.map(lambda _: talk(running, wechat), range(4)) for wait in waits]

    eventually(lambda: import_of(running)["status"] == "completed", limit_s=180, what="the import to end")
    assert statistics.median(waits) <= PATIENCE_S, sorted(waits)[-10:]


def talk(running: RunningPlatform, wechat: Wechat) -> list[float]:
    """Write, wait for the answer, write again, while the import runs; return how long each took."""
    waits = []
    for number in range(QUESTIONS):
        seconds, body = ask(wechat)
        assert len(body) > 100, "the answer is there each time"
        waits.append(seconds)
        if number % 50 == 49 and import_of(running)["status"] != "running":
            break
    return waits


def ask(wechat: Wechat) -> tuple[float, bytes]:
    """Ask as the platform does: what is not committed in time is answered 500, and comes again."""
    query, body = wechat.envelope(wechat.message(Content="在吗"))
    started = time.perf_counter()
    for _ in range(3):
        answer = wechat.deliver(query, body)
        if answer.status_code == 200:
            return time.perf_counter() - started, answer.content
    raise AssertionError(answer.text)


def start_import(running: RunningPlatform) -> None:
    directory = running.platform.directory
    (directory / "events.toml").write_text(EVENTS_MAP)
    with (directory / "events.csv").open("w") as file:
        file.write("id,user,at\n")
        for number in range(ROWS):
            file.write(
                f"e{number},u{number % 20_000},2026-03-{number % 27 + 1:02d} 10:{number % 60:02d}:00\n"
            )
    answer = running.platform.ask_locally(
        "POST",
        "/api/v1/imports/local",
        {
            "kind": "events",
            "path": str(directory / "events.csv"),
            "map_path": str(directory / "events.toml"),
            "dry_run": False,
        },
    )
    assert answer.is_success, answer.text


def import_of(running: RunningPlatform) -> dict[str, Any]:
    run: dict[str, Any] = running.get("/api/v1/imports")["items"][0]
    return run
