"""Subscribe messages and customer service of a mini program, over the wire."""

import pytest

from contract.mini_program.conftest import MiniProgram
from quanyu.wechat.calls import Nothing
from quanyu.wechat.common import custom_messages, notice_templates
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.mini_program import subscribe_messages
from quanyu.wechat.mini_program.client import MiniProgramClient


async def own_template(client: MiniProgramClient) -> notice_templates.NoticeTemplate:
    categories = (await client.call(notice_templates.CATEGORIES, Nothing())).data
    titles = await client.call(
        notice_templates.TITLES,
        notice_templates.TitlesRequest(ids=tuple(one.id for one in categories), start=0, limit=30),
    )
    assert titles.count == len(titles.data)
    title = next(one for one in titles.data if one.type == 2)
    keywords = await client.call(notice_templates.KEYWORDS, notice_templates.KeywordsRequest(tid=title.tid))
    chosen = tuple(one.kid for one in keywords.data[:3])
    added = await client.call(
        notice_templates.ADD,
        notice_templates.AddTemplateRequest(tid=str(title.tid), kidList=chosen, sceneDesc="订单通知"),
    )
    listed = (await client.call(notice_templates.LIST, Nothing())).data
    (template,) = [one for one in listed if one.priTmplId == added.priTmplId]
    return template


def values_of(template: notice_templates.NoticeTemplate) -> dict[str, notice_templates.TemplateValue]:
    """Fill a template with its own examples."""
    names = [part.split(".DATA")[0] for part in template.content.split("{{")[1:]]
    examples = template.example.replace("：", ":").splitlines()
    return {
        name: notice_templates.TemplateValue(example.split(":", 1)[-1])
        for name, example in zip(names, examples, strict=True)
    }


async def test_an_accept_pays_for_one_message(mini: MiniProgram) -> None:
    template = await own_template(mini.client)
    openid = (await mini.logged_in(3)).openid
    await mini.act(3, "subscriptions", answers={template.priTmplId: "accept"})
    message = subscribe_messages.SubscribeMessage(
        touser=openid, template_id=template.priTmplId, data=values_of(template), page="pages/order?id=1"
    )

    await mini.client.call(subscribe_messages.SEND, message)
    with pytest.raises(PlatformRefusal) as caught:
        await mini.client.call(subscribe_messages.SEND, message)

    assert caught.value.errcode == 43101
    await mini.client.call(
        notice_templates.DELETE, notice_templates.DeleteTemplateRequest(priTmplId=template.priTmplId)
    )
    with pytest.raises(PlatformRefusal) as caught:
        await mini.client.call(subscribe_messages.SEND, message)
    assert caught.value.errcode == 40037


async def test_a_value_that_does_not_fit_is_named(mini: MiniProgram) -> None:
    template = await own_template(mini.client)
    openid = (await mini.logged_in(3)).openid
    await mini.act(3, "subscriptions", answers={template.priTmplId: "accept"})
    values = values_of(template)
    first = next(iter(values))
    broken = {**values, first: notice_templates.TemplateValue("长" * 40)}

    with pytest.raises(PlatformRefusal) as caught:
        await mini.client.call(
            subscribe_messages.SEND,
            subscribe_messages.SubscribeMessage(touser=openid, template_id=template.priTmplId, data=broken),
        )

    assert caught.value.errcode == 47003
    assert first in caught.value.errmsg


async def test_customer_service_answers_who_wrote(mini: MiniProgram) -> None:
    openid = (await mini.logged_in(3)).openid
    text = custom_messages.CustomText(touser=openid, text=custom_messages.Text("您好"))
    with pytest.raises(PlatformRefusal) as caught:
        await mini.client.call(custom_messages.SEND, text)
    assert caught.value.errcode == 45015

    await mini.act(3, "enter-session")
    await mini.act(3, "say", text="在吗")
    await mini.client.call(custom_messages.SEND, text)

    listed = await mini.sandbox.control("GET", f"/messages?appid={mini.client.app_id}")
    assert [line["body"] for line in listed["items"]] == [{"content": "您好"}]
