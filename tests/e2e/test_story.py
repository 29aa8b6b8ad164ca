"""The story over the wire: people follow, answer and leave; a journey writes to them; receipts come back."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from support.processes import eventually
from support.running import RunningPlatform, StartPlatform

FOLLOWED = "wechat.official_account.followed"
SAID = "wechat.official_account.message_received"
DAY_S = 86_400
QUIET_PATH = "/api/v1/messages/policy"


def text(running: RunningPlatform, words: str, following: str, **changes: Any) -> dict[str, Any]:
    return {
        "kind": "send",
        "account_id": running.account_id,
        "message_kind": "customer_service_text",
        "content": {"text": words},
        "next": following,
    } | changes


def template(running: RunningPlatform, following: str, **data: str) -> dict[str, Any]:
    """Send the sandbox's 会员权益变更提醒 with these values."""
    templates = running.sandbox.account_templates()
    chosen = next(one for one in templates if one["title"] == "会员权益变更提醒")
    return {
        "kind": "send",
        "account_id": running.account_id,
        "message_kind": "template",
        "message_class": "transactional",
        "content": {"template_id": chosen["template_id"], "data": data},
        "next": following,
    }


def on_event(
    running: RunningPlatform, nodes: dict[str, Any], *, where: Any = (), name: str = ""
) -> tuple[str, str]:
    """Publish a journey that begins with an event of its own; return its id and the event's name."""
    event = name or running.new_name("Story Began")
    definition = {
        "entry": {"kind": "event", "event": event, "where": list(where)},
        "start": next(iter(nodes)),
        "nodes": {**nodes, "done": {"kind": "end"}},
    }
    return running.publish(running.new_name("Story"), definition), event


def begin(running: RunningPlatform, event: str, person: int) -> None:
    """State in the shop that something happened to a follower, whom it knows by their openid."""
    openid = running.sandbox.ask("GET", f"/people/{person}")["relations"][0]["openid"]
    running.track(
        {
            "type": "track",
            "event": event,
            "anonymousId": f"visitor-{person}",
            "messageId": f"{event} {person}",
            "context": {"externalIds": [{"type": "openid", "id": openid, "scope": running.appid}]},
        }
    )


def ended(running: RunningPlatform, journey: str, count: int) -> list[dict[str, Any]]:
    """Wait until a journey's messages have all come to something, and return them, oldest first."""

    def settled() -> list[dict[str, Any]]:
        found = running.messages(journey=journey)
        open_states = {"planned", "reserved", "handed"}
        done = len(found) == count and not {one["state"] for one in found} & open_states
        return found[::-1] if done else []

    return list(eventually(settled, what=f"{count} messages of {journey} to end"))


def outcomes(messages: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(one["state"], one["reason"]) for one in messages]


def test_a_follower_is_greeted_answers_and_is_thanked(running_platform: RunningPlatform) -> None:
    running = running_platform
    talker, silent = running.new_person(), running.new_person()
    journey, _ = on_event(
        running,
        {
            "greet": text(running, "欢迎！今天到的是{{ event.scene }}", "answered"),
            "answered": {
                "kind": "wait_event",
                "event": SAID,
                "where": [{"field": "properties.content", "op": "contains", "value": "新品"}],
                "timeout_s": DAY_S,
                "matched": "thank",
                "timeout": "done",
            },
            "thank": template(
                running, "done", thing1="茶友", thing2="新品试饮一份", time3="2026-03-04 12:00"
            ),
        },
        name=FOLLOWED,
        where=[{"field": "properties.scene", "op": "eq", "value": "story-greet"}],
    )

    for person in (talker, silent):
        running.follow(person, qr_scene="story-greet")
    eventually(lambda: running.nodes(journey).get("answered") == (2, 2, 0), what="both to be greeted")
    # The platform tells the time of what people do in whole seconds: an answer comes after the question.
    time.sleep(1.1)
    running.sandbox.act(talker, "say", text="有什么新品吗")
    running.sandbox.act(silent, "say", text="你好")

    eventually(lambda: len(running.sandbox.messages_to(talker)) == 2, what="the thanks to arrive")
    greeting, thanks = running.sandbox.messages_to(talker)
    assert (greeting["kind"], greeting["body"]) == ("custom:text", {"content": "欢迎！今天到的是story-greet"})
    assert (thanks["kind"], thanks["body"]["data"]) == (
        "template",
        {"thing1": "茶友", "thing2": "新品试饮一份", "time3": "2026-03-04 12:00"},
    )
    assert [one["body"] for one in running.sandbox.messages_to(silent)] == [greeting["body"]]
    eventually(lambda: running.nodes(journey)["done"][0] == 1, what="the talker to be through")
    assert {node: counts for node, counts in running.nodes(journey).items() if node != "done"} == {
        "greet": (2, 0, 2),
        "answered": (2, 1, 1),
        "thank": (1, 0, 1),
    }


def test_receipts_come_back_into_the_log_and_the_figures(running_platform: RunningPlatform) -> None:
    running = running_platform
    reader, blocker, refuser = (running.new_person() for _ in range(3))
    values = {"thing1": "茶友", "thing2": "会员日", "time3": "2026-03-04 12:00"}
    journey, event = on_event(running, {"tell": template(running, "done", **values)})
    for person in (reader, blocker, refuser):
        running.follow(person)
    running.sandbox.ask("PATCH", f"/people/{blocker}", blocks_messages=True)
    running.sandbox.ask("PATCH", f"/people/{refuser}", refuses_messages=True)

    for person in (reader, blocker, refuser):
        begin(running, event, person)

    def states() -> dict[str, Any]:
        found: dict[str, Any] = running.get("/api/v1/messages/summary", journey=journey)
        return {name: found[name] for name in ("planned", "accepted", "rejected", "delivered", "failed")}

    expected = {"planned": 3, "accepted": 2, "rejected": 1, "delivered": 1, "failed": 1}
    eventually(lambda: states() == expected, what=f"the receipts; now {states()}")
    by_person = {one["person_id"]: one for one in running.messages(journey=journey)}
    accepted = by_person[running.person_id(reader)]
    assert accepted["state"] == "delivered"
    (received,) = running.sandbox.messages_to(reader)
    assert received["client_msg_id"] == accepted["id"]
    failed, rejected = by_person[running.person_id(blocker)], by_person[running.person_id(refuser)]
    assert (failed["state"], failed["reason"]) == ("failed", "user_blocked")
    assert (rejected["state"], rejected["reason"], rejected["code"]) == (
        "rejected",
        "platform_recipient_refuses",
        43101,
    )
    running.until_seen(reader, "messaging.message_delivered")
    running.until_seen(blocker, "messaging.message_failed")
    running.until_seen(refuser, "messaging.message_rejected")
    assert len(running.until_seen(reader, "wechat.official_account.template_send_finished")) == 1


def test_a_follower_is_known_by_unionid(running_platform: RunningPlatform) -> None:
    running = running_platform
    person = running.new_person()
    relation = running.follow(person)

    running.until_seen(person, "wechat.official_account.user_info_fetched")

    profile = running.get(f"/api/v1/people/{running.person_id(person)}")
    assert {one["namespace"] for one in profile["identities"]} == {"openid", "unionid"}
    # Whoever asks by unionid finds the same person; neither id is shown whole.
    (found,) = running.get("/api/v1/people", q=relation["unionid"])["items"]
    assert found["id"] == profile["id"]
    shown = str(profile)
    assert relation["openid"] not in shown
    assert relation["unionid"] not in shown


def test_who_left_cannot_be_reached_and_nothing_is_sent(running_platform: RunningPlatform) -> None:
    running = running_platform
    leaver, stranger = running.new_person(), "nobody-follows"
    journey, event = on_event(running, {"say": text(running, "还在吗", "done")})
    running.follow(leaver)
    running.sandbox.act(leaver, "unfollow")
    running.until_seen(leaver, "wechat.official_account.unfollowed")

    begin(running, event, leaver)
    running.track({"type": "track", "event": event, "userId": stranger, "messageId": f"{event} stranger"})

    messages = ended(running, journey, 2)
    assert sorted(outcomes(messages)) == [("refused", "no_channel"), ("refused", "not_following")]
    assert {one["reason_text"]["zh"] for one in messages} == {
        "该渠道没有此人的地址（openid、手机号或邮箱）",
        "此人未关注或已取消关注该公众号",
    }
    assert running.sandbox.messages_to(leaver) == []
    running.until_seen(leaver, "messaging.message_refused")


def test_a_follow_allows_three_messages_and_no_fourth(running_platform: RunningPlatform) -> None:
    running = running_platform
    person = running.new_person()
    nodes = {f"say-{n}": text(running, f"第{n}条", f"say-{n + 1}" if n < 4 else "done") for n in range(1, 5)}
    where = [{"field": "properties.scene", "op": "eq", "value": "story-budget"}]
    journey, _ = on_event(running, nodes, name=FOLLOWED, where=where)

    running.follow(person, qr_scene="story-budget")

    messages = ended(running, journey, 4)
    assert outcomes(messages) == [("accepted", None)] * 3 + [("refused", "window_budget_spent")]
    assert [one["body"]["content"] for one in running.sandbox.messages_to(person)] == [
        "第1条",
        "第2条",
        "第3条",
    ]


def test_the_same_words_go_out_once(running_platform: RunningPlatform) -> None:
    running = running_platform
    person = running.new_person()
    journey, event = on_event(
        running,
        {"first": text(running, "周末有茶会", "second"), "second": text(running, "周末有茶会", "done")},
    )
    running.follow(person)

    begin(running, event, person)

    assert outcomes(ended(running, journey, 2)) == [("accepted", None), ("refused", "duplicate")]
    assert len(running.sandbox.messages_to(person)) == 1


def test_quiet_hours_hold_until_their_end(running_platform: RunningPlatform) -> None:
    running = running_platform
    person = running.new_person()
    journey, event = on_event(running, {"say": text(running, "早安", "done")})
    other, other_event = on_event(
        running, {"say": text(running, "您的订单到了", "done", message_class="transactional")}
    )
    running.follow(person)
    running.sandbox.act(person, "say", text="在吗")
    running.until_seen(person, SAID)
    open_policy = running.get(QUIET_PATH)
    ends_at = (datetime.now(UTC) + timedelta(hours=8, seconds=12)).replace(microsecond=0, tzinfo=None)
    quiet = {
        "start": (ends_at - timedelta(hours=1)).time().isoformat(),
        "end": ends_at.time().isoformat(),
        "mode": "hold",
        "jitter_s": 0,
    }
    running.send("PUT", QUIET_PATH, {**open_policy, "quiet_hours": [quiet]})
    try:
        begin(running, event, person)
        begin(running, other_event, person)

        assert outcomes(ended(running, other, 1)) == [("accepted", None)]
        (held,) = eventually(lambda: running.messages(journey=journey), what="the message to be planned")
        assert held["state"] == "planned"
        # The brand lives in Shanghai.
        assert datetime.fromisoformat(held["due_at"]) == (ends_at - timedelta(hours=8)).replace(tzinfo=UTC)
        assert [one["body"]["content"] for one in running.sandbox.messages_to(person)] == ["您的订单到了"]

        assert outcomes(ended(running, journey, 1)) == [("accepted", None)]
        assert [one["body"]["content"] for one in running.sandbox.messages_to(person)] == [
            "您的订单到了",
            "早安",
        ]
        arrived = running.sandbox.messages_to(person)[-1]["at"]
        assert arrived >= (ends_at - timedelta(hours=8)).replace(tzinfo=UTC).timestamp()
    finally:
        running.send("PUT", QUIET_PATH, open_policy)


def test_quiet_hours_may_drop(running_platform: RunningPlatform) -> None:
    running = running_platform
    person = running.new_person()
    journey, event = on_event(running, {"say": text(running, "晚安", "done")})
    running.follow(person)
    open_policy = running.get(QUIET_PATH)
    now = datetime.now(UTC) + timedelta(hours=8)
    quiet = {
        "start": (now - timedelta(hours=1)).time().isoformat("seconds"),
        "end": (now + timedelta(hours=1)).time().isoformat("seconds"),
        "mode": "drop",
    }
    running.send("PUT", QUIET_PATH, {**open_policy, "quiet_hours": [quiet]})
    try:
        begin(running, event, person)

        assert outcomes(ended(running, journey, 1)) == [("refused", "quiet_hours")]
        assert running.sandbox.messages_to(person) == []
    finally:
        running.send("PUT", QUIET_PATH, open_policy)


@pytest.mark.slow
def test_a_word_opens_forty_eight_hours_and_no_more(start_platform: StartPlatform) -> None:
    """Both sides are stopped and started again at a later hour; everything goes on where it was."""
    noon = datetime(2026, 3, 4, 4, 0, tzinfo=UTC).timestamp()
    running = start_platform(clock=_clock(noon))
    talker, silent = running.new_person(), running.new_person()
    journeys = [on_event(running, {"say": text(running, f"第{n}次问候", "done")}) for n in range(2)]
    for person in (talker, silent):
        running.follow(person)
    running.sandbox.act(talker, "say", text="在吗")
    running.until_seen(talker, SAID)

    _start_again(running, noon + 47 * 3600)
    for person in (talker, silent):
        begin(running, journeys[0][1], person)
    by_person = {one["person_id"]: one for one in ended(running, journeys[0][0], 2)}

    assert by_person[running.person_id(talker)]["state"] == "accepted"
    assert by_person[running.person_id(silent)]["reason"] == "window_closed"

    _start_again(running, noon + 49 * 3600)
    begin(running, journeys[1][1], talker)

    assert outcomes(ended(running, journeys[1][0], 1)) == [("refused", "window_closed")]
    assert [one["body"]["content"] for one in running.sandbox.messages_to(talker)] == ["第0次问候"]
    assert running.sandbox.messages_to(silent) == []


def _clock(virtual_s: float) -> str:
    """Say that it is this hour now, and that time passes as usual."""
    return f"{time.time()}:{virtual_s}:1"


def _start_again(running: RunningPlatform, virtual_s: float) -> None:
    clock = _clock(virtual_s)
    assert running.platform.stop() == 0
    running.sandbox.stop()
    running.sandbox.clock = running.platform.clock = clock
    running.sandbox.start()
    running.platform.start()
