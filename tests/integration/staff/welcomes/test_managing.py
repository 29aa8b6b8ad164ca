"""Rules, files, block-lists and trials as people manage them; what came of variants (WM-1, WM-3, WM-8)."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integration.staff.welcomes.world import World
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.staff.welcomes.blocking import WelcomeBlockList
from quanyu.modules.staff.welcomes.contents import ImagePart, MiniProgramPart, VideoPart, WelcomeContent
from quanyu.modules.staff.welcomes.contracts import Scope, WelcomeRuleId
from quanyu.modules.staff.welcomes.errors import UnknownWelcome, WelcomeConflict
from quanyu.modules.staff.welcomes.figures import WelcomeResults
from quanyu.modules.staff.welcomes.journal import Filter
from quanyu.modules.staff.welcomes.media import (
    InvalidWelcomeMedia,
    MediaRefresher,
    NewMedia,
    WelcomeMediaInUse,
    read_media_number,
)
from quanyu.modules.staff.welcomes.media_queries import KeptMedia, MediaKind
from quanyu.modules.staff.welcomes.ports import Greeter, KnownCustomer
from quanyu.modules.staff.welcomes.queries import RuleQueries
from quanyu.modules.staff.welcomes.service import MissingMedia, read_rule_id
from quanyu.modules.staff.welcomes.states import WelcomeState
from quanyu.modules.staff.welcomes.trial import UnknownSlot
from quanyu.modules.staff.welcomes.views import WelcomeTrial

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
HELLO = WelcomeContent(text="你好，{{ name }}！我是{{ staff }}。", fallback="你好！")


async def add_image(world: World, content: bytes = PNG, *, kind: MediaKind = MediaKind.IMAGE) -> KeptMedia:
    new = NewMedia(
        corp_id=world.side.id, kind=kind, name="新客.png", content_type="image/png", content=content
    )
    return await world.library.add(world.tenant_id, new)


async def change_media(world: World, media: KeptMedia, **columns: Any) -> None:
    """Set columns of a file, as time would."""
    sets = ", ".join(f"{name} = :{name}" for name in columns)
    async with world.uows.system(world.tenant_id) as uow:
        await uow.execute(
            f"UPDATE welcome_media SET {sets} WHERE tenant_id = :t AND id = :id",
            {"t": world.tenant_id, "id": media.number, **columns},
        )


async def test_a_file_is_uploaded_once_and_attached(world: World) -> None:
    """WM-1: media is uploaded before it is needed; the same file again is the one that is there."""
    media = await add_image(world)
    again = await add_image(world)
    assert (again.number, again.media_id) == (media.number, media.media_id)
    assert media.is_ready(world.uows.clock.now() + timedelta(days=2, hours=23))
    content = WelcomeContent(
        parts=(
            ImagePart(media=media.ref),
            MiniProgramPart(title="会员", app_id="wx0123456789abcdef", page="pages/me?a=1", media=media.ref),
        ),
        fallback="欢迎",
    )
    await world.set(world.draft(content))
    customer, code = await world.meet(1)
    await world.tell(customer, code)
    await world.settle()
    ((image, mini),) = [one["attachments"] for one in await world.heard(customer)]
    assert image["image"]["media_id"] == media.media_id
    assert mini["miniprogram"]["pic_media_id"] == media.media_id
    assert mini["miniprogram"]["page"].startswith("pages/me?a=1&qy_w=")


async def test_a_file_is_uploaded_again_a_day_before_the_platform_forgets_it(world: World) -> None:
    """WM-1: refreshed before the 3-day expiry; those that are fresh are left alone."""
    media = await add_image(world)
    refresher = MediaRefresher(world.uows, world.library)
    assert await refresher.run_once(world.tenant_id) == 0
    now = world.uows.clock.now()
    await change_media(world, media, refresh_at=now, expires_at=now + timedelta(days=1))
    assert await refresher.run_once(world.tenant_id) == 1
    async with world.uows.app(world.tenant_id) as uow:
        renewed = await world.library.get(uow, media.number)
    assert renewed.media_id != media.media_id
    assert renewed.is_ready(now + timedelta(days=2, hours=23))
    assert renewed.refresh_at < now + timedelta(days=2, minutes=1)


async def test_a_file_the_platform_does_not_know_is_replaced_and_the_customer_greeted(world: World) -> None:
    """WM-3: the fallback for this one, the file again for the next."""
    media = await add_image(world)
    await world.set(world.draft(WelcomeContent(parts=(ImagePart(media=media.ref),), fallback="欢迎")))
    await change_media(world, media, media_id="gone")
    async with world.uows.system(world.tenant_id) as uow:
        await RuleQueries(uow).bump(world.side.id)
    first, code = await world.meet(1)
    await world.tell(first, code)
    await world.settle()
    assert [row.fallback for row in await world.rows()] == ["refused"]
    assert await MediaRefresher(world.uows, world.library).run_once(world.tenant_id) == 1
    second, code = await world.meet(2)
    await world.tell(second, code)
    await world.settle()
    assert [one["attachments"][0]["msgtype"] for one in await world.heard(second)] == ["image"]


async def test_an_upload_that_fails_is_kept_with_its_reason_and_repeated(world: World) -> None:
    fault = {"path": "/cgi-bin/media/upload", "errcode": 45001, "times": 1}
    await world.sandbox.control("POST", "/faults", fault)
    media = await add_image(world, PNG + b"1")
    assert media.media_id == ""
    assert media.reason
    retried = await world.library.ensure_uploaded(world.tenant_id, media.number)
    assert retried.is_ready(world.uows.clock.now())
    assert retried.reason == ""


@pytest.mark.parametrize(
    ("kind", "content_type", "content"),
    [
        (MediaKind.IMAGE, "image/gif", PNG),
        (MediaKind.VIDEO, "image/png", PNG),
        (MediaKind.IMAGE, "image/png", b"12345"),
        (MediaKind.IMAGE, "image/png", bytes(10 * 1024 * 1024 + 1)),
    ],
)
async def test_a_file_the_platform_would_not_take_is_refused(
    world: World, kind: MediaKind, content_type: str, content: bytes
) -> None:
    new = NewMedia(corp_id=world.side.id, kind=kind, name="x", content_type=content_type, content=content)
    with pytest.raises(InvalidWelcomeMedia) as refused:
        await world.library.add(world.tenant_id, new)
    assert refused.value.message_zh


async def test_a_file_in_use_stays_and_a_missing_one_is_told(world: World) -> None:
    media = await add_image(world)
    rule = await world.set(world.draft(WelcomeContent(parts=(ImagePart(media=media.ref),), fallback="x")))
    number = read_media_number(media.ref)
    with pytest.raises(WelcomeMediaInUse):
        async with world.uows.app(world.tenant_id) as uow:
            await world.library.remove(uow, number)
    wrong = WelcomeContent(parts=(VideoPart(media=media.ref),), fallback="x")
    with pytest.raises(MissingMedia):
        await world.set(world.draft(wrong, scope=Scope.STAFF, targets=["a"]))
    async with world.uows.app(world.tenant_id) as uow:
        await world.welcomes.delete(uow, read_rule_id(rule.id))
        await world.library.remove(uow, number)


async def test_two_rules_do_not_greet_for_the_same_and_unknown_ones_are_told(world: World) -> None:
    first = await world.set(world.draft(HELLO, scope=Scope.STAFF, targets=["zhang", "li"]))
    with pytest.raises(WelcomeConflict, match="li"):
        await world.set(world.draft(HELLO, scope=Scope.STAFF, targets=["li"]))
    off = await world.set(world.draft(HELLO, scope=Scope.STAFF, targets=["li"], enabled=False))
    async with world.uows.app(world.tenant_id) as uow:
        changed = world.draft(HELLO, scope=Scope.STAFF, targets=["zhang"])
        await world.welcomes.change(uow, read_rule_id(first.id), changed)
        await world.welcomes.change(
            uow, read_rule_id(off.id), world.draft(HELLO, scope=Scope.STAFF, targets=["li"])
        )
        with pytest.raises(UnknownWelcome):
            await world.welcomes.get(uow, WelcomeRuleId(1))
    assert [rule.targets for rule in await world.rules()] == [("li",), ("zhang",)]
    assert [rule.speaks_now for rule in await world.rules()] == ["default", "default"]


async def test_a_trial_shows_what_a_real_customer_would_get_and_sends_nothing(world: World) -> None:
    userid = await world.staff()
    world.neighbours.staff[userid] = Greeter(name="小张")
    token = world.keyring.blind("external_userid", world.side.corp_id, "wm1")
    world.neighbours.customers[token] = KnownCustomer(name="林代发", person_id=PersonId(7))
    async with world.uows.app(world.tenant_id) as uow:
        await world.welcomes.set_block_list(uow, world.side.id, WelcomeBlockList(names=("代发",)))
        by_id = await world.trials.attempt(
            uow, WelcomeTrial(draft=world.draft(HELLO), staff=userid, customer="wm1")
        )
        by_person = await world.trials.attempt(
            uow, WelcomeTrial(draft=world.draft(HELLO), staff=userid, customer="per_7")
        )
        nobody = await world.trials.attempt(uow, WelcomeTrial(draft=world.draft(HELLO), customer="wm9"))
        with pytest.raises(UnknownSlot):
            await world.trials.attempt(uow, WelcomeTrial(draft=world.draft(HELLO), slot="nope"))
    assert (by_id.text, by_id.blocked, by_id.customer_found) == ("你好，林代发！我是小张。", "代发", True)
    assert by_person.text == by_id.text
    assert (nobody.text, nobody.customer_found) == ("你好，您！我是您的专属顾问。", False)
    assert await world.rows() == []


async def test_the_journal_is_found_by_person_state_and_rule(world: World) -> None:
    """WM-2: visible per customer."""
    rule = await world.set(world.draft(WelcomeContent(text="hi")))
    customers = [await world.meet(person) for person in (1, 2, 3)]
    for (customer, code), age_s in zip(customers, (0, 0, 30), strict=True):
        await world.tell(customer, code, age_s=age_s)
    await world.settle()
    token = world.keyring.blind("external_userid", world.side.corp_id, customers[0][0])
    world.neighbours.customers[token] = KnownCustomer(name="林知夏", person_id=PersonId(9))
    (row,) = await world.rows(person_id=PersonId(9))
    assert (row.customer_name, row.state, row.rule) == ("林知夏", WelcomeState.SENT, rule.id)
    assert len(await world.rows(state=WelcomeState.EXPIRED)) == 1
    assert len(await world.rows(rule_id=read_rule_id(rule.id))) == 2
    async with world.uows.app(world.tenant_id) as uow:
        first = await world.journal.page(uow, Filter(), cursor=None, limit=2)
        second = await world.journal.page(uow, Filter(), cursor=first.next_cursor, limit=2)
        figures = await world.journal.figures(uow, world.side.id, days=1)
    assert [len(first.items), len(second.items), second.next_cursor] == [2, 1, None]
    assert figures.states == {WelcomeState.SENT: 2, WelcomeState.EXPIRED: 1}
    assert figures.p99_ms is not None


AT = datetime(2026, 3, 1, 4, tzinfo=UTC)
_EVENTS = """
INSERT INTO events (tenant_id, name, person, occurred_at, received_at, applied_at, kind, source, message_id,
    app, staff, properties) VALUES
"""


@dataclass
class History:
    """Events as the pipeline stores them."""

    warehouse: Warehouse
    tenant_id: TenantId
    values: list[str] = field(default_factory=list)

    def add(
        self,
        name: str,
        person: int,
        *,
        after: timedelta = timedelta(),
        kind: str = "track",
        staff: str = "",
        **properties: str,
    ) -> None:
        at, now = f"{AT + after:%Y-%m-%d %H:%M:%S}", f"{AT:%Y-%m-%d %H:%M:%S}"
        said = json.dumps(properties, ensure_ascii=False)
        self.values.append(
            f"({self.tenant_id}, '{name}', {person}, '{at}', '{now}', '{now}', '{kind}', 't', "
            f"'{len(self.values)}', 'ww1', '{staff}', '{said}')"
        )

    async def write(self) -> None:
        await self.warehouse.command(_EVENTS + ", ".join(self.values))


async def test_variants_are_compared_by_what_came_of_them(warehouse: Warehouse, tenant_id: TenantId) -> None:
    """WM-8: reply, click, group join and loss within seven days, each of the right variant and member."""
    history = History(warehouse, tenant_id)
    for person, variant in ((1, "A"), (2, "A"), (3, "B")):
        said = {"rule": "wlc_1", "slot": "默认", "variant": variant, "token": f"t{person}"}
        history.add("staff.welcome_sent", person, staff="zhang", **said)
    other = {"rule": "wlc_2", "slot": "默认", "variant": "A", "token": "t4"}
    history.add("staff.welcome_sent", 4, staff="zhang", **other)
    history.add("wechat.wecom.link_chat_started", 1, staff="zhang", after=timedelta(hours=1))
    history.add("wechat.wecom.link_chat_started", 2, staff="li", after=timedelta(hours=1))  # Another member.
    history.add("community.member_joined", 3, after=timedelta(days=6))
    history.add("wechat.wecom.staff_deleted_by_customer", 2, staff="zhang", after=timedelta(days=2))
    history.add(
        "wechat.wecom.staff_deleted_by_customer", 1, staff="zhang", after=timedelta(days=8)
    )  # Too late.
    history.add("gift", 0, kind="page", url="https://shop.example/x?a=1&qy_w=t3")  # Nobody known, yet theirs.
    history.add("gift", 0, kind="page", url="https://shop.example/x?qy_w=forged")
    history.add("Gift Opened", 1, qy_w="t1")
    await history.write()

    results = WelcomeResults(warehouse, FixedClock(AT + timedelta(days=10)))
    found = await results.of_rule(tenant_id, WelcomeRuleId(1), days=30)

    assert [
        (one.variant, one.sent, one.people, one.replied, one.clicked, one.joined_group, one.lost_7d)
        for one in found.variants
    ] == [("A", 2, 2, 1, 1, 0, 1), ("B", 1, 1, 0, 1, 1, 0)]
