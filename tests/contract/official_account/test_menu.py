"""Menus, conditional menus and automatic answers, over the wire."""

import pytest

from contract.official_account.sandbox_process import Sandbox
from quanyu.wechat.calls import Nothing
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.official_account import menu, tags
from quanyu.wechat.official_account.client import OfficialAccountClient
from quanyu.wechat.official_account.menu import Button, MatchRule

BUTTONS = (
    Button(name="会员", type="click", key="member"),
    Button(
        name="逛逛",
        sub_button=(
            Button(name="新茶", type="view", url="https://tea.example.com/new"),
            Button(name="扫码", type="scancode_waitmsg", key="scan"),
        ),
    ),
)


async def test_a_menu_is_made_read_and_removed(client: OfficialAccountClient) -> None:
    await client.call(menu.CREATE, menu.CreateMenuRequest(button=BUTTONS))

    made = await client.call(menu.GET, Nothing())
    current = await client.call(menu.CURRENT, Nothing())

    assert [button.name for button in made.menu.button] == ["会员", "逛逛"]
    assert made.menu.button[1].sub_button == BUTTONS[1].sub_button
    assert current.is_menu_open
    assert current.selfmenu_info.button[1].sub_button.list[0].name == "新茶"

    await client.call(menu.DELETE, Nothing())
    with pytest.raises(PlatformRefusal) as caught:
        await client.call(menu.GET, Nothing())
    assert caught.value.errcode == 46003


async def test_a_conditional_menu_is_for_those_it_names(
    client: OfficialAccountClient, sandbox: Sandbox
) -> None:
    openid = await sandbox.follow(1)
    tag = (await client.call(tags.CREATE, tags.CreateTagRequest(tag=tags.NewTag("茶友")))).tag
    await client.call(tags.TAG, tags.TaggingRequest(openid_list=(openid,), tagid=tag.id))
    await client.call(menu.CREATE, menu.CreateMenuRequest(button=BUTTONS))
    own = (Button(name="茶友专享", type="click", key="tea_friend"),)

    made = await client.call(
        menu.CREATE_CONDITIONAL,
        menu.CreateConditionalRequest(button=own, matchrule=MatchRule(tag_id=tag.id)),
    )

    seen = await client.call(menu.TRY_MATCH, menu.TryMatchRequest(user_id=openid))
    listed = await client.call(menu.GET, Nothing())
    assert [button.name for button in seen.button] == ["茶友专享"]
    (conditional,) = listed.conditionalmenu
    assert (conditional.menuid, conditional.matchrule) == (made.menuid, MatchRule(tag_id=tag.id))

    await client.call(menu.DELETE_CONDITIONAL, menu.MenuIdRequest(menuid=made.menuid))
    seen = await client.call(menu.TRY_MATCH, menu.TryMatchRequest(user_id=openid))
    assert [button.name for button in seen.button] == ["会员", "逛逛"]


async def test_without_a_default_menu_there_is_no_conditional_one(client: OfficialAccountClient) -> None:
    await client.call(menu.DELETE, Nothing())  # One made in the console would do.

    with pytest.raises(PlatformRefusal) as caught:
        await client.call(
            menu.CREATE_CONDITIONAL,
            menu.CreateConditionalRequest(button=BUTTONS, matchrule=MatchRule(client_platform_type=1)),
        )
    assert caught.value.errcode == 65303


async def test_automatic_answers_of_the_console_are_read(
    client: OfficialAccountClient, sandbox: Sandbox
) -> None:
    rule = {
        "name": "门店",
        "keywords": [{"content": "门店", "match_mode": "contain"}],
        "replies": ["上海路 1 号"],
    }
    await sandbox.control(
        "PUT",
        f"/accounts/{client.app_id}/autoreply",
        {"on_follow": "欢迎", "default": "稍等", "rules": [rule]},
    )

    found = await client.call(menu.AUTO_REPLIES, Nothing())

    assert (found.is_add_friend_reply_open, found.add_friend_autoreply_info.content) == (True, "欢迎")
    assert found.message_default_autoreply_info.content == "稍等"
    (read,) = found.keyword_autoreply_info.list
    assert (read.rule_name, read.keyword_list_info[0].content) == ("门店", "门店")
    assert read.reply_list_info[0].content == "上海路 1 号"
