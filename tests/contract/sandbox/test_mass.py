"""Mass messages: who gets them, how often, and what is reported."""

from typing import Any

import pytest

from contract.sandbox.rig import START, Rig
from wechat_sandbox.relations import FollowScene
from wechat_sandbox.wire import samples

ALL = "/cgi-bin/message/mass/sendall"
LIST = "/cgi-bin/message/mass/send"
TEXT: dict[str, Any] = {"msgtype": "text", "text": {"content": "新茶到了"}}
TO_ALL = TEXT | {"filter": {"is_to_all": True}}


async def follow(rig: Rig, count: int) -> list[str]:
    for person in range(count):
        rig.world.follow(rig.account, person, START + person, scene=FollowScene.SEARCH)
    return [rig.openid(person) for person in range(count)]


async def received(rig: Rig, person: int) -> list[str]:
    items = (await rig.control("GET", "/messages", person=str(person)))["items"]
    return [item["kind"] for item in items if item["kind"].startswith("mass:")]


async def draft(rig: Rig) -> str:
    path = "/cgi-bin/material/add_material"
    cover = await rig.upload(path, samples.picture(1), filename="c.jpg", type="image")
    article = {"title": "春茶", "content": "<p>明前</p>", "thumb_media_id": cover["media_id"]}
    return str((await rig.ask("/cgi-bin/draft/add", {"articles": [article]}))["media_id"])


async def test_a_message_to_all_ends_with_a_report(rig: Rig) -> None:
    await follow(rig, 5)
    await rig.ask("/cgi-bin/tags/members/batchblacklist", {"openid_list": [rig.openid(4)]})
    sent = await rig.ask(ALL, TO_ALL | {"clientmsgid": "m1"})
    assert set(sent) == {"errcode", "errmsg", "msg_id"}
    state = {"msg_id": sent["msg_id"]}
    assert (await rig.ask("/cgi-bin/message/mass/get", state))["msg_status"] == "SENDING"
    [report] = await rig.events("MASSSENDJOBFINISH")
    assert (report["MsgID"], report["Status"]) == (str(sent["msg_id"]), "send success")
    counts = [report[name] for name in ("TotalCount", "FilterCount", "SentCount", "ErrorCount")]
    assert counts == ["5", "4", "4", "0"]
    done = await rig.ask("/cgi-bin/message/mass/get", {"msg_id": str(sent["msg_id"])})
    assert done == state | {"msg_status": "SEND_SUCCESS"}
    assert [len(await received(rig, person)) for person in range(5)] == [1, 1, 1, 1, 0]
    again = await rig.ask(ALL, TO_ALL | {"clientmsgid": "m1"})
    assert (again["errcode"], again["msg_id"]) == (45065, sent["msg_id"])
    rig.clock.advance(86_400)
    assert await rig.code(ALL, TO_ALL | {"clientmsgid": "m1"}) == 0


async def test_nobody_gets_more_than_four_a_month(rig: Rig) -> None:
    openids = await follow(rig, 2)
    for _ in range(4):
        await rig.ask(LIST, TEXT | {"touser": openids})
    await rig.settled()
    await rig.act(2, "follow")
    await rig.ask(ALL, TO_ALL)
    reports = await rig.events("MASSSENDJOBFINISH")
    assert [(one["SentCount"], one["ErrorCount"]) for one in reports] == [("2", "0")] * 4 + [("1", "2")]
    assert len(await received(rig, 0)) == 4
    rig.clock.advance(31 * 86_400)
    await rig.ask(ALL, TO_ALL)
    await rig.settled()
    assert len(await received(rig, 0)) == 5


async def test_articles_reach_phones_and_can_be_taken_back(rig: Rig) -> None:
    await follow(rig, 2)
    news = {"msgtype": "mpnews", "mpnews": {"media_id": await draft(rig)}, "filter": {"is_to_all": True}}
    sent = await rig.ask(ALL, news)
    assert sent["msg_data_id"]
    [report] = await rig.events("MASSSENDJOBFINISH")
    url = report["ArticleUrlResult"]["ResultList"]["item"]["ArticleUrl"]
    assert report["CopyrightCheckResult"]["CheckState"] == "1"
    assert (await rig.fetch(url.removeprefix(rig.sandbox.url)))[0] == 200
    assert (await rig.ask("/cgi-bin/draft/count"))["total_count"] == 0
    delete = "/cgi-bin/message/mass/delete"
    assert await rig.code(delete, {"msg_id": sent["msg_id"], "article_idx": 2}) == 40060
    assert await rig.code(delete, {"url": url}) == 0
    assert (await rig.ask("/cgi-bin/message/mass/get", {"msg_id": sent["msg_id"]}))["msg_status"] == "DELETE"
    assert "已被发布者删除" in (await rig.fetch(url.removeprefix(rig.sandbox.url)))[1].decode()
    text = await rig.ask(ALL, TO_ALL)
    assert await rig.code(delete, {"msg_id": text["msg_id"]}) == 40204
    assert await rig.code(delete, {"msg_id": 1}) == 40059


async def test_a_message_may_be_stopped(rig: Rig) -> None:
    await follow(rig, 2)
    outcome = {"job": "mass", "outcome": "err(10001)"}
    await rig.control("POST", f"/accounts/{rig.account.appid}/next-outcome", outcome)
    sent = await rig.ask(ALL, TO_ALL)
    [report] = await rig.events("MASSSENDJOBFINISH")
    assert (report["Status"], report["SentCount"], report["ErrorCount"]) == ("err(10001)", "0", "2")
    state = await rig.ask("/cgi-bin/message/mass/get", {"msg_id": sent["msg_id"]})
    assert state["msg_status"] == "SEND_FAIL"
    assert await received(rig, 0) == []


async def test_quotas_of_both_kinds_of_account(rig: Rig) -> None:
    await follow(rig, 1)
    appid = rig.account.appid
    await rig.control("PUT", f"/accounts/{appid}", {"kind": "subscription"})
    assert await rig.code(ALL, TO_ALL) == 0
    assert await rig.code(ALL, TO_ALL) == 45028
    assert await rig.code(LIST, TEXT | {"touser": [rig.openid(0)] * 2}) == 48001
    await rig.control("PUT", f"/accounts/{appid}", {"kind": "service"})
    rig.clock.advance(86_400)
    codes = [await rig.code(ALL, TO_ALL) for _ in range(61)]
    assert codes == [0] * 60 + [45011]
    rig.clock.advance(60)
    codes = [await rig.code(ALL, TO_ALL) for _ in range(41)]
    assert codes == [0] * 40 + [45028]
    await rig.control("PUT", f"/accounts/{appid}", {"certified": False})
    assert await rig.code(ALL, TO_ALL) == 48001


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (TEXT | {"filter": {"is_to_all": False, "tag_id": 999}}, 40152),
        (TEXT | {"filter": {}}, 40152),
        (TEXT, 47001),
        (TO_ALL | {"text": {"content": ""}}, 44004),
        (TO_ALL | {"msgtype": "wxcard", "wxcard": {"card_id": "x"}}, 45113),
        (TO_ALL | {"msgtype": "mpnews", "mpnews": {"media_id": "none"}}, 40007),
        (TO_ALL | {"msgtype": "image", "images": {"media_ids": ["none"]}}, 40007),
        (TO_ALL | {"msgtype": "poem"}, 40008),
        (TO_ALL | {"clientmsgid": "k" * 33}, 45067),
    ],
)
async def test_what_cannot_be_sent(rig: Rig, body: dict[str, Any], code: int) -> None:
    await follow(rig, 1)
    assert await rig.code(ALL, body) == code
    assert await received(rig, 0) == []


async def test_lists_of_openids(rig: Rig) -> None:
    openids = await follow(rig, 2)
    for people, code in (
        ([], 40031),
        (openids[:1], 40130),
        (["oX"] * 10_001, 40032),
        ([*openids, "oX"], 40003),
    ):
        assert await rig.code(LIST, TEXT | {"touser": people}) == code
    assert await rig.code(LIST, {"touser": openids, "msgtype": "poem"}) == 45162


async def test_a_tag_chooses_who_gets_it(rig: Rig) -> None:
    openids = await follow(rig, 3)
    tag = (await rig.ask("/cgi-bin/tags/create", {"tag": {"name": "会员"}}))["tag"]["id"]
    await rig.ask("/cgi-bin/tags/members/batchtagging", {"openid_list": openids[:1], "tagid": tag})
    await rig.ask(ALL, TEXT | {"filter": {"is_to_all": False, "tag_id": tag}})
    await rig.settled()
    assert [len(await received(rig, person)) for person in range(3)] == [1, 0, 0]


async def test_a_preview_goes_to_one(rig: Rig) -> None:
    await follow(rig, 1)
    path = "/cgi-bin/message/mass/preview"
    assert await rig.code(path, TEXT | {"touser": rig.openid(0)}) == 0
    person = await rig.control("GET", "/people/0")
    assert await rig.code(path, TEXT | {"towxname": person["wechat_id"]}) == 0
    assert await rig.code(path, TEXT | {"towxname": "nobody"}) == 40132
    assert await rig.code(path, TEXT | {"touser": rig.openid(3)}) == 43004
    items = (await rig.control("GET", "/messages", person="0"))["items"]
    assert [item["kind"] for item in items] == ["preview:text"] * 2


async def test_speed(rig: Rig) -> None:
    path = "/cgi-bin/message/mass/speed"
    assert await rig.ask(f"{path}/get") == {"speed": 0, "realspeed": 80}
    assert await rig.code(f"{path}/set", {"speed": 4}) == 0
    assert await rig.ask(f"{path}/get", {}) == {"speed": 4, "realspeed": 10}
    assert await rig.code(f"{path}/set", {"speed": 5}) == 45083
    assert await rig.code(f"{path}/set", {"x": 1}) == 45084
