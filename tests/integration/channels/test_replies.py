"""Automatic replies through the door: WX-5, EV-2, WM-1 (persist, then answer), WM-2 and WM-4."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contract.official_account.sandbox_process import Sandbox, running_sandbox
from quanyu.app.adapters import sending_is_held
from quanyu.flows.intake import Intake
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels import door as door_module
from quanyu.modules.channels.accounts import AccountKind
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import AccountId, ConnectOfficialAccount
from quanyu.modules.channels.replies.contracts import ReplyDraft, ReplyRule, RuleOrder, Trial
from quanyu.modules.channels.replies.late import LateReplySender
from quanyu.modules.channels.replies.responder import ReplyBooks
from quanyu.modules.channels.replies.service import AutoReplies, RuleConflict, UnknownRule, read_rule_id
from quanyu.modules.channels.service import Channels, read_account_id
from quanyu.modules.messaging.hold import HoldReason, lift_hold, place_hold

from .conftest import OPENID, Platform, event, text_message
from .test_door import log_of, rows

AT = 1772596800
FOLLOW = event("subscribe", at=AT)


class NoFigures:
    """History that knows of nothing."""

    async def answered(self, tenant_id: TenantId, app_id: str) -> Mapping[str, int]:
        return {}


@pytest.fixture
def replies(books: ReplyBooks) -> AutoReplies:
    return AutoReplies(NoFigures(), on_change=books.wake)


def draft(trigger: str, *texts: str, **more: Any) -> ReplyDraft:
    contents = [{"kind": "text", "text": text} for text in texts]
    return ReplyDraft.model_validate({"name": trigger, "trigger": trigger, "contents": contents, **more})


def keyword(match: str, word: str, text: str, **more: Any) -> ReplyDraft:
    return draft("keyword", text, keywords=[{"match": match, "text": word}], **more)


@pytest.fixture
def create(
    replies: AutoReplies,
    books: ReplyBooks,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    platform_side: Platform,
) -> Any:
    async def save(rule: ReplyDraft) -> ReplyRule:
        async with uows.app(tenant_id) as uow:
            created = await replies.create(uow, platform_side.account_id, rule)
        await books.renew()
        return created

    return save


async def test_a_keyword_is_answered_in_the_callback(
    platform_side: Platform, create: Any, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    rule = await create(
        keyword("contains", "营业时间", "每天 9 点到 21 点 ]]> & <a href='https://x.cn'>店</a>")
    )

    answer = await platform_side.deliver(text_message("请问营业时间?", at=AT, message_id=1))

    said = platform_side.opened(answer)
    assert (said["ToUserName"], said["FromUserName"], said["MsgType"]) == (OPENID, "gh_1", "text")
    assert said["Content"] == "每天 9 点到 21 点 ]]> & <a href='https://x.cn'>店</a>"
    (stored,) = await rows(uows, tenant_id, "log_event")
    assert stored.properties["answered_by"] == rule.id


async def test_what_nothing_matches_is_answered_by_default_or_not_at_all(
    platform_side: Platform, create: Any
) -> None:
    silent = await platform_side.deliver(text_message("?", at=AT, message_id=1))
    await create(draft("default", "人工客服稍后回复"))
    answered = await platform_side.deliver(text_message("?", at=AT, message_id=2))

    assert silent.body == b"success"
    assert platform_side.opened(answered)["Content"] == "人工客服稍后回复"


@pytest.mark.parametrize(
    ("content", "kind", "inside"),
    [
        ({"kind": "image", "media_id": "m1"}, "image", {"Image": {"MediaId": "m1"}}),
        ({"kind": "voice", "media_id": "m1"}, "voice", {"Voice": {"MediaId": "m1"}}),
        (
            {"kind": "video", "media_id": "m1", "title": "t"},
            "video",
            {"Video": {"MediaId": "m1", "Title": "t"}},
        ),
        (
            {"kind": "music", "thumb_media_id": "m1", "music_url": "https://x.cn/a.mp3"},
            "music",
            {"Music": {"MusicUrl": "https://x.cn/a.mp3", "ThumbMediaId": "m1"}},
        ),
        (
            {"kind": "news", "title": "t", "url": "https://x.cn/"},
            "news",
            {"ArticleCount": "1"},
        ),
        (
            {"kind": "transfer", "kf_account": "amy@brand"},
            "transfer_customer_service",
            {"TransInfo": {"KfAccount": "amy@brand"}},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_every_kind_of_content_is_written_as_the_platform_reads_it(
    content: dict[str, Any], kind: str, inside: dict[str, Any], platform_side: Platform, create: Any
) -> None:
    await create(draft("follow", contents=[content]))

    said = platform_side.opened(await platform_side.deliver(FOLLOW))

    assert said["MsgType"] == kind
    assert {name: said[name] for name in inside} == inside


async def test_a_repeat_gets_the_first_answer_though_the_rule_changed(
    platform_side: Platform,
    create: Any,
    replies: AutoReplies,
    books: ReplyBooks,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
) -> None:
    """EV-2: the platform repeats what it got no answer to in time; the person must not see two answers."""
    rule = await create(keyword("exact", "hi", "one", mode="all"))
    first = await platform_side.deliver(text_message("hi", at=AT, message_id=1))
    async with uows.app(tenant_id) as uow:
        changed = keyword("exact", "hi", "two")
        await replies.change(uow, platform_side.account_id, read_rule_id(rule.id), changed)
    await books.renew()

    again = await platform_side.deliver(text_message("hi", at=AT, message_id=1), nonce="9")
    other = await platform_side.deliver(text_message("hi", at=AT, message_id=2))

    said = [platform_side.opened(answer)["Content"] for answer in (first, again, other)]
    assert said == ["one", "one", "two"]
    assert len(await rows(uows, tenant_id, "raw_callback")) == 2


async def test_deliveries_at_once_get_one_answer_and_one_late_message_each(
    platform_side: Platform, create: Any, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    await create(draft("follow", "one", "two", "three"))

    answers = await asyncio.gather(*(platform_side.deliver(FOLLOW, nonce=str(n)) for n in range(20)))

    assert {platform_side.opened(answer)["Content"] for answer in answers} == {"one"}
    late = await rows(uows, tenant_id, "late_reply")
    assert sorted((row.part, row.content["text"], row.state) for row in late) == [
        (0, "two", "waiting"),
        (1, "three", "waiting"),
    ]


async def test_what_is_not_committed_is_not_answered_and_the_repeat_is(
    platform_side: Platform,
    create: Any,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    clock: FixedClock,
    intake: Intake,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """WM-1: persisted first. Past four seconds the answer is 500, and the repeat is answered once."""
    await create(keyword("exact", "hi", "hello"))
    released = asyncio.Event()

    async def connect() -> Any:
        await released.wait()
        return await database.connect_system()

    monkeypatch.setattr(door_module, "COMMIT_TIMEOUT_S", 0.05)
    async with log_of(database, clock, intake, connect=connect) as slow:
        platform_side.door._keeper = slow
        refused = await platform_side.deliver(text_message("hi", at=AT, message_id=1))
        released.set()
        monkeypatch.setattr(door_module, "COMMIT_TIMEOUT_S", 4.0)
        answered = await platform_side.deliver(text_message("hi", at=AT, message_id=1))

    assert (refused.status, b"hello" in refused.body) == (500, False)
    assert platform_side.opened(answered)["Content"] == "hello"
    assert len(await rows(uows, tenant_id, "raw_callback")) == 1


async def test_another_process_follows_a_change_by_its_version(
    platform_side: Platform, create: Any, uows: UnitOfWorkFactory
) -> None:
    elsewhere = ReplyBooks(uows)
    platform_side.door._responders[AccountKind.OFFICIAL_ACCOUNT] = elsewhere
    assert (await platform_side.deliver(FOLLOW)).body == b"success"
    stopping = asyncio.Event()
    running = asyncio.create_task(elsewhere.run(stopping))

    await create(draft("follow", "欢迎"))
    async with asyncio.timeout(10):
        while elsewhere.book(platform_side.account_id).follow is None:  # noqa: ASYNC110
            await asyncio.sleep(0.02)

    stopping.set()
    await running
    answer = await platform_side.deliver(event("subscribe", at=AT + 1))
    assert platform_side.opened(answer)["Content"] == "欢迎"


async def test_one_situation_has_one_answer(
    create: Any, replies: AutoReplies, uows: UnitOfWorkFactory, tenant_id: TenantId, platform_side: Platform
) -> None:
    await create(draft("follow", "one"))
    await create(draft("menu", "sale", menu_key="SALE"))
    await create(draft("menu", "news", menu_key="NEWS"))

    for rule in (draft("follow", "two"), draft("menu", "again", menu_key="SALE")):
        with pytest.raises(RuleConflict):
            await create(rule)
    await create(draft("follow", "two", enabled=False))

    async with uows.app(tenant_id) as uow:
        listed = await replies.list_rules(uow, platform_side.account_id, platform_side.app_id)
    assert [(rule.trigger.value, rule.enabled) for rule in listed] == [
        ("follow", True),
        ("follow", False),
        ("menu", True),
        ("menu", True),
    ]


async def test_a_deleted_rule_answers_no_longer_and_others_brands_see_nothing(
    create: Any,
    replies: AutoReplies,
    books: ReplyBooks,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    platform_side: Platform,
) -> None:
    rule = await create(draft("follow", "one"))
    async with uows.app(TenantId(424242)) as uow:
        assert await replies.list_rules(uow, platform_side.account_id, platform_side.app_id) == ()
    async with uows.app(tenant_id) as uow:
        await replies.delete(uow, platform_side.account_id, read_rule_id(rule.id))
    await books.renew()

    assert (await platform_side.deliver(FOLLOW)).body == b"success"
    with pytest.raises(UnknownRule):
        async with uows.app(tenant_id) as uow:
            await replies.delete(uow, platform_side.account_id, read_rule_id(rule.id))


async def test_trying_tells_what_would_answer(
    create: Any, replies: AutoReplies, uows: UnitOfWorkFactory, tenant_id: TenantId, platform_side: Platform
) -> None:
    rule = await create(keyword("regex", r"订单\s*\d+", "请稍等", priority=7))

    async with uows.app(tenant_id) as uow:
        account_id, app_id = platform_side.account_id, platform_side.app_id
        hit = await replies.attempt(uow, account_id, app_id, Trial(text="我的订单 42"))
        miss = await replies.attempt(uow, account_id, app_id, Trial(text="你好"))

    assert hit.rule is not None
    assert (hit.rule.id, [content.kind for content in hit.contents]) == (rule.id, ["text"])
    assert (miss.rule, miss.contents) == (None, ())


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
async def late_account(
    sandbox: Sandbox, channels: Channels, uows: UnitOfWorkFactory, tenant_id: TenantId, clock: FixedClock
) -> AccountId:
    """The sandbox's account, connected; both sides on the same time."""
    await sandbox.control("POST", "/reset")
    await sandbox.control("DELETE", "/faults")
    clock.advance(datetime.now(UTC) - clock.now())
    command = ConnectOfficialAccount(
        app_id=sandbox.account["appid"], app_secret=sandbox.account["secret"], base_url=sandbox.url
    )
    async with uows.app(tenant_id) as uow:
        connected = await channels.connect(uow, command)
    return read_account_id(connected.account.id)


@pytest.fixture
def sender(uows: UnitOfWorkFactory, key_ring: KeyRing, clients: AccountClients) -> LateReplySender:
    return LateReplySender(uows, key_ring, clients)


async def owe(uow: UnitOfWork, key_ring: KeyRing, account_id: AccountId, openid: str, *texts: str) -> None:
    """Leave what the door leaves when a reply has more than one message."""
    token = key_ring.blind("openid", str(account_id), openid)
    await uow.execute(
        "INSERT INTO follower (tenant_id, account_id, openid_token, openid_sealed, first_seen_at) "
        "VALUES (:tenant, :account, :token, :sealed, :now)",
        {
            "tenant": uow.tenant_id,
            "account": account_id,
            "token": token,
            "sealed": key_ring.seal(openid.encode()),
            "now": uow.clock.now(),
        },
    )
    for part, text in enumerate(texts):
        await uow.execute(
            "INSERT INTO late_reply (tenant_id, account_id, delivery, part, openid_token, reference, "
            "content, state, due_at, created_at, updated_at) "
            "VALUES (:tenant, :account, :delivery, :part, :token, "
            "'rpl_1', CAST(:content AS jsonb), 'waiting', :now, :now, :now)",
            {
                "tenant": uow.tenant_id,
                "account": account_id,
                "delivery": b"d" * 16,
                "part": part,
                "token": token,
                "content": f'{{"kind": "text", "text": "{text}"}}',
                "now": uow.clock.now(),
            },
        )


async def test_later_messages_go_out_in_order_and_once(
    sandbox: Sandbox,
    late_account: AccountId,
    sender: LateReplySender,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    key_ring: KeyRing,
) -> None:
    """WM-2: each state is visible, and nothing is sent twice."""
    openid = await sandbox.follow(1)
    await sandbox.say(1, "hi")
    async with uows.system(tenant_id) as uow:
        await owe(uow, key_ring, late_account, openid, "two", "three")

    assert await sender.run_once(tenant_id) == 2
    assert await sender.run_once(tenant_id) == 0

    assert await sandbox_texts(sandbox) == ["two", "three"]
    assert [row.state for row in await rows(uows, tenant_id, "late_reply")] == ["sent", "sent"]
    facts = [row for row in await rows(uows, tenant_id, "log_event") if row.name.startswith("channels.")]
    assert [(fact.name, fact.properties["answered_by"]) for fact in facts] == [
        ("channels.late_reply_sent", "rpl_1")
    ] * 2


async def sandbox_texts(sandbox: Sandbox) -> list[str]:
    found = await sandbox.control("GET", "/messages")
    return [message["body"]["content"] for message in found["items"]]


@pytest.mark.parametrize(
    ("fault", "states", "heard"),
    [
        ({"errcode": 45015, "times": 2}, ["rejected", "rejected"], []),
        ({"errcode": 40007, "times": 1}, ["rejected", "sent"], ["three"]),
        ({"errcode": -1, "times": 1}, ["waiting", "waiting"], []),
    ],
    ids=["window closed", "bad media", "busy"],
)
async def test_refusals_are_told_apart(
    fault: dict[str, Any],
    states: list[str],
    heard: list[str],
    sandbox: Sandbox,
    late_account: AccountId,
    sender: LateReplySender,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    key_ring: KeyRing,
    clock: FixedClock,
) -> None:
    openid = await sandbox.follow(1)
    await sandbox.say(1, "hi")
    async with uows.system(tenant_id) as uow:
        await owe(uow, key_ring, late_account, openid, "two", "three")
    await sandbox.fault("/cgi-bin/message/custom/send", **fault)

    await sender.run_once(tenant_id)

    found = sorted(await rows(uows, tenant_id, "late_reply"), key=lambda row: row.part)
    assert [row.state for row in found] == states
    assert await sandbox_texts(sandbox) == heard
    if "waiting" in states:
        clock.advance(timedelta(seconds=10))
        await sender.run_once(tenant_id)
        assert await sandbox_texts(sandbox) == ["two", "three"]


async def test_what_a_dead_process_had_in_hand_is_never_sent_again(
    sandbox: Sandbox,
    late_account: AccountId,
    sender: LateReplySender,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    key_ring: KeyRing,
    clock: FixedClock,
) -> None:
    openid = await sandbox.follow(1)
    async with uows.system(tenant_id) as uow:
        await owe(uow, key_ring, late_account, openid, "two")
        await uow.execute("UPDATE late_reply SET state = 'handed' WHERE tenant_id = :t", {"t": tenant_id})

    clock.advance(timedelta(minutes=3))
    await sender.run_once(tenant_id)

    (row,) = await rows(uows, tenant_id, "late_reply")
    assert (row.state, row.reason) == ("unknown", "process_ended")
    assert await sandbox_texts(sandbox) == []


async def test_held_sending_holds_late_replies_until_it_is_released_or_they_are_old(
    sandbox: Sandbox,
    late_account: AccountId,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    key_ring: KeyRing,
    clients: AccountClients,
    clock: FixedClock,
) -> None:
    openid = await sandbox.follow(2)
    await sandbox.say(2, "hi")
    sender = LateReplySender(uows, key_ring, clients, is_held=sending_is_held)
    async with uows.system(tenant_id) as uow:
        await place_hold(uow, HoldReason.RESTORED)
        await owe(uow, key_ring, late_account, openid, "held")

    await sender.run_once(tenant_id)
    (waiting,) = await rows(uows, tenant_id, "late_reply")
    assert (waiting.state, waiting.reason) == ("waiting", "held")
    assert await sandbox_texts(sandbox) == []

    async with uows.system(tenant_id) as uow:
        await lift_hold(uow, drop_waiting=False)
    clock.advance(timedelta(seconds=10))
    await sender.run_once(tenant_id)
    assert await sandbox_texts(sandbox) == ["held"]


async def test_late_replies_that_were_held_too_long_expire_and_say_so(
    late_account: AccountId,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    key_ring: KeyRing,
    clients: AccountClients,
    clock: FixedClock,
) -> None:
    sender = LateReplySender(uows, key_ring, clients, is_held=sending_is_held)
    async with uows.system(tenant_id) as uow:
        await place_hold(uow, HoldReason.RESTORED)
        await owe(uow, key_ring, late_account, OPENID, "old")
    await sender.run_once(tenant_id)

    clock.advance(timedelta(minutes=11))
    await sender.run_once(tenant_id)

    (kept,) = await rows(uows, tenant_id, "late_reply")
    assert (kept.state, kept.reason) == ("expired", "too_late")
    (fact,) = [row for row in await rows(uows, tenant_id, "log_event") if row.name.startswith("channels.")]
    assert (fact.name, fact.properties["outcome"]) == ("channels.late_reply_failed", "expired")


async def test_keyword_rules_are_reordered_all_at_once(
    platform_side: Platform,
    create: Any,
    replies: AutoReplies,
    uows: UnitOfWorkFactory,
    books: ReplyBooks,
    tenant_id: TenantId,
) -> None:
    first = await create(keyword("contains", "茶", "一"))
    second = await create(keyword("contains", "茶", "二"))
    await create(draft("follow", "欢迎"))

    async def answer(message_id: int) -> Any:
        said = await platform_side.deliver(text_message("茶", at=AT, message_id=message_id))
        return platform_side.opened(said)["Content"]

    assert await answer(1) == "一"
    order = RuleOrder(rules=(second.id, first.id))
    for _ in range(2):
        async with uows.app(tenant_id) as uow:
            await replies.reorder(uow, platform_side.account_id, order)
    await books.renew()
    assert await answer(2) == "二"

    for wrong in ((second.id,), (second.id, second.id), (second.id, first.id, "rpl_1")):
        with pytest.raises(RuleConflict):
            async with uows.app(tenant_id) as uow:
                await replies.reorder(uow, platform_side.account_id, RuleOrder(rules=wrong))
    await books.renew()
    assert await answer(3) == "二"
