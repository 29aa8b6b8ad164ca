"""Menus published to the sandbox: the intent is kept first (CW-9), and nothing is made twice."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from contract.official_account.sandbox_process import Sandbox, running_sandbox
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.errors import NotFound
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import AccountId, ConnectOfficialAccount
from quanyu.modules.channels.menus.contracts import Menu, MenuDraft
from quanyu.modules.channels.menus.service import MenuConflict, MenuDesk, UnknownMenu, read_menu_id
from quanyu.modules.channels.replies.contracts import ReplyDraft
from quanyu.modules.channels.replies.service import AutoReplies
from quanyu.modules.channels.service import Channels, read_account_id
from quanyu.modules.channels.tags.service import TagDesk
from quanyu.wechat.calls import Nothing
from quanyu.wechat.errors import PlatformRefusal, TransportError
from quanyu.wechat.official_account import menu as wx
from quanyu.wechat.official_account import tags as tag_calls

from .test_replies import NoFigures


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
def desk(uows: UnitOfWorkFactory, key_ring: KeyRing, clients: AccountClients) -> MenuDesk:
    return MenuDesk(uows, key_ring, clients)


def view(name: str = "商城", url: str = "https://shop.example.com/") -> dict[str, Any]:
    return {"name": name, "type": "view", "url": url}


def draft(*buttons: dict[str, Any], **more: Any) -> MenuDraft:
    return MenuDraft.model_validate({"name": "菜单", "buttons": buttons, **more})


SALE = {"name": "优惠", "type": "click", "key": "SALE"}
MENU = draft(view(), {"name": "更多", "sub_buttons": [SALE, view("关于", "https://shop.example.com/about")]})


@pytest.fixture
def save(desk: MenuDesk, account_id: AccountId, uows: UnitOfWorkFactory, tenant_id: TenantId) -> Any:
    async def keep(menu: MenuDraft, menu_id: str = "") -> Menu:
        async with uows.app(tenant_id) as uow:
            return await desk.save(uow, account_id, read_menu_id(menu_id) if menu_id else None, menu)

    return keep


@pytest.fixture
def shown(clients: AccountClients, account_id: AccountId, tenant_id: TenantId) -> Any:
    """What the platform shows: the default menu's names, and the conditional menus."""

    async def look() -> tuple[list[str], list[wx.Menu]]:
        client = await clients.client(tenant_id, account_id)
        try:
            found = await client.call(wx.GET, Nothing())
        except PlatformRefusal:  # 46003: there is none.
            return [], []
        return [button.name for button in found.menu.button], list(found.conditionalmenu)

    return look


async def test_a_menu_is_published_changed_and_withdrawn(
    desk: MenuDesk, save: Any, shown: Any, account_id: AccountId, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    kept = await save(MENU)
    assert (kept.is_published, kept.unanswered_keys) == (False, ("SALE",))
    assert await shown() == ([], [])
    menu_id = read_menu_id(kept.id)

    published = await desk.publish(tenant_id, account_id, menu_id, actor="amy")
    assert (published.is_published, published.has_changes) == (True, False)
    assert await shown() == (["商城", "更多"], [])

    changed = await save(draft(view()), kept.id)
    assert (changed.id, changed.is_published, changed.has_changes) == (kept.id, True, True)
    assert await shown() == (["商城", "更多"], [])
    async with uows.app(tenant_id) as uow:
        with pytest.raises(MenuConflict):
            await desk.delete(uow, account_id, menu_id)

    withdrawn = await desk.withdraw(tenant_id, account_id, menu_id, actor="bob")
    assert withdrawn.is_published is False
    assert await shown() == ([], [])
    async with uows.app(tenant_id) as uow:
        history = await desk.history(uow, account_id)
        await desk.delete(uow, account_id, menu_id)
        assert await desk.list_menus(uow, account_id) == ()
    assert [(one.action.value, one.state.value, one.actor, len(one.buttons)) for one in history] == [
        ("withdraw", "done", "bob", 1),
        ("publish", "done", "amy", 2),
    ]


async def test_a_button_that_is_answered_is_not_complained_about(
    desk: MenuDesk, save: Any, account_id: AccountId, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    rule = ReplyDraft.model_validate(
        {
            "name": "sale",
            "trigger": "menu",
            "menu_key": "SALE",
            "contents": [{"kind": "text", "text": "今日八折"}],
        }
    )
    async with uows.app(tenant_id) as uow:
        await AutoReplies(NoFigures()).create(uow, account_id, rule)

    assert (await save(MENU)).unanswered_keys == ()


async def test_people_with_a_tag_see_their_own_menu(
    sandbox: Sandbox,
    desk: MenuDesk,
    save: Any,
    shown: Any,
    account_id: AccountId,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    clients: AccountClients,
    key_ring: KeyRing,
) -> None:
    tag = await TagDesk(uows, clients).create(tenant_id, account_id, "vip")
    vip = await save(draft(view("会员日"), match={"tag_id": tag.id}))
    with pytest.raises(MenuConflict):
        await desk.publish(tenant_id, account_id, read_menu_id(vip.id), actor="amy")
    default = await save(draft(view("大家")))
    await desk.publish(tenant_id, account_id, read_menu_id(default.id), actor="amy")
    await desk.publish(tenant_id, account_id, read_menu_id(vip.id), actor="amy")
    openid = await sandbox.follow(1)
    client = await clients.client(tenant_id, account_id)
    await client.call(tag_calls.TAG, tag_calls.TaggingRequest(openid_list=(openid,), tagid=tag.id))
    async with uows.system(tenant_id) as uow:
        await uow.execute(
            "INSERT INTO follower (tenant_id, account_id, openid_token, openid_sealed, person_id, "
            "first_seen_at) VALUES (:t, :a, 'x', :sealed, 1, :now)",
            {
                "t": tenant_id,
                "a": account_id,
                "sealed": key_ring.seal(openid.encode()),
                "now": uow.clock.now(),
            },
        )

    seen = await desk.match(tenant_id, account_id, 1)
    assert [button["name"] for button in seen.buttons] == ["会员日"]
    with pytest.raises(NotFound):
        await desk.match(tenant_id, account_id, 2)

    # Publishing again replaces it: one conditional menu stays one.
    await save(draft(view("新会员日"), match={"tag_id": tag.id}), vip.id)
    await desk.publish(tenant_id, account_id, read_menu_id(vip.id), actor="amy")
    _, conditional = await shown()
    assert [menu.button[0].name for menu in conditional] == ["新会员日"]

    await desk.withdraw(tenant_id, account_id, read_menu_id(default.id), actor="amy")
    assert await shown() == ([], [])
    async with uows.app(tenant_id) as uow:
        assert [menu.is_published for menu in await desk.list_menus(uow, account_id)] == [False, False]


async def test_conditional_menus_link_to_three_domains_together(
    desk: MenuDesk, save: Any, account_id: AccountId, tenant_id: TenantId
) -> None:
    default = await save(draft(view()))
    await desk.publish(tenant_id, account_id, read_menu_id(default.id), actor="amy")
    links = [view(str(number), f"https://{number}.cn/") for number in range(3)]
    first = await save(draft(*links, match={"client_platform": "1"}))
    await desk.publish(tenant_id, account_id, read_menu_id(first.id), actor="amy")
    second = await save(draft(view("x", "https://other.cn/"), match={"client_platform": "2"}))

    with pytest.raises(MenuConflict, match="4"):
        await desk.publish(tenant_id, account_id, read_menu_id(second.id), actor="amy")


async def test_what_the_platform_refuses_stands_in_the_history(
    sandbox: Sandbox,
    desk: MenuDesk,
    save: Any,
    account_id: AccountId,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
) -> None:
    kept = await save(MENU)
    await sandbox.fault("/cgi-bin/menu/create", errcode=48001, times=1)

    with pytest.raises(PlatformRefusal):
        await desk.publish(tenant_id, account_id, read_menu_id(kept.id), actor="amy")

    async with uows.app(tenant_id) as uow:
        (one,) = await desk.history(uow, account_id)
        (menu,) = await desk.list_menus(uow, account_id)
    assert (one.state.value, "48001" in one.reason_zh, menu.is_published) == ("failed", True, False)


async def test_a_lost_answer_makes_no_second_conditional_menu(
    sandbox: Sandbox, desk: MenuDesk, save: Any, shown: Any, account_id: AccountId, tenant_id: TenantId
) -> None:
    default = await save(draft(view()))
    await desk.publish(tenant_id, account_id, read_menu_id(default.id), actor="amy")
    phone = await save(draft(view("苹果"), match={"client_platform": "1"}))
    await sandbox.fault("/cgi-bin/menu/addconditional", drop_after_effect=True, times=1)

    try:
        await desk.publish(tenant_id, account_id, read_menu_id(phone.id), actor="amy")
    except TransportError:
        await desk.publish(tenant_id, account_id, read_menu_id(phone.id), actor="amy")

    _, conditional = await shown()
    assert [menu.button[0].name for menu in conditional] == ["苹果"]


async def test_menus_made_elsewhere_are_taken_over(
    desk: MenuDesk,
    account_id: AccountId,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    clients: AccountClients,
) -> None:
    client = await clients.client(tenant_id, account_id)
    there = wx.Button(name="老菜单", type="view", url="https://old.cn/")
    await client.call(wx.CREATE, wx.CreateMenuRequest(button=(there,)))
    rule = wx.MatchRule(client_platform_type=2)
    await client.call(wx.CREATE_CONDITIONAL, wx.CreateConditionalRequest(button=(there,), matchrule=rule))

    assert await desk.pull(tenant_id, account_id) == 2
    assert await desk.pull(tenant_id, account_id) == 0

    async with uows.app(tenant_id) as uow:
        menus = await desk.list_menus(uow, account_id)
    assert [(menu.buttons[0].name, menu.is_published, menu.has_changes) for menu in menus] == [
        ("老菜单", True, False)
    ] * 2
    assert [menu.match and menu.match.client_platform for menu in menus] == [None, "2"]


async def test_a_default_menu_stays_one_and_strangers_find_none(
    desk: MenuDesk, save: Any, account_id: AccountId, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    default = await save(draft(view()))
    again = await save(draft(view("新")))
    assert default.id == again.id
    with pytest.raises(MenuConflict):
        await save(draft(view(), match={"tag_id": 100}), default.id)
    with pytest.raises(UnknownMenu):
        await desk.publish(TenantId(424242), account_id, read_menu_id(default.id), actor="x")
