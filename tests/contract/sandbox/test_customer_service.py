"""Customer-service messages of every type, the staff, sessions and passing people on."""

from typing import Any

import pytest
from aiohttp import web

from contract.sandbox.rig import Product, Received, Rig
from wechat_sandbox.callbacks import FAULT_NOTICE
from wechat_sandbox.state.identities import wechat_id_of
from wechat_sandbox.wire import samples

SEND = "/cgi-bin/message/custom/send"
KF = "/customservice/kfaccount"
SESSION = "/customservice/kfsession"


async def hire(rig: Rig, name: str = "anna", person: int = 30) -> str:
    """Take someone on who has accepted and is at work."""
    kf = f"{name}@{rig.account.original_id}"
    assert await rig.code(f"{KF}/add", {"kf_account": kf, "nickname": "小安"}) == 0
    invitation = {"kf_account": kf, "invite_wx": wechat_id_of(person)}
    assert await rig.code(f"{KF}/inviteworker", invitation) == 0
    await rig.act(person, "answer-invitation", accept=True)
    await rig.control("POST", f"/accounts/{rig.account.appid}/kf/{kf}/online", {"online": True})
    return kf


async def lines_of(rig: Rig, person: int) -> list[dict[str, Any]]:
    return list((await rig.control("GET", f"/conversations/{rig.account.appid}/{person}"))["lines"])


async def upload(rig: Rig, kind: str, content: bytes) -> str:
    made = await rig.upload("/cgi-bin/media/upload", content, filename="f", type=kind)
    return str(made.get("media_id") or made["thumb_media_id"])


async def test_messages_of_every_type_arrive(rig: Rig) -> None:
    await rig.act(0, "follow")
    await rig.act(0, "say", text="你好")
    image = await upload(rig, "image", samples.picture(1))
    thumb = await upload(rig, "thumb", samples.picture(1))
    app = "wx" + "0" * 16
    await rig.ask("/cgi-bin/wxopen/wxamplink", {"appid": app, "notify_users": 0, "show_profile": 0})
    branches: dict[str, dict[str, Any]] = {
        "image": {"media_id": image},
        "voice": {"media_id": await upload(rig, "voice", samples.voice())},
        "video": {
            "media_id": await upload(rig, "video", samples.film()),
            "thumb_media_id": thumb,
            "title": "t",
        },
        "music": {"musicurl": "https://x.example/a.mp3", "thumb_media_id": thumb, "title": "t"},
        "wxcard": {"card_id": "p1"},
        "miniprogrampage": {"title": "t", "appid": app, "pagepath": "a", "thumb_media_id": thumb},
    }
    for kind, branch in branches.items():
        await rig.act(0, "say", text="再来")
        body = {"touser": rig.openid(0), "msgtype": kind, kind: branch}
        assert await rig.ask(SEND, body) == {"errcode": 0, "errmsg": "ok"}, kind
    shown = [line for line in await lines_of(rig, 0) if line["kind"].startswith("custom:")]
    assert [line["kind"].partition(":")[2] for line in shown] == list(branches)
    assert [line["body"] for line in shown] == list(branches.values())


@pytest.mark.parametrize(
    ("kind", "branch", "code"),
    [
        ("voice", {"media_id": "none"}, 40007),
        ("video", {"media_id": "none"}, 40007),
        ("music", {"title": "t"}, 40035),
        ("mpnews", {"media_id": "none"}, 40007),
        ("mpnewsarticle", {"article_id": "none"}, 53600),
        ("link", {"title": "t", "url": "https://x.example/"}, 40008),  # Mini programs only.
    ],
)
async def test_wrong_content_costs_nothing(rig: Rig, kind: str, branch: Any, code: int) -> None:
    await rig.act(0, "follow")
    body = {"touser": rig.openid(0), "msgtype": kind, kind: branch}
    assert await rig.code(SEND, body) == code
    assert [await rig.send_text(0) for _ in range(4)] == [0, 0, 0, 45047]


async def test_typing_needs_someone_who_was_just_here(rig: Rig) -> None:
    path = "/cgi-bin/message/custom/typing"
    body = {"touser": rig.openid(0), "command": "Typing"}
    await rig.act(0, "follow")
    assert await rig.code(path, body) == 0
    assert await rig.code(path, body) == 45081
    assert await rig.code(path, body | {"command": "CancelTyping"}) == 0
    assert await rig.code(path, body | {"command": "Dance"}) == 45072
    rig.clock.advance(31)
    assert await rig.code(path, body) == 45080


async def test_the_staff_is_taken_on_invited_and_let_go(rig: Rig) -> None:
    kf = f"anna@{rig.account.original_id}"
    assert await rig.code(f"{KF}/add", {"kf_account": kf, "nickname": "小安"}) == 0
    for body, code in (
        ({"kf_account": kf, "nickname": "x"}, 65406),
        ({"kf_account": "x", "nickname": "x"}, 65404),
        ({"kf_account": f"elevenchars@{rig.account.original_id}", "nickname": "x"}, 65404),
        ({"kf_account": "bob@gh_other", "nickname": "x"}, 65401),
        ({"kf_account": f"bob@{rig.account.original_id}", "nickname": "长" * 17}, 65403),
    ):
        assert await rig.code(f"{KF}/add", body) == code
    invitation = {"kf_account": kf, "invite_wx": wechat_id_of(7)}
    assert await rig.code(f"{KF}/inviteworker", invitation | {"invite_wx": "nobody"}) == 65409
    assert await rig.code(f"{KF}/inviteworker", invitation) == 0
    assert await rig.code(f"{KF}/inviteworker", invitation) == 65411
    [listed] = (await rig.ask("/cgi-bin/customservice/getkflist"))["kf_list"]
    assert (listed["invite_wx"], listed["invite_status"]) == (wechat_id_of(7), "waiting")
    rig.clock.advance(86_400)
    [listed] = (await rig.ask("/cgi-bin/customservice/getkflist"))["kf_list"]
    assert listed["invite_status"] == "expired"
    assert await rig.code(f"{KF}/inviteworker", invitation) == 0
    await rig.act(7, "answer-invitation", accept=True)
    assert await rig.code(f"{KF}/inviteworker", invitation) == 65412
    assert await rig.code(f"{KF}/update", {"kf_account": kf, "nickname": "安安"}) == 0
    picture = await rig.upload(f"{KF}/uploadheadimg", samples.picture(2), filename="a.jpg", kf_account=kf)
    assert picture["errcode"] == 0
    [listed] = (await rig.ask("/cgi-bin/customservice/getkflist"))["kf_list"]
    assert (listed["kf_nick"], listed["kf_wx"], listed["kf_id"]) == ("安安", wechat_id_of(7), "1001")
    assert (await rig.fetch(listed["kf_headimgurl"].removeprefix(rig.sandbox.url)))[1] == samples.picture(2)
    assert await rig.code(f"{KF}/setadmin", kf_openid=listed["kf_openid"]) == 0
    assert await rig.code(f"{KF}/canceladmin", kf_openid=listed["kf_openid"]) == 0
    assert (await rig.ask("/cgi-bin/customservice/getonlinekflist"))["kf_online_list"] == []
    assert await rig.code(f"{KF}/del", kf_account=kf) == 0  # By GET, as older SDKs do.
    assert await rig.code(f"{KF}/del", {"kf_account": kf}) == 65401


async def test_a_session_takes_messages_to_the_staff_and_not_to_the_callback(rig: Rig) -> None:
    kf = await hire(rig)
    other = await hire(rig, "bob", 31)
    await rig.act(0, "follow")
    body = {"kf_account": kf, "openid": rig.openid(0)}
    assert await rig.code(f"{SESSION}/create", body) == 0
    await rig.act(0, "say", text="能退吗")
    desk = f"/accounts/{rig.account.appid}/kf"
    await rig.control("POST", f"{desk}/{kf}/say", {"person": 0, "text": "可以"})
    session = await rig.ask(f"{SESSION}/getsession", openid=rig.openid(0))
    assert session["kf_account"] == kf
    assert (await rig.ask(f"{SESSION}/getsessionlist", kf_account=kf))["sessionlist"][0][
        "openid"
    ] == rig.openid(0)
    online = (await rig.ask("/cgi-bin/customservice/getonlinekflist"))["kf_online_list"]
    assert [(one["kf_account"], one["accepted_case"]) for one in online] == [(kf, 1), (other, 0)]
    assert await rig.code(f"{SESSION}/create", body | {"kf_account": other}) == 65414
    await rig.control("POST", f"{desk}/{kf}/switch", {"person": 0, "to": other})
    assert await rig.code(f"{SESSION}/close", body) == 65414
    assert await rig.code(f"{SESSION}/close", body | {"kf_account": other}) == 0
    assert await rig.code(f"{SESSION}/close", body) == 65413
    await rig.act(0, "say", text="谢谢")
    await rig.settled()
    texts = [m.message["Content"] for m in rig.product.received if m.message["MsgType"] == "text"]
    assert texts == ["谢谢"]
    names = [m.message["Event"] for m in rig.product.received if m.message["MsgType"] == "event"]
    assert sorted(names) == ["kf_close_session", "kf_create_session", "kf_switch_session", "subscribe"]
    [switched] = await rig.events("kf_switch_session")
    assert (switched["FromKfAccount"], switched["ToKfAccount"]) == (kf, other)
    now = int(rig.clock.now())
    span = {"starttime": now - 3600, "endtime": now + 1, "msgid": 1, "number": 10_000}
    log = await rig.ask("/customservice/msgrecord/getmsglist", span)
    said = [(one["opercode"], one["text"], one["worker"]) for one in log["recordlist"]]
    assert said == [(2003, "能退吗", kf), (2002, "可以", kf)]
    assert (log["number"], log["msgid"]) == (2, 3)
    assert await rig.code("/customservice/msgrecord/getmsglist", span | {"endtime": now + 86_400}) == 65417
    assert await rig.code("/customservice/msgrecord/getmsglist", span | {"number": 10_001}) == 65416


async def test_half_an_hour_of_silence_ends_a_session(rig: Rig) -> None:
    kf = await hire(rig)
    await rig.act(0, "follow")
    await rig.ask(f"{SESSION}/create", {"kf_account": kf, "openid": rig.openid(0)})
    rig.clock.advance(1800)
    assert (await rig.ask(f"{SESSION}/getsession", openid=rig.openid(0)))["kf_account"] == ""


async def test_a_reply_passes_people_on(rig: Rig, product: Product) -> None:
    kf = await hire(rig)
    await rig.act(0, "follow")
    await rig.act(1, "follow")
    await rig.settled()

    async def answer(received: Received) -> web.Response:
        fields: dict[str, Any] = {"MsgType": "transfer_customer_service"}
        if received.message["FromUserName"] == rig.openid(0):
            fields["TransInfo"] = {"KfAccount": kf}
        return product.reply(received, fields)

    product.answer = answer
    await rig.act(0, "say", text="找小安")
    await rig.act(1, "say", text="找人")
    await rig.settled()
    assert (await rig.ask(f"{SESSION}/getsession", openid=rig.openid(0)))["kf_account"] == kf
    waiting = await rig.ask(f"{SESSION}/getwaitcase")
    assert (waiting["count"], waiting["waitcaselist"][0]["openid"]) == (1, rig.openid(1))
    await rig.control("POST", f"/accounts/{rig.account.appid}/kf/{kf}/accept", {"person": 1})
    assert (await rig.ask(f"{SESSION}/getwaitcase"))["count"] == 0


async def test_a_message_under_a_name_is_in_the_record(rig: Rig) -> None:
    kf = await hire(rig)
    await rig.act(0, "follow")
    body = {"touser": rig.openid(0), "msgtype": "text", "text": {"content": "在"}}
    assert await rig.code(SEND, body | {"customservice": {"kf_account": "x@y"}}) == 65401
    assert await rig.code(SEND, body | {"customservice": {"kf_account": kf}}) == 0
    now = int(rig.clock.now())
    span = {"starttime": now - 10, "endtime": now + 1, "msgid": 1, "number": 10}
    [said] = (await rig.ask("/customservice/msgrecord/getmsglist", span))["recordlist"]
    assert (said["opercode"], said["text"], said["worker"]) == (2002, "在", kf)


@pytest.mark.parametrize(
    ("reply", "shown"),
    [
        ({"MsgType": "text", "Content": "x" * 2049}, False),
        ({"MsgType": "text"}, False),
        ({"MsgType": "image", "Image": {"MediaId": "none"}}, False),
        ({"MsgType": "image", "Image": {"MediaId": "IMAGE"}}, True),
        ({"MsgType": "music", "Music": {"Title": "t", "ThumbMediaId": "IMAGE"}}, True),
        ({"MsgType": "news", "ArticleCount": 1, "Articles": {"item": {"Title": "t", "Url": "u"}}}, True),
        ({"MsgType": "news", "ArticleCount": 2, "Articles": {"item": {"Title": "t"}}}, False),
        ({"MsgType": "news", "ArticleCount": 2, "Articles": {"item": [{"Title": "t"}] * 2}}, False),
    ],
)
async def test_passive_replies_are_checked(
    rig: Rig, product: Product, reply: dict[str, Any], shown: bool
) -> None:
    image = await upload(rig, "image", samples.picture(1))
    filled = {
        name: {key: image if value == "IMAGE" else value for key, value in part.items()}
        if isinstance(part, dict)
        else part
        for name, part in reply.items()
    }
    await rig.act(0, "follow")
    await rig.settled()

    async def answer(received: Received) -> web.Response:
        return product.reply(received, filled)

    product.answer = answer
    await rig.act(0, "say", text="在吗")
    await rig.settled()
    last = (await lines_of(rig, 0))[-1]
    if shown:
        assert last["kind"] == f"passive:{reply['MsgType']}"
    else:
        assert last["body"] == {"text": FAULT_NOTICE}


async def test_sub_merchants(rig: Rig) -> None:
    icon = await upload(rig, "image", samples.picture(1))
    made = {"account_name": "shop", "nickname": "分店", "icon_media_id": icon}
    number = (await rig.ask("/cgi-bin/business/register", made))["business_id"]
    assert await rig.code("/cgi-bin/business/update", {"business_id": number, "nickname": "总店"}) == 0
    found = await rig.ask("/cgi-bin/business/get", {"account_name": "shop"})
    assert found["business_info"]["nickname"] == "总店"
    assert len((await rig.ask("/cgi-bin/business/list", {"offset": 0, "count": 10}))["list"]) == 1
    await rig.act(0, "follow")
    body = {"touser": rig.openid(0), "msgtype": "text", "text": {"content": "x"}, "businessid": number}
    assert await rig.code("/cgi-bin/message/custom/business/send", body) == 0
    assert await rig.code("/cgi-bin/message/custom/business/send", body | {"businessid": 1}) == 40035
    typing = {"touser": rig.openid(0), "command": "Typing", "businessid": number}
    assert await rig.code("/cgi-bin/message/custom/business/typing", typing) == 0
    assert await rig.code("/customservice/work/bind", {"corpid": "ww1234567890"}) == 0
    assert (await rig.ask("/customservice/work/get", {}))["corpid"] == "ww1234567890"
    assert await rig.code("/customservice/work/unbind", {"corpid": "ww1234567890"}) == 0
