"""Custom menus: what may be made, who sees which, what taps lead to."""

from typing import Any

import pytest

from contract.sandbox.rig import Rig
from wechat_sandbox.state.identities import client_platform_of, wechat_id_of
from wechat_sandbox.wire import samples

CREATE = "/cgi-bin/menu/create"
CLICK = {"type": "click", "name": "新品", "key": "NEW"}
VIEW = {"type": "view", "name": "商城", "url": "https://shop.example/"}
ADD = "/cgi-bin/menu/addconditional"


async def test_a_menu_of_the_console_gives_way_to_one_of_the_api(rig: Rig) -> None:
    assert await rig.code("/cgi-bin/menu/get") == 46003
    console = await rig.ask("/cgi-bin/get_current_selfmenu_info")
    assert (console["is_menu_open"], len(console["selfmenu_info"]["button"])) == (1, 3)
    body = {"button": [CLICK, {"name": "更多", "sub_button": [VIEW, CLICK | {"key": "B"}]}]}
    assert await rig.ask(CREATE, body) == {"errcode": 0, "errmsg": "ok"}
    menu = (await rig.ask("/cgi-bin/menu/get"))["menu"]
    assert isinstance(menu["menuid"], int)
    assert menu["button"][0] == CLICK | {"sub_button": []}
    assert menu["button"][1]["sub_button"][0] == VIEW | {"sub_button": []}
    shown = (await rig.ask("/cgi-bin/get_current_selfmenu_info"))["selfmenu_info"]["button"]
    assert shown[1]["sub_button"]["list"][0] == VIEW
    assert await rig.code("/cgi-bin/menu/delete") == 0
    assert await rig.code("/cgi-bin/menu/get") == 46003
    assert (await rig.ask("/cgi-bin/get_current_selfmenu_info"))["is_menu_open"] == 0


@pytest.mark.parametrize(
    ("button", "code"),
    [
        ([], 40016),
        ([CLICK] * 4, 40016),
        ([{"name": "x"}], 40017),
        ([CLICK | {"type": "hologram"}], 40017),
        ([CLICK | {"name": "六个字的名字"}], 40018),
        ([CLICK | {"key": "k" * 129}], 40019),
        ([VIEW | {"url": "https://x/" + "u" * 1024}], 40020),
        ([VIEW | {"url": "shop.example"}], 40054),
        ([{"name": "x", "sub_button": [CLICK] * 6}], 40023),
        ([{"name": "x", "sub_button": [{"name": "y", "sub_button": [CLICK]}]}], 40022),
        ([{"name": "x", "sub_button": [{"name": "y"}]}], 40024),
        ([{"name": "x", "sub_button": [CLICK | {"name": "长" * 21}]}], 40025),
        ([{"name": "x", "sub_button": [CLICK | {"key": ""}]}], 40026),
        ([{"name": "x", "sub_button": [VIEW | {"url": ""}]}], 40027),
        ([{"name": "x", "sub_button": [VIEW | {"url": "ftp://x"}]}], 40055),
        ([{"type": "media_id", "name": "x", "media_id": "none"}], 40007),
        ([{"type": "article_id", "name": "x", "article_id": "none"}], 53600),
        ([VIEW | {"type": "miniprogram", "appid": "wx00", "pagepath": "a"}], 45064),
    ],
)
async def test_what_cannot_be_a_menu(rig: Rig, button: Any, code: int) -> None:
    assert await rig.code(CREATE, {"button": button}) == code
    assert await rig.code("/cgi-bin/menu/get") == 46003


async def test_a_conditional_menu_is_for_those_who_match(rig: Rig) -> None:
    await rig.ask(CREATE, {"button": [CLICK]})
    for person in (0, 1):
        await rig.act(person, "follow")
    tag = (await rig.ask("/cgi-bin/tags/create", {"tag": {"name": "会员"}}))["tag"]["id"]
    tagging = {"openid_list": [rig.openid(0)], "tagid": tag}
    await rig.ask("/cgi-bin/tags/members/batchtagging", tagging)
    special = CLICK | {"name": "会员专享"}
    made = await rig.ask(ADD, {"button": [special], "matchrule": {"tag_id": str(tag)}})
    assert isinstance(made["menuid"], str)
    tried = [
        await rig.ask("/cgi-bin/menu/trymatch", {"user_id": name}) for name in (rig.openid(0), "tea_000001")
    ]
    assert [one["button"][0]["name"] for one in tried] == ["会员专享", "新品"]
    [listed] = (await rig.ask("/cgi-bin/menu/get"))["conditionalmenu"]
    assert (listed["menuid"], listed["matchrule"]) == (int(made["menuid"]), {"tag_id": str(tag)})
    platform = client_platform_of(11, 1)
    rule = {"client_platform_type": platform}
    await rig.ask(ADD, {"button": [CLICK | {"name": "手机"}], "matchrule": rule})
    tried_again = await rig.ask("/cgi-bin/menu/trymatch", {"user_id": wechat_id_of(1)})
    assert tried_again["button"][0]["name"] == "手机"
    assert await rig.code("/cgi-bin/menu/delconditional", {"menuid": made["menuid"]}) == 0
    assert await rig.code("/cgi-bin/menu/delconditional", {"menuid": made["menuid"]}) == 65301
    assert await rig.code("/cgi-bin/menu/trymatch", {"user_id": "oNobody"}) == 40028


async def test_rules_of_conditional_menus(rig: Rig) -> None:
    rule = {"tag_id": 2}
    await rig.ask("/cgi-bin/menu/delete")
    assert await rig.code(ADD, {"button": [CLICK], "matchrule": rule}) == 65303
    await rig.ask(CREATE, {"button": [CLICK]})
    assert await rig.code(ADD, {"button": [CLICK], "matchrule": {}}) == 65304
    assert await rig.code(ADD, {"button": [CLICK], "matchrule": {"sex": "1"}}) == 65320
    pages = [VIEW | {"url": f"https://{name}.example/"} for name in "abc"]
    assert await rig.code(ADD, {"button": pages, "matchrule": rule}) == 0
    fourth = VIEW | {"url": "https://d.example/"}
    assert await rig.code(ADD, {"button": [fourth], "matchrule": rule}) == 65316


async def test_taps_on_buttons_of_every_type(rig: Rig) -> None:
    picture = await rig.upload(
        "/cgi-bin/material/add_material", samples.picture(1), filename="a.jpg", type="image"
    )
    await rig.ask(
        "/cgi-bin/wxopen/wxamplink", {"appid": "wx" + "0" * 16, "notify_users": 0, "show_profile": 1}
    )
    keyed = ["click", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "location_select"]
    subs = [{"type": kind, "name": kind, "key": kind.upper()} for kind in keyed]
    app = {"type": "miniprogram", "name": "小程序", "url": "https://x.example/", "appid": "wx" + "0" * 16}
    others: list[dict[str, Any]] = [
        VIEW,
        app | {"pagepath": "pages/index"},
        {"type": "media_id", "name": "图", "media_id": picture["media_id"]},
    ]
    buttons = [{"name": "一", "sub_button": subs}, {"name": "二", "sub_button": others}]
    assert await rig.code(CREATE, {"button": buttons}) == 0
    menuid = (await rig.ask("/cgi-bin/menu/get"))["menu"]["menuid"]
    await rig.act(0, "follow")
    for name in [*(kind.upper() for kind in keyed), "商城", "小程序", "图"]:
        await rig.act(0, "tap", button=name, scan_result="T-1")
    await rig.settled()
    heard = {m.message.get("Event", m.message["MsgType"]): m.message for m in rig.product.received}
    assert heard["scancode_waitmsg"]["ScanCodeInfo"] == {"ScanType": "qrcode", "ScanResult": "T-1"}
    assert heard["pic_sysphoto"]["SendPicsInfo"]["Count"] == "1"
    assert len(heard["pic_sysphoto"]["SendPicsInfo"]["PicList"]["item"]["PicMd5Sum"]) == 32
    assert set(heard["location_select"]["SendLocationInfo"]) == {
        "Location_X", "Location_Y", "Scale", "Label", "Poiname",
    }  # fmt: skip
    assert (heard["VIEW"]["EventKey"], heard["VIEW"]["MenuId"]) == ("https://shop.example/", str(menuid))
    assert heard["view_miniprogram"]["EventKey"] == "pages/index"
    assert {"image", "location", "CLICK", "scancode_push"} <= set(heard)
    shown = await rig.control("GET", f"/conversations/{rig.account.appid}/0")
    assert shown["lines"][-1]["body"] == {"media_id": picture["media_id"]}
    # A menu that shows a file keeps it.
    assert await rig.code("/cgi-bin/material/del_material", {"media_id": picture["media_id"]}) == 48005
    assert (await rig.ask("/cgi-bin/wxopen/wxamplinkget", {}))["wxopens"]["items"][0]["appid"] == app["appid"]
    assert await rig.code("/cgi-bin/wxopen/wxampunlink", {"appid": app["appid"]}) == 0
    assert await rig.code(CREATE, {"button": [others[1]]}) == 45064


async def test_messages_of_every_kind(rig: Rig) -> None:
    await rig.act(0, "follow")
    await rig.act(0, "send-image")
    await rig.act(0, "send-voice", recognition="有货吗")
    await rig.act(0, "send-video")
    await rig.act(0, "send-video", short=True)
    await rig.act(0, "send-location", latitude=31.2, longitude=121.5, label="外滩")
    await rig.act(0, "send-link", title="茶", url="https://x.example/")
    await rig.act(0, "report-location")
    await rig.act(0, "say", text="好", article="2247483001_1")
    await rig.settled()
    heard = {m.message["MsgType"]: m.message for m in rig.product.received}
    assert len({message["MsgId"] for kind, message in heard.items() if kind != "event"}) == 7
    token = await rig.token()
    for kind, name in (("image", "MediaId"), ("voice", "MediaId16K"), ("shortvideo", "ThumbMediaId")):
        status, content, headers = await rig.fetch(
            "/cgi-bin/media/get", access_token=token, media_id=heard[kind][name]
        )
        assert (status, bool(content)) == (200, True), kind
        assert headers["Content-Disposition"].startswith("attachment; filename=")
    status, content, headers = await rig.fetch(heard["image"]["PicUrl"].removeprefix(rig.sandbox.url))
    assert (status, content, headers["Content-Type"]) == (200, samples.picture(0), "image/jpeg")
    assert (heard["voice"]["Format"], heard["voice"]["Recognition"]) == ("amr", "有货吗")
    assert (heard["location"]["Location_X"], heard["location"]["Label"]) == ("31.2", "外滩")
    assert (heard["link"]["Title"], heard["link"]["Url"]) == ("茶", "https://x.example/")
    assert (heard["text"]["MsgDataId"], heard["text"]["Idx"]) == ("2247483001", "1")
    [located] = await rig.events("LOCATION")
    assert {"Latitude", "Longitude", "Precision"} <= set(located)
