"""Source codes: CW-7 (quota), CW-8 (unknown scenes), CW-13 (printed codes), CW-14 (figures)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from prometheus_client import REGISTRY
from pydantic import ValidationError

from contract.official_account.sandbox_process import Sandbox, running_sandbox
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.codes.contracts import CodeDraft, CodeState, NewCode, SourceCode
from quanyu.modules.channels.codes.issuing import CodeIssuer
from quanyu.modules.channels.codes.service import (
    CodeConflict,
    SourceCodeDesk,
    UnknownTags,
    draw,
    read_code_id,
)
from quanyu.modules.channels.codes.statistics import CodeFigures, CodePeriod
from quanyu.modules.channels.codes.subscribers import SourceCodeSubscriber
from quanyu.modules.channels.contracts import AccountId, ConnectOfficialAccount
from quanyu.modules.channels.replies.contracts import ReplyDraft
from quanyu.modules.channels.replies.responder import ReplyBooks
from quanyu.modules.channels.replies.service import AutoReplies
from quanyu.modules.channels.service import Channels, read_account_id
from quanyu.modules.channels.tags.service import TagDesk
from quanyu.modules.channels.tags.worker import TagWorker
from quanyu.wechat.official_account import tags as calls

from .conftest import Platform, event
from .test_door import rows
from .test_replies import NoFigures

AT = 1772596800


@pytest.fixture
def desk(warehouse: Warehouse, clock: FixedClock, books: ReplyBooks) -> SourceCodeDesk:
    return SourceCodeDesk(CodeFigures(warehouse, clock), on_change=books.wake)


@pytest.fixture
def make(
    desk: SourceCodeDesk,
    books: ReplyBooks,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    platform_side: Platform,
) -> Any:
    async def create(**code: Any) -> SourceCode:
        async with uows.app(tenant_id) as uow:
            created = await desk.create(uow, platform_side.account_id, NewCode(**{"name": "code", **code}))
        await books.renew()
        return created

    return create


def welcome(text: str) -> tuple[dict[str, str], ...]:
    return ({"kind": "text", "text": text},)


def followed(scene: str, *, at: int = AT) -> str:
    return event("subscribe", at=at, inside=f"<EventKey><![CDATA[qrscene_{scene}]]></EventKey>")


def scanned(scene: str, *, at: int = AT) -> str:
    return event("SCAN", at=at, inside=f"<EventKey><![CDATA[{scene}]]></EventKey>")


async def said(platform: Platform, document: str) -> str:
    answer = await platform.deliver(document)
    return "" if answer.body == b"success" else str(platform.opened(answer)["Content"])


async def test_a_code_welcomes_new_followers_and_old_ones(
    platform_side: Platform, make: Any, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    """WM-4: the code's welcome comes before the account's."""
    code = await make(scene="shop_12", contents=welcome("欢迎来到 12 号店"))

    heard = [
        await said(platform_side, followed("shop_12")),
        await said(platform_side, scanned("shop_12", at=AT + 1)),
    ]

    assert heard == ["欢迎来到 12 号店"] * 2
    stored = await rows(uows, tenant_id, "log_event")
    assert {row.properties["answered_by"] for row in stored} == {code.id}


async def test_without_a_welcome_and_with_an_unknown_scene_the_follow_reply_answers(
    platform_side: Platform, make: Any, books: ReplyBooks, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    """CW-8: an unknown scene falls back to the default and is counted."""
    rule = ReplyDraft.model_validate({"name": "f", "trigger": "follow", "contents": welcome("欢迎")})
    async with uows.app(tenant_id) as uow:
        await AutoReplies(NoFigures()).create(uow, platform_side.account_id, rule)
    await make(scene="quiet")
    counter = "quanyu_official_account_unknown_scenes_total"
    before = REGISTRY.get_sample_value(counter) or 0.0

    assert await said(platform_side, followed("quiet")) == "欢迎"
    assert await said(platform_side, scanned("quiet", at=AT + 1)) == ""
    assert REGISTRY.get_sample_value(counter) == before
    assert await said(platform_side, followed("from_an_older_system", at=AT + 2)) == "欢迎"
    assert REGISTRY.get_sample_value(counter) == before + 1


async def test_an_archived_code_leads_elsewhere(
    platform_side: Platform,
    make: Any,
    desk: SourceCodeDesk,
    books: ReplyBooks,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
) -> None:
    """CW-13: printed pictures stay in the world."""
    old = await make(scene="old", contents=welcome("旧"))
    new = await make(scene="new", contents=welcome("新"))
    account_id = platform_side.account_id
    async with uows.app(tenant_id) as uow:
        archived = await desk.archive(uow, account_id, read_code_id(old.id), new.id)
    await books.renew()
    assert (archived.state, archived.redirect) == (CodeState.ARCHIVED, new.id)
    assert await said(platform_side, followed("old")) == "新"

    async with uows.app(tenant_id) as uow:
        with pytest.raises(CodeConflict):
            await desk.archive(uow, account_id, read_code_id(new.id), old.id)
        await desk.archive(uow, account_id, read_code_id(new.id), "follow")
    await books.renew()
    assert await said(platform_side, followed("old", at=AT + 1)) == ""


async def test_scenes_are_taken_for_good_and_tags_must_exist(make: Any) -> None:
    first = await make()
    second = await make()
    assert first.scene != second.scene
    assert len(first.scene) == 18
    await make(scene="mine")

    with pytest.raises(CodeConflict):
        await make(scene="mine")
    with pytest.raises(UnknownTags):
        await make(tags=(101,))
    for broken in ({"scene": "x" * 65}, {"scene": "中文"}, {"days": 31}, {"contents": welcome("x") * 5}):
        with pytest.raises(ValidationError):
            await make(**broken)


async def test_a_changed_welcome_is_said_at_once(
    platform_side: Platform,
    make: Any,
    desk: SourceCodeDesk,
    books: ReplyBooks,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
) -> None:
    code = await make(scene="s", contents=welcome("one"))
    async with uows.app(tenant_id) as uow:
        draft = CodeDraft.model_validate({"name": "n", "contents": welcome("two")})
        await desk.change(uow, platform_side.account_id, read_code_id(code.id), draft)
    await books.renew()

    assert await said(platform_side, followed("s")) == "two"


def test_the_picture_says_the_address() -> None:
    png, media_type = draw("http://weixin.qq.com/q/02abc", "png", scale=4)
    svg, _ = draw("http://weixin.qq.com/q/02abc", "svg", scale=4)

    assert (png[:8], media_type) == (b"\x89PNG\r\n\x1a\n", "image/png")
    assert b"<svg" in svg


@dataclass(frozen=True)
class Logged:
    """An event as the pipeline hands it to subscribers."""

    name: str
    context: dict[str, str]
    occurred_at: datetime = datetime(2026, 3, 4, 4, tzinfo=UTC)
    received_at: datetime = datetime(2026, 3, 4, 4, tzinfo=UTC)
    person_id: PersonId | None = None
    properties: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
async def account_id(
    sandbox: Sandbox, channels: Channels, uows: UnitOfWorkFactory, tenant_id: TenantId, clock: FixedClock
) -> AccountId:
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
def issuer(uows: UnitOfWorkFactory, clients: AccountClients) -> CodeIssuer:
    return CodeIssuer(uows, clients)


async def test_the_platform_issues_codes_and_people_scan_them(
    sandbox: Sandbox,
    account_id: AccountId,
    desk: SourceCodeDesk,
    issuer: CodeIssuer,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    clock: FixedClock,
) -> None:
    async with uows.app(tenant_id) as uow:
        lasting = await desk.create(uow, account_id, NewCode(name="lasting", scene="wall"))
        passing = await desk.create(uow, account_id, NewCode(name="passing", kind="temporary", days=7))
    assert lasting.state is CodeState.ISSUING

    assert [await issuer.issue(tenant_id) for _ in range(3)] == [True, True, False]

    async with uows.app(tenant_id) as uow:
        lasting = await desk.get(uow, account_id, read_code_id(lasting.id))
        passing = await desk.get(uow, account_id, read_code_id(passing.id))
        listed = await desk.list_codes(uow, account_id, sandbox.account["appid"])
        named = await desk.list_codes(uow, account_id, sandbox.account["appid"], search="LAST")
    assert (lasting.state, lasting.expires_at) == (CodeState.READY, None)
    assert passing.expires_at is not None
    assert abs(passing.expires_at - clock.now() - timedelta(days=7)) < timedelta(seconds=5)
    assert ([code.name for code in listed.items], listed.permanent_used) == (["passing", "lasting"], 1)
    assert [code.name for code in named.items] == ["lasting"]
    relation = await sandbox.control("POST", "/people/3/scan", {"url": lasting.url})
    assert relation["following"] is True


async def test_a_busy_platform_is_asked_again_and_a_refusal_is_shown(
    sandbox: Sandbox,
    account_id: AccountId,
    desk: SourceCodeDesk,
    issuer: CodeIssuer,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    clock: FixedClock,
) -> None:
    """CW-9: the intent is kept before the platform is asked."""
    async with uows.app(tenant_id) as uow:
        code = await desk.create(uow, account_id, NewCode(name="n"))
    code_id = read_code_id(code.id)
    await sandbox.fault("/cgi-bin/qrcode/create", errcode=-1, times=1)
    await issuer.issue(tenant_id)
    assert not await issuer.issue(tenant_id)
    clock.advance(timedelta(seconds=11))
    await sandbox.fault("/cgi-bin/qrcode/create", errcode=48001, times=1)
    await issuer.issue(tenant_id)
    async with uows.app(tenant_id) as uow:
        failed = await desk.get(uow, account_id, code_id)
        await desk.issue_again(uow, account_id, code_id)
    await issuer.issue(tenant_id, code_id)
    async with uows.app(tenant_id) as uow:
        ready = await desk.get(uow, account_id, code_id)

    assert (failed.state, failed.reason) == (CodeState.FAILED, "48001")
    assert (ready.state, ready.reason) == (CodeState.READY, "")


async def test_scanning_gives_the_codes_tags(
    sandbox: Sandbox,
    account_id: AccountId,
    desk: SourceCodeDesk,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    key_ring: KeyRing,
    clients: AccountClients,
) -> None:
    tag = await TagDesk(uows, clients).create(tenant_id, account_id, "12 号店")
    openid = await sandbox.follow(1)
    app_id = sandbox.account["appid"]
    token = key_ring.blind("openid", app_id, openid)
    async with uows.app(tenant_id) as uow:
        await desk.create(uow, account_id, NewCode(name="n", scene="shop", tags=(tag.id,)))
    async with uows.system(tenant_id) as uow:
        await uow.execute(
            "INSERT INTO follower (tenant_id, account_id, openid_token, openid_sealed, first_seen_at) "
            "VALUES (:t, :a, :token, :sealed, :now)",
            {
                "t": tenant_id,
                "a": account_id,
                "token": token,
                "sealed": key_ring.seal(openid.encode()),
                "now": uow.clock.now(),
            },
        )
    context = {"app": app_id, "source_code": "shop", "follower": token.hex()}
    events = [Logged("wechat.official_account.followed", context)] * 2
    for _ in range(2):
        async with uows.system(tenant_id) as uow:
            await SourceCodeSubscriber().apply(uow, events, None)
        await TagWorker(uows, key_ring, clients).run_once(tenant_id)

    client = await clients.client(tenant_id, account_id)
    assert (await client.call(calls.TAGS_OF, calls.TagsOfRequest(openid=openid))).tagid_list == (tag.id,)
    (fact,) = [row for row in await rows(uows, tenant_id, "log_event") if row.kind == "track"]
    assert fact.properties["origin"].startswith("qrc_")


EVENTS = """
INSERT INTO events (tenant_id, name, person, occurred_at, received_at, applied_at, kind, source, message_id,
    app, source_code, revenue, currency) VALUES
"""


async def test_figures_are_counted_from_history(
    warehouse: Warehouse, tenant_id: TenantId, clock: FixedClock
) -> None:
    """CW-14: adds, new against old, losses, paying people and their revenue."""
    follow, leave = "wechat.official_account.followed", "wechat.official_account.unfollowed"
    day = datetime(2026, 3, 1, 2, tzinfo=UTC)
    story: list[tuple[str, int, timedelta, str, str]] = [
        (follow, 1, timedelta(0), "s", "0"),
        (leave, 1, timedelta(hours=2), "", "0"),
        (follow, 2, timedelta(hours=1), "s", "0"),
        (leave, 2, timedelta(days=3), "", "0"),
        (follow, 3, -timedelta(days=9), "", "0"),
        (leave, 3, -timedelta(days=8), "", "0"),
        (follow, 3, timedelta(days=1), "s", "0"),
        ("Order Completed", 3, timedelta(days=2), "", "80.50"),
        ("Order Refunded", 3, timedelta(days=3), "", "-10.50"),
        ("Order Completed", 3, timedelta(days=60), "", "99"),
        ("wechat.official_account.scanned", 2, timedelta(days=1), "s", "0"),
        (follow, 4, timedelta(0), "other", "0"),
        ("Order Completed", 4, timedelta(days=2), "", "5"),
    ]
    values = ", ".join(
        f"({tenant_id}, '{name}', {person}, '{(day + after):%Y-%m-%d %H:%M:%S}', "
        f"'{day:%Y-%m-%d %H:%M:%S}', '{day:%Y-%m-%d %H:%M:%S}', 'track', 't', '{number}', "
        f"'wx1', '{scene}', {revenue}, 'CNY')"
        for number, (name, person, after, scene, revenue) in enumerate(story)
    )
    await warehouse.command(EVENTS + values)
    period = CodePeriod(
        app_id="wx1",
        scene="s",
        start=day - timedelta(hours=10),
        end=day + timedelta(days=5),
        zone="Asia/Shanghai",
        currency="CNY",
    )

    found = await CodeFigures(warehouse, clock).of_code(tenant_id, period)

    assert [(one.date, one.scans, one.follows, one.people) for one in found.days] == [
        (date(2026, 3, 1), 2, 2, 2),
        (date(2026, 3, 2), 2, 1, 2),
    ]
    assert (found.scans, found.follows, found.people, found.new_people) == (4, 3, 3, 2)
    assert (found.lost_24h, found.lost_7d, found.lost_30d) == (1, 2, 2)
    assert (found.payers, found.revenue, found.currency) == (1, Decimal("70"), "CNY")
    assert await CodeFigures(warehouse, clock).last_30_days(tenant_id, "wx1") == {
        "s": (4, 3),
        "other": (1, 1),
    }
