"""Our own client's calls of official accounts: every declared call, those common to all products too."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from contract.conformance.cases import Build, OutOfScope, call
from contract.conformance.matching import NUMBER, TEXT
from contract.conformance.wechatpy_accounts import TICKET, holds
from contract.conformance.wechatpy_things import IMAGE_URL
from contract.conformance.world import PAGE, World

SEND = "/cgi-bin/message/custom/send"


def shop(w: World) -> dict[str, str]:
    return {"appid": w.platform.shop["appid"]}


def picture_file(w: World) -> dict[str, Any]:
    return w.file("photo.jpg", "image/jpeg")


MANAGEMENT: dict[str, Build | OutOfScope] = {
    "management.TOKEN": lambda w: call({}, gives={"access_token": TEXT, "expires_in": 7200}),
    "management.STABLE_TOKEN": lambda w: call(
        {"appid": w.platform.shop["appid"], "secret": w.platform.shop["secret"]},
        gives={"access_token": TEXT, "expires_in": NUMBER},
    ),
    "management.TICKET": lambda w: call(
        {"type": "jsapi"}, gives={"ticket": w.jsapi_ticket(), "expires_in": NUMBER}
    ),
    "management.API_ADDRESSES": lambda w: call({}, gives={"ip_list": lambda ips: len(ips) > 0}),
    "management.CALLBACK_ADDRESSES": lambda w: call({}, gives={"ip_list": lambda ips: len(ips) > 0}),
    "management.CALLBACK_CHECK": lambda w: call(
        {"action": "all", "check_operator": "DEFAULT"},
        gives={"dns": [{"ip": urlsplit(w.callback_url).hostname}], "ping": [{"ip": "127.0.0.1"}]},
    ),
    "management.CLEAR_QUOTA": lambda w: call(
        shop(w), gives={}, then=lambda: (w.quota(SEND), {"used": 0}) if w.customer else ({}, {})
    ),
    "management.CLEAR_QUOTA_BY_SECRET": lambda w: call({}, gives={}),
    "management.CLEAR_CALL_QUOTA": lambda w: call({"cgi_path": SEND}, gives={}),
    "management.QUOTA": lambda w: call(
        # Other calls of this account may have been made before.
        {"cgi_path": SEND},
        gives={"quota": {"daily_limit": 500_000, "used": int, "remain": int}},
    ),
    "management.RID": lambda w: call(
        {"rid": w.rid},
        gives={"request": {"request_url": re.compile(".*/cgi-bin/user/info.*"), "invoke_time": NUMBER}},
    ),
    "open_account.CREATE": lambda w: call(
        {"appid": w.loner["appid"]}, account="old_shop", gives={"open_appid": TEXT}
    ),
    "open_account.GET": lambda w: call(shop(w), gives={"open_appid": w.platform.shop["platform_id"]}),
    "open_account.BIND": lambda w: call(
        {"appid": w.loner["appid"], "open_appid": w.platform.shop["platform_id"]},
        account="old_shop",
        gives={},
    ),
    "open_account.UNBIND": lambda w: call(
        {"appid": w.bound["appid"], "open_appid": w.platform.shop["platform_id"]},
        account="old_shop",
        gives={},
    ),
    "open_account.HAS": lambda w: call({}, gives={"have_open": True}),
    "open_account.SAME_ENTITY": lambda w: call({}, gives={"same_entity": True}),
}

_BUTTONS = [{"type": "click", "name": "新品", "key": "NEW"}]
MENUS: dict[str, Build | OutOfScope] = {
    "menu.CREATE": lambda w: call(
        {"button": _BUTTONS}, gives={}, then=lambda: (w.menu(), {"menu": {"button": [{"key": "NEW"}]}})
    ),
    "menu.GET": lambda w: call({}, gives={"menu": {"button": [{"name": one["name"]} for one in w.buttons]}}),
    "menu.CURRENT": lambda w: call(
        {},
        gives={
            "is_menu_open": True,
            "selfmenu_info": {"button": [{"name": one["name"]} for one in w.buttons]},
        },
    ),
    "menu.DELETE": lambda w: call({}, gives={}, then=lambda: (w.menu(), {"errcode": 46003}), given=w.buttons),
    "menu.CREATE_CONDITIONAL": lambda w: call(
        {"button": w.buttons, "matchrule": {"tag_id": w.tag}}, gives={"menuid": NUMBER}
    ),
    "menu.DELETE_CONDITIONAL": lambda w: call(
        {"menuid": int(w.conditional_menu)},
        gives={},
        then=lambda: (w.menu(), lambda now: not now.get("conditionalmenu")),
    ),
    "menu.TRY_MATCH": lambda w: call(
        {"user_id": w.fan}, gives={"button": [{"name": one["name"]} for one in w.buttons]}
    ),
    "menu.AUTO_REPLIES": lambda w: call({}, gives={"is_autoreply_open": bool}),
    "qr_codes.CREATE": lambda w: call(
        {
            "action_name": "QR_STR_SCENE",
            "action_info": {"scene": {"scene_str": "store_1"}},
            "expire_seconds": 600,
        },
        gives={"ticket": TICKET, "url": TEXT, "expire_seconds": 600},
    ),
    "qr_codes.IMAGE": lambda w: call(
        {"ticket": w.ticket}, gives={"file": {"content": lambda got: got.startswith(b"\xff\xd8")}}
    ),
    "qr_codes.SHORTEN": lambda w: call(
        {"long_data": "order=1"}, gives={"short_key": re.compile("[0-9A-Za-z]{15}")}
    ),
    "qr_codes.FETCH": lambda w: call(
        {"short_key": w.short_key},
        gives={"long_data": "order=1", "create_time": NUMBER, "expire_seconds": NUMBER},
    ),
    "linked_mini_programs.LINKED": lambda w: call({}, gives={"wxopens": {"items": [{"appid": w.linked}]}}),
    "linked_mini_programs.LINK": lambda w: call(
        {"appid": w.platform.mini_program["appid"], "notify_users": 0, "show_profile": 1}, gives={}
    ),
    "linked_mini_programs.UNLINK": lambda w: call({"appid": w.linked}, gives={}),
    "linked_mini_programs.JUMP_RULES": lambda w: call(
        {"appid": w.linked}, gives={"rule_list": [{"prefix": w.jump_rule, "path": PAGE}], "list_size": 1}
    ),
    "linked_mini_programs.JUMP_FILE": lambda w: call({}, gives={"file_name": TEXT, "file_content": TEXT}),
    "linked_mini_programs.ADD_JUMP_RULE": lambda w: call(
        {
            "prefix": "https://shop.example/t/",
            "path": PAGE,
            "is_edit": 0,
            "appid": w.linked,
            "permit_sub_rule": 1,
        },
        gives={},
    ),
    "linked_mini_programs.PUBLISH_JUMP_RULE": lambda w: call(
        {"prefix": w.jump_rule, "appid": w.linked}, gives={}
    ),
    "linked_mini_programs.DELETE_JUMP_RULE": lambda w: call(
        {"prefix": w.jump_rule, "appid": w.linked}, gives={}
    ),
}

PEOPLE: dict[str, Build | OutOfScope] = {
    "users.INFO": lambda w: call(
        {"openid": w.follow(1, qr_scene="store_1"), "lang": "zh_CN"},
        gives={"openid": w.fan, "subscribe": True, "qr_scene_str": "store_1"},
    ),
    "users.INFO_BATCH": lambda w: call(
        {"user_list": [{"openid": one} for one in w.fans]},
        gives={"user_info_list": [{"openid": one, "subscribe": True} for one in w.fans]},
    ),
    "users.FOLLOWERS": lambda w: call({}, gives={"total": 1, "count": 1, "data": {"openid": [w.fan]}}),
    "users.SET_REMARK": lambda w: call(
        {"openid": w.fan, "remark": "老客户"}, gives={}, then=lambda: (w.info(w.fan), {"remark": "老客户"})
    ),
    "users.MIGRATE": lambda w: call(
        {"from_appid": w.platform.old_shop["appid"], "openid_list": [w.fan]},
        gives={"result_list": [{"ori_openid": w.fan, "err_msg": TEXT}]},
    ),
    "tags.CREATE": lambda w: call({"tag": {"name": "金卡"}}, gives={"tag": {"id": NUMBER, "name": "金卡"}}),
    "tags.LIST": lambda w: call({}, gives={"tags": holds({"id": w.tag, "name": "金卡", "count": 0})}),
    "tags.RENAME": lambda w: call(
        {"tag": {"id": w.tag, "name": "银卡"}},
        gives={},
        then=lambda: (w.tags(), [{"id": w.tag, "name": "银卡"}]),
    ),
    "tags.DELETE": lambda w: call({"tag": {"id": w.tag}}, gives={}, then=lambda: (w.tags(), [])),
    "tags.TAGGED": lambda w: call({"tagid": w.tag}, gives={"count": 1, "data": {"openid": [w.tagged]}}),
    "tags.TAG": lambda w: call(
        {"openid_list": w.fans, "tagid": w.tag},
        gives={},
        then=lambda: ([w.tags_of(one) for one in w.fans], [[w.tag]] * 3),
    ),
    "tags.UNTAG": lambda w: call(
        {"openid_list": [w.tagged], "tagid": w.tag}, gives={}, then=lambda: (w.tags_of(w.fan), [])
    ),
    "tags.TAGS_OF": lambda w: call({"openid": w.tagged}, gives={"tagid_list": [w.tag]}),
    "tags.BLACKLIST": lambda w: call({}, gives={"total": 1, "count": 1, "data": {"openid": [w.blocked]}}),
    "tags.BLOCK": lambda w: call({"openid_list": [w.fan]}, gives={}, then=lambda: (w.blacklist(), [w.fan])),
    "tags.UNBLOCK": lambda w: call({"openid_list": [w.blocked]}, gives={}, then=lambda: (w.blacklist(), [])),
    "oauth.EXCHANGE": lambda w: call(
        {"code": w.oauth_code()}, gives={"openid": w.fan, "scope": "snsapi_userinfo", "refresh_token": TEXT}
    ),
    "oauth.REFRESH": lambda w: call(
        {"refresh_token": w.web_grant["refresh_token"]}, gives={"openid": w.fan, "access_token": TEXT}
    ),
    "oauth.PROFILE": lambda w: call(
        {"access_token": w.web_grant["access_token"], "openid": w.fan, "lang": "zh_CN"},
        gives={"openid": w.fan, "nickname": TEXT, "unionid": TEXT},
    ),
    "oauth.CHECK": lambda w: call({"access_token": w.web_grant["access_token"], "openid": w.fan}, gives={}),
}


def staff_openid(world: World, kf_account: str) -> str:
    """Return the openid of a member of the staff."""
    return next(str(one["kf_openid"]) for one in world.staff() if one["kf_account"] == kf_account)


STAFF: dict[str, Build | OutOfScope] = {
    "service_staff.LIST": lambda w: call(
        {}, gives={"kf_list": holds({"kf_account": w.kf, "kf_nick": "小青"})}
    ),
    "service_staff.ONLINE": lambda w: call(
        {}, gives={"kf_online_list": [{"kf_account": w.online_kf, "status": 1}]}
    ),
    "service_staff.ADD": lambda w: call(
        {"kf_account": w.kf_name("tea2"), "nickname": "小桂"},
        gives={},
        then=lambda: (w.staff(), holds({"kf_account": w.kf_name("tea2"), "kf_nick": "小桂"})),
    ),
    "service_staff.UPDATE": lambda w: call(
        {"kf_account": w.kf, "nickname": "小龙"},
        gives={},
        then=lambda: (w.staff(), holds({"kf_account": w.kf, "kf_nick": "小龙"})),
    ),
    "service_staff.DELETE": lambda w: call({"kf_account": w.kf}, gives={}, then=lambda: (w.staff(), [])),
    "service_staff.SET_PORTRAIT": lambda w: call({"kf_account": w.kf, "media": picture_file(w)}, gives={}),
    "service_staff.INVITE": lambda w: call({"kf_account": w.kf, "invite_wx": w.wechat_id}, gives={}),
    "service_staff.SET_ADMIN": lambda w: call({"kf_openid": staff_openid(w, w.online_kf)}, gives={}),
    "service_staff.UNSET_ADMIN": lambda w: call({"kf_openid": staff_openid(w, w.online_kf)}, gives={}),
    "service_staff.OPEN_SESSION": lambda w: call(
        {"kf_account": w.online_kf, "openid": w.customer},
        gives={},
        then=lambda: (w.session(w.fan), {"kf_account": w.online_kf}),
    ),
    "service_staff.CLOSE_SESSION": lambda w: call(
        {"kf_account": w.online_kf, "openid": w.served},
        gives={},
        then=lambda: (w.session(w.fan), {"kf_account": ""}),
    ),
    "service_staff.SESSION": lambda w: call(
        {"openid": w.served}, gives={"kf_account": w.online_kf, "createtime": NUMBER}
    ),
    "service_staff.SESSIONS": lambda w: call(
        {"kf_account": w.online_kf}, gives={"sessionlist": [{"openid": w.served, "createtime": NUMBER}]}
    ),
    "service_staff.WAITING": lambda w: call({}, gives={"count": 1, "waitcaselist": [{"openid": w.waiting}]}),
    "service_staff.RECORDS": lambda w: call(
        {"starttime": w.now - 3600, "endtime": w.now + 60, "msgid": 1, "number": 100},
        gives={"number": NUMBER, "recordlist": holds({"openid": w.conversed})},
    ),
}


def _days(days: int) -> Build:
    def build(w: World) -> Any:
        last = w.last_told
        first = last - timedelta(days=days - 1)
        return call({"begin_date": first.isoformat(), "end_date": last.isoformat()}, gives={"list": list})

    return build


STATISTICS: dict[str, Build | OutOfScope] = {
    "statistics.USERS": _days(7),
    "statistics.USER_TOTALS": _days(7),
    "statistics.ARTICLE_READS": _days(1),
    "statistics.ARTICLE_SHARES": _days(1),
    "statistics.ACCOUNT": _days(30),
    "statistics.ARTICLE_HISTORY": _days(1),
    "statistics.OLD_ARTICLES": _days(1),
    "statistics.OLD_ARTICLE_TOTALS": _days(1),
    "statistics.OLD_READS": _days(3),
    "statistics.OLD_READS_BY_HOUR": _days(1),
    "statistics.OLD_SHARES": _days(7),
    "statistics.OLD_SHARES_BY_HOUR": _days(1),
    "statistics.MESSAGES": _days(7),
    "statistics.MESSAGES_BY_HOUR": _days(1),
    "statistics.MESSAGES_BY_WEEK": _days(7),
    "statistics.MESSAGES_BY_MONTH": _days(7),
    "statistics.MESSAGE_SPREAD": _days(7),
    "statistics.MESSAGE_SPREAD_BY_WEEK": _days(7),
    "statistics.MESSAGE_SPREAD_BY_MONTH": _days(7),
    "statistics.INTERFACE": _days(7),
    "statistics.INTERFACE_BY_HOUR": _days(1),
}


def _article(w: World) -> dict[str, Any]:
    return {"title": "春茶上市", "content": "<p>第一批。</p>", "thumb_media_id": w.picture}


def _comment(w: World, **more: Any) -> dict[str, Any]:
    return {"msg_data_id": w.published["msg_data_id"], "index": 0, "user_comment_id": w.comment} | more


THINGS: dict[str, Build | OutOfScope] = {
    "media.UPLOAD": lambda w: call(
        {"type": "thumb", "media": picture_file(w)}, gives={"thumb_media_id": TEXT, "created_at": NUMBER}
    ),
    "media.DOWNLOAD": lambda w: call(
        {"media_id": w.image}, gives={"file": {"content": w.bytes_of("photo.jpg")}}
    ),
    "media.DOWNLOAD_VOICE": lambda w: call({"media_id": w.voice}, gives={"file": {"content": bytes}}),
    "material.ADD": lambda w: call(
        {
            "type": "video",
            "media": w.file("film.mp4", "video/mp4"),
            "description": {"title": "采茶", "introduction": "春天"},
        },
        gives={"media_id": TEXT},
        then=lambda: (w.material_count(), {"video_count": 1}),
    ),
    "material.ADD_PICTURE": lambda w: call({"media": picture_file(w)}, gives={"url": IMAGE_URL}),
    "material.GET": lambda w: call(
        {"media_id": w.picture}, gives={"file": {"content": w.bytes_of("photo.jpg")}}
    ),
    "material.DELETE": lambda w: call(
        {"media_id": w.picture}, gives={}, then=lambda: (w.material_count(), {"image_count": 0})
    ),
    "material.COUNT": lambda w: call({}, gives={"image_count": 1}, given=w.picture),
    "material.LIST": lambda w: call(
        {"type": "image", "offset": 0, "count": 20},
        gives={"total_count": 1, "item": [{"media_id": w.picture}]},
    ),
    "material.UPLOAD_MASS_VIDEO": lambda w: call(
        {"media_id": w.video, "title": "采茶", "description": "春天"},
        gives={"media_id": TEXT, "type": "video"},
    ),
    "drafts.ADD": lambda w: call({"articles": [_article(w)]}, gives={"media_id": TEXT}),
    "drafts.UPDATE": lambda w: call(
        {"media_id": w.draft, "index": 0, "articles": _article(w) | {"title": "夏茶"}},
        gives={},
        then=lambda: (w.draft_titles(), ["夏茶"]),
    ),
    "drafts.GET": lambda w: call({"media_id": w.draft}, gives={"news_item": [{"title": "春茶上市"}]}),
    "drafts.DELETE": lambda w: call(
        {"media_id": w.draft},
        gives={},
        then=lambda: (w.platform.get("/cgi-bin/draft/count"), {"total_count": 0}),
    ),
    "drafts.COUNT": lambda w: call({}, gives={"total_count": 1}, given=w.draft),
    "drafts.LIST": lambda w: call(
        {"offset": 0, "count": 20, "no_content": 1}, gives={"total_count": 1, "item": [{"media_id": w.draft}]}
    ),
    "drafts.PRODUCT_CARD": lambda w: call(
        {"product_id": "10000", "article_type": "news", "card_type": 1}, refused=53406
    ),
    "publishing.SUBMIT": lambda w: call(
        {"media_id": w.draft}, gives={"publish_id": NUMBER, "msg_data_id": NUMBER}
    ),
    "publishing.STATE": lambda w: call(
        {"publish_id": int(w.published["publish_id"])}, gives={"publish_status": 0, "article_id": TEXT}
    ),
    "publishing.DELETE": lambda w: call({"article_id": w.published["article_id"]}, gives={}),
    "publishing.ARTICLE": lambda w: call(
        {"article_id": w.published["article_id"]}, gives={"news_item": [{"title": "春茶上市"}]}
    ),
    "publishing.LIST": lambda w: call(
        {"offset": 0, "count": 20},
        gives={"total_count": 1, "item": [{"article_id": w.published["article_id"]}]},
    ),
    "comments.OPEN": lambda w: call({"msg_data_id": w.published["msg_data_id"]}, gives={}),
    "comments.CLOSE": lambda w: call({"msg_data_id": w.published["msg_data_id"]}, gives={}),
    "comments.LIST": lambda w: call(
        {"msg_data_id": w.published["msg_data_id"], "begin": 0, "count": 49, "type": 0},
        gives={"total": 1, "comment": [{"user_comment_id": w.comment, "content": "好茶"}]},
    ),
    "comments.FEATURE": lambda w: call(
        _comment(w), gives={}, then=lambda: (w.comments(), [{"comment_type": 1}])
    ),
    "comments.UNFEATURE": lambda w: call(
        _comment(w) | {"user_comment_id": w.elected_comment},
        gives={},
        then=lambda: (w.comments(), [{"comment_type": 0}]),
    ),
    "comments.DELETE": lambda w: call(_comment(w), gives={}, then=lambda: (w.comments(), [])),
    "comments.REPLY": lambda w: call(
        _comment(w, content="谢谢"), gives={}, then=lambda: (w.comments(), [{"reply": {"content": "谢谢"}}])
    ),
    "comments.DELETE_REPLY": lambda w: call(_comment(w) | {"user_comment_id": w.answered_comment}, gives={}),
}
