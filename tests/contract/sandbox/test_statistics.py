"""Statistics say what really happened, day by day in China."""

from typing import Any

import pytest

from contract.sandbox.rig import Rig
from wechat_sandbox.wire import samples

TODAY = "2026-03-01"  # Where the clock of these tests begins, at noon.


async def stat(rig: Rig, name: str, begin: str = TODAY, end: str = TODAY) -> list[dict[str, Any]]:
    answer = await rig.ask(f"/datacube/{name}", {"begin_date": begin, "end_date": end})
    return list(answer["list"])


async def next_day(rig: Rig) -> None:
    await rig.settled()
    rig.clock.advance(86_400)


async def publish(rig: Rig, *, notify: bool) -> str:
    """Publish one article and return its address."""
    path = "/cgi-bin/material/add_material"
    cover = await rig.upload(path, samples.picture(1), filename="c.jpg", type="image")
    article = {
        "title": "春茶",
        "content": "<p>明前</p>",
        "thumb_media_id": cover["media_id"],
        "need_open_comment": 1,
    }
    media_id = (await rig.ask("/cgi-bin/draft/add", {"articles": [article]}))["media_id"]
    if notify:
        news = {"msgtype": "mpnews", "mpnews": {"media_id": media_id}, "filter": {"is_to_all": True}}
        await rig.ask("/cgi-bin/message/mass/sendall", news)
    else:
        await rig.ask("/cgi-bin/freepublish/submit", {"media_id": media_id})
    await rig.settled()
    return str((await rig.control("GET", f"/accounts/{rig.account.appid}/articles"))["items"][-1]["url"])


async def test_followers_come_and_go(rig: Rig) -> None:
    await rig.act(0, "follow")
    await rig.act(1, "scan", qr_scene="store_1")
    await rig.act(2, "follow")
    await rig.act(2, "unfollow")
    await next_day(rig)
    await rig.act(3, "follow")
    await next_day(rig)
    assert await stat(rig, "getusersummary", TODAY, "2026-03-02") == [
        {"ref_date": "2026-03-01", "user_source": 1, "new_user": 2, "cancel_user": 1},
        {"ref_date": "2026-03-01", "user_source": 30, "new_user": 1, "cancel_user": 0},
        {"ref_date": "2026-03-02", "user_source": 1, "new_user": 1, "cancel_user": 0},
    ]
    cumulated = await stat(rig, "getusercumulate", TODAY, "2026-03-02")
    assert [(row["ref_date"], row["cumulate_user"]) for row in cumulated] == [
        ("2026-03-01", 2),
        ("2026-03-02", 3),
    ]


async def test_messages_and_the_callback_address(rig: Rig) -> None:
    await rig.act(0, "follow")
    await rig.act(1, "follow")
    for _ in range(6):
        await rig.act(0, "say", text="在吗")
    await rig.act(1, "say", text="你好")
    await rig.act(1, "send-image")
    await next_day(rig)
    text = {"msg_type": 1, "msg_user": 2, "msg_count": 7}
    image = {"msg_type": 2, "msg_user": 1, "msg_count": 1}
    assert await stat(rig, "getupstreammsg") == [{"ref_date": TODAY} | one for one in (text, image)]
    hours = await stat(rig, "getupstreammsghour")
    assert hours[0] == {"ref_date": TODAY, "ref_hour": 1200} | text
    assert (await stat(rig, "getupstreammsgweek"))[0]["ref_date"] == "2026-02-23"
    assert (await stat(rig, "getupstreammsgmonth"))[0]["ref_date"] == "2026-03-01"
    spread = [
        {"ref_date": TODAY, "count_interval": 1, "msg_user": 1},
        {"ref_date": TODAY, "count_interval": 2, "msg_user": 1},
    ]
    assert await stat(rig, "getupstreammsgdist") == spread
    assert (await stat(rig, "getupstreammsgdistweek"))[0]["ref_date"] == "2026-02-23"
    assert (await stat(rig, "getupstreammsgdistmonth"))[1]["msg_user"] == 1
    [summary] = await stat(rig, "getinterfacesummary")
    assert (summary["callback_count"], summary["fail_count"]) == (10, 0)
    assert summary["total_time_cost"] >= summary["max_time_cost"] >= 0
    assert (await stat(rig, "getinterfacesummaryhour"))[0]["ref_hour"] == 1200


async def test_readers_of_an_article(rig: Rig) -> None:
    for person in (0, 1, 2):
        await rig.act(person, "follow")
    url = await publish(rig, notify=True)
    await rig.act(0, "read", url=url, seconds=60)
    await rig.act(0, "read", url=url, seconds=20, whole=False)
    await rig.act(5, "read", url=url, source="moments", seconds=16, whole=False)
    rig.clock.advance(1)
    await rig.act(5, "follow", scene="ADD_SCENE_PROFILE_LINK")
    await rig.act(0, "share", url=url, scene="moments")
    for kind in ("zaikan", "like", "collect", "original"):
        await rig.act(1, "mark", url=url, kind=kind)
    await rig.act(1, "comment", url=url, content="好")
    await next_day(rig)
    [read] = await stat(rig, "getarticleread")
    assert read["detail"] == {
        "read_user": 2,
        "read_user_source": [
            {"user_count": 2, "scene_desc": "全部"},
            {"user_count": 1, "scene_desc": "公众号消息"},
            {"user_count": 1, "scene_desc": "朋友圈"},
        ],
    }
    assert (await stat(rig, "getarticleshare"))[0]["detail"] == {"share_user": 1}
    [account] = await stat(rig, "getbizsummary")
    figures = account["detail"]
    names = ("read_user", "share_user", "zaikan_user", "like_user", "comment_count", "collection_user")
    assert [figures[name] for name in names] == [2, 1, 1, 1, 1, 1]
    assert (figures["redirect_ori_page_user"], figures["send_page_count"]) == (1, 1)
    [total] = await stat(rig, "getarticletotaldetail")
    assert (total["publish_type"], total["content_url"], total["title"]) == (0, url, "春茶")
    assert total["msgid"] == read["msgid"]
    [day] = total["detail_list"]
    assert (day["stat_date"], day["read_subscribe_user"]) == (TODAY, 1)
    assert day["read_delivery_rate"] == 0.3333  # One of three it was sent to.
    assert (day["read_finish_rate"], day["read_avg_activetime"]) == (0.5, 32)
    rates = [one["rate"] for one in day["read_jump_position"]]
    assert rates == [0, 0.3333, 0, 0, 0.6667]


async def test_the_shapes_of_old(rig: Rig) -> None:
    await rig.act(0, "follow")
    url = await publish(rig, notify=True)
    await rig.act(0, "read", url=url)
    await rig.act(0, "read", url=url, source="friend")
    await rig.act(0, "share", url=url)
    await rig.act(0, "mark", url=url, kind="collect")
    await next_day(rig)
    [summary] = await stat(rig, "getarticlesummary")
    assert (summary["title"], summary["int_page_read_user"], summary["int_page_read_count"]) == ("春茶", 1, 2)
    assert (summary["share_count"], summary["add_to_fav_user"]) == (1, 1)
    [total] = await stat(rig, "getarticletotal")
    [detail] = total["details"]
    assert (detail["target_user"], detail["int_page_from_friends_read_count"]) == (1, 1)
    reads = await stat(rig, "getuserread")
    assert [(row["user_source"], row["int_page_read_count"]) for row in reads] == [(0, 1), (1, 1)]
    assert (await stat(rig, "getuserreadhour"))[0]["ref_hour"] == 1200
    share = {"ref_date": TODAY, "share_scene": 1, "share_user": 1, "share_count": 1}
    assert await stat(rig, "getusershare") == [share]
    assert await stat(rig, "getusersharehour") == [share | {"ref_hour": 1200}]


async def test_publishing_without_notice_is_told_apart(rig: Rig) -> None:
    await publish(rig, notify=False)
    await next_day(rig)
    [total] = await stat(rig, "getarticletotaldetail")
    assert (total["publish_type"], total["detail_list"][0]["read_user"]) == (1, 0)
    assert await stat(rig, "getarticleread") == []


@pytest.mark.parametrize(
    ("name", "begin", "end", "code"),
    [
        ("getusersummary", "2026-3-1", TODAY, 61500),
        ("getusersummary", "", TODAY, 61500),
        ("getusersummary", "2026-02-28", "2026-02-27", 61501),
        ("getusersummary", "2026-02-20", "2026-02-27", 61501),
        ("getusersummary", TODAY, TODAY, 61501),
        ("getupstreammsghour", "2026-02-27", "2026-02-28", 61501),
        ("getarticleread", "2025-10-31", "2025-10-31", 61501),
        ("getbizsummary", "2026-01-01", "2026-02-28", 61501),
    ],
)
async def test_days_that_cannot_be_asked_for(rig: Rig, name: str, begin: str, end: str, code: int) -> None:
    assert await rig.code(f"/datacube/{name}", {"begin_date": begin, "end_date": end}) == code


async def test_yesterday_is_ready_at_eight(rig: Rig) -> None:
    rig.clock.advance(19.5 * 3600)  # Half past seven the next morning.
    body = {"begin_date": TODAY, "end_date": TODAY}
    assert await rig.code("/datacube/getusersummary", body) == 61503
    rig.clock.advance(1800)
    assert await rig.code("/datacube/getusersummary", body) == 0


async def test_no_advertising_no_income(rig: Rig) -> None:
    query = {"page": "1", "page_size": "10", "start_date": "2026-02-01", "end_date": "2026-02-28"}
    for action in ("publisher_adpos_general", "publisher_cps_general", "publisher_settlement"):
        answer = await rig.ask("/publisher/stat", action=action, **query)
        assert (answer["base_resp"], answer["total_num"]) == ({"ret": 0, "err_msg": "ok"}, 0)
    assert (await rig.ask("/publisher/stat", action="x", **query))["base_resp"]["ret"] != 0


async def test_messages_the_platform_holds_back(rig: Rig) -> None:
    await rig.act(0, "follow")
    outcome = {"job": "template", "outcome": "failed: system failed"}
    await rig.control("POST", f"/accounts/{rig.account.appid}/next-outcome", outcome)
    template = rig.account.templates[2]
    data = {name: {"value": "茶"} for name in ("thing1", "time2", "thing3")}
    body = {"touser": rig.openid(0), "template_id": template.template_id, "data": data}
    sent = await rig.ask("/cgi-bin/message/template/send", body)
    assert sent["errcode"] == 0
    [event] = await rig.events("TEMPLATESENDJOBFINISH")
    assert (event["MsgID"], event["Status"]) == (str(sent["msgid"]), "failed: system failed")
    assert (await rig.control("GET", "/messages", person="0"))["items"] == []
    asked = {"tmpl_msg_id": template.template_id, "largest_id": 0, "limit": 10}
    [held] = (await rig.ask("/wxa/sec/queryblocktmplmsg", asked))["msginfo"]
    assert (held["openid"], held["title"]) == (rig.openid(0), "优惠券到期提醒")
    assert (await rig.ask("/wxa/sec/queryblocktmplmsg", asked | {"largest_id": held["id"]}))["msginfo"] == []


async def test_events_the_platform_itself_causes(rig: Rig) -> None:
    path = f"/accounts/{rig.account.appid}/events"
    await rig.control("POST", path, {"event": "naming_verify_fail", "reason": "名称侵权"})
    await rig.act(0, "follow")
    await rig.act(0, "events", event="user_info_modified")
    await rig.act(0, "revoke")
    [failed] = await rig.events("naming_verify_fail")
    assert failed["FailReason"] == "名称侵权"
    assert int(failed["FailTime"]) == int(rig.clock.now())
    for name in ("user_info_modified", "user_authorization_revoke"):
        [event] = await rig.events(name)
        assert (event["OpenID"], event["AppID"]) == (rig.openid(0), rig.account.appid)
    assert (await rig.request("POST", f"/sandbox{path}", json={"event": "x"}))[0] == 400


async def test_rules_for_codes_that_open_mini_programs(rig: Rig) -> None:
    base = "/cgi-bin/wxopen/qrcodejump"
    rule = {"prefix": "https://shop.example/t", "path": "pages/t", "is_edit": 0, "debug_url": []}
    assert await rig.code(f"{base}add", rule) == 0
    assert await rig.code(f"{base}add", rule) == 40035
    assert await rig.code(f"{base}add", rule | {"debug_url": ["u"] * 6}) == 47001
    assert await rig.code(f"{base}publish", {"prefix": rule["prefix"]}) == 0
    listed = await rig.ask(f"{base}get", {})
    assert (listed["list_size"], listed["rule_list"][0]["state"]) == (1, 2)
    assert await rig.code(f"{base}add", rule | {"is_edit": 1, "path": "pages/u"}) == 0
    assert (await rig.ask(f"{base}get", {}))["rule_list"][0]["state"] == 1
    assert (await rig.ask(f"{base}download", {}))["file_name"].endswith(".txt")
    assert await rig.code(f"{base}delete", {"prefix": rule["prefix"]}) == 0
    assert await rig.code(f"{base}delete", {"prefix": rule["prefix"]}) == 40066
