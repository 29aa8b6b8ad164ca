"""Template messages, subscription notices and linked mini programs, over the wire."""

import pytest

from contract.official_account.sandbox_process import Sandbox
from quanyu.wechat.calls import Nothing
from quanyu.wechat.common import notice_templates
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.official_account import linked_mini_programs as linked
from quanyu.wechat.official_account import template_messages
from quanyu.wechat.official_account.client import OfficialAccountClient


async def test_a_template_is_added_and_removed(client: OfficialAccountClient) -> None:
    known = {one.template_id for one in await client.templates()}

    added = await client.call(
        template_messages.ADD,
        template_messages.AddTemplateRequest(
            template_id_short="48105", keyword_name_list=("商品名称", "到货时间")
        ),
    )

    assert added.template_id in {one.template_id for one in await client.templates()} - known
    await client.call(
        template_messages.DELETE, template_messages.TemplateIdRequest(template_id=added.template_id)
    )
    assert {one.template_id for one in await client.templates()} == known


async def notice_template(client: OfficialAccountClient) -> notice_templates.NoticeTemplate:
    categories = (await client.call(notice_templates.CATEGORIES, Nothing())).data
    assert categories
    titles = await client.call(
        notice_templates.TITLES,
        notice_templates.TitlesRequest(ids=tuple(one.id for one in categories), start=0, limit=30),
    )
    title = next(one for one in titles.data if one.type == 2)
    keywords = await client.call(notice_templates.KEYWORDS, notice_templates.KeywordsRequest(tid=title.tid))
    chosen = tuple(one.kid for one in keywords.data[:2])
    added = await client.call(
        notice_templates.ADD,
        notice_templates.AddTemplateRequest(tid=str(title.tid), kidList=chosen, sceneDesc="订单通知"),
    )
    listed = (await client.call(notice_templates.LIST, Nothing())).data
    return next(one for one in listed if one.priTmplId == added.priTmplId)


async def test_a_notice_is_paid_for_by_one_accept(client: OfficialAccountClient, sandbox: Sandbox) -> None:
    template = await notice_template(client)
    openid = await sandbox.follow(1)
    await sandbox.control("POST", "/people/1/subscriptions", {"answers": {template.priTmplId: "accept"}})
    names = [part.split(".DATA")[0] for part in template.content.split("{{")[1:]]
    examples = dict(zip(names, template.example.splitlines(), strict=False))
    notice = template_messages.Notice(
        touser=openid,
        template_id=template.priTmplId,
        data={
            name: template_messages.TemplateValue(examples[name].split(":")[-1].split("：")[-1])
            for name in names
        },
    )

    await client.call(template_messages.SEND_NOTICE, notice)
    with pytest.raises(PlatformRefusal) as caught:
        await client.call(template_messages.SEND_NOTICE, notice)

    assert caught.value.errcode == 43101
    await client.call(
        notice_templates.DELETE, notice_templates.DeleteTemplateRequest(priTmplId=template.priTmplId)
    )


async def test_a_mini_program_is_linked_and_unlinked(client: OfficialAccountClient, sandbox: Sandbox) -> None:
    made = await sandbox.control("POST", "/accounts", {"kind": "mini_program", "name": "茶铺"})
    app_id = made["account"]["appid"]

    await client.call(linked.LINK, linked.LinkRequest(appid=app_id, notify_users=0, show_profile=1))
    shown = (await client.call(linked.LINKED, Nothing())).wxopens.items
    assert app_id in [one.appid for one in shown]

    await client.call(linked.UNLINK, linked.UnlinkRequest(appid=app_id))
    shown = (await client.call(linked.LINKED, Nothing())).wxopens.items
    assert app_id not in [one.appid for one in shown]


async def test_ordinary_codes_open_a_mini_program(client: OfficialAccountClient) -> None:
    file = await client.call(linked.JUMP_FILE, Nothing())
    assert file.file_name.endswith(".txt")
    prefix = "https://shop.example/qr/"

    await client.call(
        linked.ADD_JUMP_RULE, linked.AddJumpRuleRequest(prefix=prefix, path="pages/a", is_edit=0)
    )
    rules = await client.call(linked.JUMP_RULES, linked.JumpRulesRequest())
    assert [(rule.prefix, rule.state) for rule in rules.rule_list] == [(prefix, 1)]

    await client.call(linked.PUBLISH_JUMP_RULE, linked.JumpPrefixRequest(prefix=prefix))
    rules = await client.call(linked.JUMP_RULES, linked.JumpRulesRequest())
    assert [rule.state for rule in rules.rule_list] == [2]

    await client.call(linked.DELETE_JUMP_RULE, linked.JumpPrefixRequest(prefix=prefix))
    assert (await client.call(linked.JUMP_RULES, linked.JumpRulesRequest())).rule_list == ()
