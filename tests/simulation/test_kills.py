"""Twenty kills of the real process in the middle of everything: nothing lost, doubled or sent twice."""

import os
import time
from collections import Counter
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import psutil
import pytest

from quanyu.infra.embedded_postgres import EmbeddedPostgres
from simulation.outside import DEATHS, TICKET, Importer, Killer, Shop
from support.processes import Platform, eventually
from support.running import RunningPlatform, start_connected

SEED = int(os.environ.get("SEED", "20260304"))
FOLLOWERS = 150
TICKETS_EACH = 4  # A word allows five messages within 48 hours.
DRAIN_LIMIT_S = 150
OPEN_STATES = ("planned", "reserved", "handed")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_twenty_kills_lose_nothing_and_double_nothing() -> None:
    print(f"\nSEED={SEED}")
    with ExitStack() as stack:
        running = start_connected(stack, people=FOLLOWERS)
        journey, followers = _prepare(running)
        shop = Shop(running, SEED, followers, TICKETS_EACH)
        importer = Importer(running, running.platform.directory)
        killer = Killer(running.platform, SEED)
        began = time.monotonic()
        shop.start()
        importer.start()
        killer.run()
        killed_s = time.monotonic() - began
        running.platform.start()
        shop.finish()
        importer.finish()
        _drain(running, journey, shop.tickets)

        assert len(killer.kills) == len(DEATHS) == 20
        figures = _messages_add_up(running, killer, shop.tickets)
        _nobody_got_anything_twice(running, figures)
        _callbacks_are_kept_once(running)
        assert running.get("/api/v1/overview")["pipeline"]["dead_letters"] == 0
        assert running.platform.stop() == 0
        events = _every_event_is_kept_once(running, shop, importer)
        _nothing_is_left_running(running)
        print(
            f"{len(killer.kills)} kills in {killed_s:.0f} s {dict(Counter(killer.kills))}; "
            f"{events} events, of which {len(shop.acknowledged)} by HTTP in {shop.attempts} attempts and "
            f"{importer.orders} orders from {importer.files} files; {figures}; "
            f"{len(killer.in_hand)} calls in hand at the kills; {time.monotonic() - began:.0f} s in all"
        )


def _prepare(running: RunningPlatform) -> tuple[str, list[str]]:
    """Let everybody follow and say a word, and publish the journey that answers tickets."""
    followers = []
    for person in range(FOLLOWERS):
        followers.append(running.sandbox.act(person, "follow")["openid"])
        running.sandbox.act(person, "say", text="在吗")
    running.sandbox.until_idle()
    windows = "SELECT count(*) FROM message_window WHERE kind = 'message'"
    eventually(lambda: running.platform.number(windows) == FOLLOWERS, what="every window to open")
    # Calls that take a while, so that some are under way whenever the platform dies.
    running.sandbox.ask("POST", "/faults", path="/cgi-bin/message/*", delay_s=0.25)
    return running.publish("Tickets", _definition(running)), followers


def _definition(running: RunningPlatform) -> dict[str, Any]:
    templates = running.sandbox.account_templates()
    chosen = next(one for one in templates if one["title"] == "会员权益变更提醒")
    send = {"kind": "send", "account_id": running.account_id}
    text = {"message_kind": "customer_service_text", "content": {"text": "单号 {{ event.ticket }} 已收到"}}
    data = {"thing1": "茶友", "thing2": "{{ event.ticket }}", "time3": "2026-03-04 12:00"}
    template = {
        "message_kind": "template",
        "message_class": "transactional",
        "content": {"template_id": chosen["template_id"], "data": data},
    }
    return {
        "entry": {"kind": "event", "event": TICKET, "entry_key": "ticket"},
        "start": "text",
        "nodes": {
            "text": send | text | {"next": "template"},
            "template": send | template | {"next": "done"},
            "done": {"kind": "end"},
        },
    }


def _drain(running: RunningPlatform, journey: str, tickets: int) -> None:
    """Wait until everything that was accepted has been stored, reacted to and sent."""

    def pipeline() -> bool:
        now = running.get("/api/v1/overview")["pipeline"]
        return bool(now["lag_events"] == 0 and now["stored"] == now["accepted"])

    def messages() -> dict[str, Any]:
        found: dict[str, Any] = running.get("/api/v1/messages/summary")
        return found

    eventually(pipeline, limit_s=DRAIN_LIMIT_S, what="the pipeline to catch up")
    eventually(
        lambda: running.get(f"/api/v1/journeys/{journey}")["completed"] == tickets,
        limit_s=DRAIN_LIMIT_S,
        what=f"{tickets} tickets to go through the journey",
    )
    eventually(lambda: messages()["in_progress"] == 0, limit_s=DRAIN_LIMIT_S, what="messages to end")
    open_repeats = "SELECT count(*) FROM message_intent WHERE wake_at IS NOT NULL"
    eventually(
        lambda: running.platform.number(open_repeats) == 0, limit_s=DRAIN_LIMIT_S, what="repeats to end"
    )
    running.sandbox.until_idle()
    eventually(pipeline, limit_s=DRAIN_LIMIT_S, what="receipts and facts to be stored")


def _messages_add_up(running: RunningPlatform, killer: Killer, tickets: int) -> dict[str, int]:
    summary = running.get("/api/v1/messages/summary")
    names = ("planned", "accepted", "rejected", "refused", "unknown")
    planned, accepted, rejected, refused, unknown = (summary[name] for name in names)

    assert planned == 2 * tickets
    assert planned == accepted + rejected + refused + unknown
    assert (rejected, refused) == (0, 0), summary["reasons"]
    # Only a call that was under way when the platform died may have an outcome that nobody knows.
    assert killer.in_hand
    assert unknown <= len(killer.in_hand)
    attempts = running.platform.rows(
        "SELECT intent_id, attempt FROM message_attempt WHERE outcome = 'unknown'"
    )
    assert {(int(identifier), int(attempt)) for identifier, attempt in attempts} <= killer.in_hand
    facts = running.platform.rows(
        "SELECT name, count(*), count(DISTINCT message_id) FROM log_event "
        "WHERE name IN ('messaging.message_accepted', 'messaging.message_unknown') GROUP BY name"
    )
    stated = {name: (count, distinct) for name, count, distinct in facts}
    assert stated["messaging.message_accepted"] == (accepted, accepted)
    assert stated.get("messaging.message_unknown", (0, 0)) == (unknown, unknown)
    return {"planned": planned, "accepted": accepted, "unknown": unknown}


def _nobody_got_anything_twice(running: RunningPlatform, figures: dict[str, int]) -> None:
    received = running.sandbox.messages()
    texts = Counter(one["body"]["content"] for one in received if one["kind"] == "custom:text")
    templates = Counter(one["client_msg_id"] for one in received if one["kind"] == "template")
    tickets = Counter(one["body"]["data"]["thing2"] for one in received if one["kind"] == "template")

    assert {words: times for words, times in texts.items() if times > 1} == {}
    assert {key: times for key, times in (*templates.items(), *tickets.items()) if times > 1} == {}
    assert running.sandbox.ask("GET", "/messages/repeated")["items"] == []
    # Everything that was answered arrived; of what was not answered, each may have.
    assert figures["accepted"] <= len(received) <= figures["accepted"] + figures["unknown"]
    kept = "SELECT 'msg', id FROM message_intent WHERE kind = 'template' AND state <> 'unknown'"
    assert len(running.platform.rows(kept)) <= len(templates)


def _callbacks_are_kept_once(running: RunningPlatform) -> None:
    callbacks = running.sandbox.callbacks()
    delivered = sum(one["state"] == "delivered" for one in callbacks)
    kept, distinct = running.platform.rows(
        "SELECT count(*), count(DISTINCT message_id) FROM log_event "
        "WHERE source = %s AND name <> 'wechat.official_account.user_info_fetched' AND kind = 'track'",
        f"official_account:{running.appid}",
    )[0]
    # One that we kept and then died before answering counts as lost over there.
    assert delivered <= kept <= len(callbacks)
    assert kept == distinct


def _every_event_is_kept_once(running: RunningPlatform, shop: Shop, importer: Importer) -> int:
    platform = running.platform
    in_warehouse = Counter(
        (source, message_id)
        for source, message_id in platform.warehouse_rows("SELECT source, message_id FROM quanyu.events")
    )
    (orders,) = platform.warehouse_rows(
        "SELECT count(), uniqExact(order_id), toString(sum(revenue)), "
        "toString(sum(arraySum(items.quantity))) FROM quanyu.events WHERE name = 'Order Completed'"
    )
    in_log, waiting = _keys_in_the_log(platform)
    if waiting:
        print(f"stated in the last moment: {sorted({name for _, _, name in waiting})}")

    assert {key: times for key, times in in_warehouse.items() if times > 1} == {}
    # Apart, so that a failure names the few keys in question and not the thousands that are right.
    assert in_log - set(in_warehouse) == set()
    assert set(in_warehouse) - in_log == set()
    assert {message_id for source, message_id in in_log if source == "website"} ^ shop.acknowledged == set()
    assert orders[:2] == [importer.orders, importer.orders]
    assert [Decimal(amount) for amount in orders[2:]] == [_revenue(importer), 3 * importer.orders]
    return len(in_warehouse)


def _keys_in_the_log(platform: Platform) -> tuple[set[tuple[str, str]], list[tuple[str, str, str]]]:
    """Return the keys that went through the log, and the facts that still wait in it for the next start.

    Both are read from the stopped platform's database. What the platform did in its last moment, such as
    reading a follower's details, is stated in the log and stored later.
    """
    with EmbeddedPostgres(platform.data.root):
        rows = platform.rows(
            "SELECT e.source, e.message_id, e.name, b.batch_id IS NOT NULL FROM log_event AS e "
            "LEFT JOIN log_batch AS b ON b.tenant_id = e.tenant_id AND b.state = 'stored' "
            "AND (e.xid, e.position) BETWEEN (b.from_xid, b.from_position) AND (b.to_xid, b.to_position)"
        )
    found = {(source, message_id) for source, message_id, _, is_stored in rows if is_stored}
    waiting = [(source, message_id, name) for source, message_id, name, is_stored in rows if not is_stored]
    assert len(found) + len(waiting) == len(rows)
    return found, waiting


def _revenue(importer: Importer) -> Decimal:
    """Two lines an order: one piece and two pieces at the order's price."""
    prices = (Decimal(f"1.{number % 100:02d}01") for number in range(1, importer.ORDERS + 1))
    return 3 * importer.files * sum(prices, Decimal(0))


def _nothing_is_left_running(running: RunningPlatform) -> None:
    place = str(running.platform.data.root)
    left = [
        one.pid for one in psutil.process_iter(["cmdline"]) if place in " ".join(one.info["cmdline"] or ())
    ]
    assert left == []
