"""wechatpy's calls about people and the account: followers, tags, menus, codes, tickets, statistics."""

import re
from datetime import timedelta

from contract.conformance.cases import Build, OutOfScope, call, out_of_scope
from contract.conformance.matching import NUMBER, OK, TEXT
from contract.conformance.world import URL, World

BUTTONS = [
    {"type": "click", "name": "新品", "key": "NEW"},
    {"name": "服务", "sub_button": [{"type": "view", "name": "商城", "url": URL}]},
]
TICKET = re.compile(r"gQ[A-Za-z0-9_\-+/=]+==")

PEOPLE: dict[str, Build | OutOfScope] = {
    "user.get": lambda w: call(
        w.follow(1, qr_scene="store_1"),
        gives={
            "subscribe": 1,
            "openid": w.fan,
            "subscribe_scene": "ADD_SCENE_QR_CODE",
            "qr_scene_str": "store_1",
        },
    ),
    "user.get_followers": lambda w: call(
        gives={"total": 3, "count": 3, "data": {"openid": lambda got: set(got) == set(w.fans)}}, given=w.fans
    ),
    "user.iter_followers": lambda w: call(gives=_same_set(w.fans)),
    "user.update_remark": lambda w: call(
        w.fan, "老客户", gives=OK, then=lambda: (w.info(w.fan), {"remark": "老客户"})
    ),
    "user.get_group_id": lambda w: call(w.grouped, gives=w.group),
    "user.get_batch": lambda w: call(w.fans, gives=[{"openid": openid, "subscribe": 1} for openid in w.fans]),
    "user.change_openid": lambda w: call(
        w.platform.old_shop["appid"],
        [w.fan],
        gives=[{"ori_openid": w.fan, "err_msg": TEXT}],
    ),
    "group.create": lambda w: call("门店一", gives={"group": {"id": NUMBER, "name": "门店一"}}),
    "group.get": lambda w: call(gives=holds({"id": w.group, "name": "门店"})),
    "group.update": lambda w: call(
        w.group, "旗舰店", gives=OK, then=lambda: (w.groups(), holds({"id": w.group, "name": "旗舰店"}))
    ),
    "group.move_user": lambda w: call(
        w.fan, w.group, gives=OK, then=lambda: (w.info(w.fan), {"groupid": w.group})
    ),
    "group.delete": lambda w: call(
        w.group, then=lambda: (w.groups(), lambda now: all(one["id"] != w.group for one in now)), gives={}
    ),
    "tag.create": lambda w: call("金卡", gives={"id": NUMBER, "name": "金卡"}),
    "tag.get": lambda w: call(gives=holds({"id": w.tag, "name": "金卡", "count": 0})),
    "tag.update": lambda w: call(
        w.tag, "银卡", gives=OK, then=lambda: (w.tags(), [{"id": w.tag, "name": "银卡"}])
    ),
    "tag.delete": lambda w: call(w.tag, gives=OK, then=lambda: (w.tags(), [])),
    "tag.tag_user": lambda w: call(
        w.tag, w.fans, gives=OK, then=lambda: ([w.tags_of(one) for one in w.fans], [[w.tag]] * 3)
    ),
    "tag.untag_user": lambda w: call(w.tag, w.tagged, gives=OK, then=lambda: (w.tags_of(w.fan), [])),
    "tag.get_user_tag": lambda w: call(w.tagged, gives=[w.tag]),
    "tag.get_tag_users": lambda w: call(
        w.tag, gives={"count": 1, "data": {"openid": [w.tagged]}, "next_openid": w.fan}
    ),
    "tag.iter_tag_users": lambda w: call(w.tag, gives=[w.tagged]),
    "tag.get_black_list": lambda w: call(gives={"total": 1, "count": 1, "data": {"openid": [w.blocked]}}),
    "tag.batch_black_list": lambda w: call([w.fan], gives=OK, then=lambda: (w.blacklist(), [w.fan])),
    "tag.batch_unblack_list": lambda w: call([w.blocked], gives=OK, then=lambda: (w.blacklist(), [])),
}

MENUS: dict[str, Build | OutOfScope] = {
    "menu.create": lambda w: call(
        {"button": BUTTONS}, gives=OK, then=lambda: (w.menu(), {"menu": {"button": as_shown(BUTTONS)}})
    ),
    "menu.update": lambda w: call(
        {"button": BUTTONS}, gives=OK, then=lambda: (w.menu(), {"menu": {"button": as_shown(BUTTONS)}})
    ),
    "menu.get": lambda w: call(gives={"menu": {"button": as_shown(w.buttons)}}),
    "menu.delete": lambda w: call(gives=OK, then=lambda: (w.menu(), {"errcode": 46003}), given=w.buttons),
    "menu.get_menu_info": lambda w: call(
        gives={"is_menu_open": 1, "selfmenu_info": {"button": [{"name": one["name"]} for one in w.buttons]}}
    ),
    "menu.add_conditional": lambda w: call(
        {"button": w.buttons, "matchrule": {"client_platform_type": "2"}},
        gives={"menuid": re.compile(r"\d+")},
    ),
    "menu.del_conditional": lambda w: call(
        w.conditional_menu, gives=OK, then=lambda: (w.menu(), lambda now: not now.get("conditionalmenu"))
    ),
    "menu.try_match": lambda w: call(w.fan, gives={"button": as_shown(w.buttons)}),
}

CODES: dict[str, Build | OutOfScope] = {
    "qrcode.create": lambda w: call(
        {
            "expire_seconds": 1800,
            "action_name": "QR_STR_SCENE",
            "action_info": {"scene": {"scene_str": "store_1"}},
        },
        gives={"ticket": TICKET, "expire_seconds": 1800, "url": re.compile(r"http://weixin\.qq\.com/q/\S+")},
    ),
    "qrcode.show": lambda w: call(
        w.ticket, gives={"status": 200, "type": re.compile(r"image/jpe?g"), "content": is_jpeg}
    ),
    "qrcode.get_url": lambda w: call(
        "gQ/a+b==", gives="https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket=gQ/a%2Bb%3D%3D"
    ),
    "jsapi.get_ticket": lambda w: call(gives={**OK, "ticket": TEXT, "expires_in": 7200}),
    "jsapi.get_jsapi_ticket": lambda w: call(gives=w.jsapi_ticket()),
    "jsapi.get_jsapi_card_ticket": lambda w: call(gives=TEXT),
    "jsapi.get_jsapi_signature": lambda w: call(
        "Wm3WZYTPz0wzccnW",
        "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg",
        1414587457,
        "http://mp.weixin.qq.com?params=value",
        gives="0f9de62fce790f9a083d5c99e95740ceb90c27ed",
    ),
    "misc.short_url": lambda w: call(URL, gives={"short_url": re.compile(r"https?://w\.url\.cn/s/\w+")}),
    "misc.get_wechat_ips": lambda w: call(gives=lambda ips: len(ips) > 0),
    "fetch_access_token": lambda w: call(gives={"access_token": TEXT, "expires_in": 7200}),
    "access_token": lambda w: call(gives=TEXT),
    **out_of_scope("a card (卡券) call; cards are no part of the sandbox", "jsapi.get_jsapi_card_params"),
    **out_of_scope(
        "plumbing under the calls: every other case goes through it", "get", "post", "access_token_key"
    ),
}

OAUTH: dict[str, Build | OutOfScope] = {
    "oauth.authorize_url": lambda w: call(
        gives=re.compile(
            r"https://open\.weixin\.qq\.com/connect/oauth2/authorize\?appid=wx\w+&redirect_uri=.*"
        )
    ),
    "oauth.qrconnect_url": lambda w: call(
        gives=re.compile(r"https://open\.weixin\.qq\.com/connect/qrconnect\?.*")
    ),
    "oauth.fetch_access_token": lambda w: call(
        w.oauth_code(),
        gives={"openid": w.fan, "scope": "snsapi_userinfo", "expires_in": 7200, "refresh_token": TEXT},
    ),
    "oauth.refresh_access_token": lambda w: call(
        w.web_grant["refresh_token"], gives={"openid": w.fan, "access_token": TEXT, "expires_in": 7200}
    ),
    "oauth.get_user_info": lambda w: call(
        w.fan, w.web_grant["access_token"], gives={"openid": w.fan, "nickname": TEXT, "unionid": TEXT}
    ),
    "oauth.check_access_token": lambda w: call(w.fan, w.web_grant["access_token"], gives=True),
}


def _day(w: World, days_ago: int) -> str:
    """Return a day; the last that has figures is one day ago."""
    return (w.last_told - timedelta(days=days_ago - 1)).isoformat()


def _statistics(days: int) -> Build:
    """A call for the days that have figures; what a day holds is held exactly by the sandbox's own tests."""
    return lambda w: call(_day(w, days), _day(w, 1), gives=list)


STATISTICS: dict[str, Build | OutOfScope] = {
    "datacube.get_user_summary": _statistics(7),
    "datacube.get_user_cumulate": lambda w: call(
        _day(w, 7),
        _day(w, 1),
        gives=[{"ref_date": _day(w, ago), "cumulate_user": int} for ago in range(7, 0, -1)],
    ),
    "datacube.get_interface_summary": _statistics(7),
    "datacube.get_interface_summary_hour": _statistics(1),
    "datacube.get_upstream_msg": _statistics(7),
    "datacube.get_upstream_msg_hour": _statistics(1),
    "datacube.get_upstream_msg_week": _statistics(7),
    "datacube.get_upstream_msg_month": _statistics(7),
    "datacube.get_upstream_msg_dist": _statistics(7),
    "datacube.get_upstream_msg_dist_week": _statistics(7),
    "datacube.get_upstream_msg_dist_month": _statistics(7),
    "datacube.get_article_summary": _statistics(1),
    "datacube.get_article_total": _statistics(1),
    "datacube.get_user_read": _statistics(3),
    "datacube.get_user_read_hour": _statistics(1),
    "datacube.get_user_share": _statistics(7),
    "datacube.get_user_share_hour": _statistics(1),
}


def _same_set(expected: list[str]) -> object:
    return lambda got: sorted(got) == sorted(expected)


def holds(expected: dict[str, object]) -> object:
    """A list with an item that has these fields."""
    return lambda got: any(expected.items() <= one.items() for one in got)


def as_shown(buttons: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return buttons as menu/get spells them: a leaf has an empty list below it."""
    return [{"sub_button": []} | button for button in buttons]


def is_jpeg(content: dict[str, str]) -> bool:
    return content["base64"].startswith("/9j/")
