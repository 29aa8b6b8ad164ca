"""WeRoBot's client: every method it offers, or why not."""

import re
from collections.abc import Callable
from typing import Any

from contract.conformance.cases import Build, Case, OutOfScope, call, out_of_scope
from contract.conformance.matching import NUMBER, OK, TEXT
from contract.conformance.wechatpy_accounts import BUTTONS, TICKET, as_shown, holds, is_jpeg
from contract.conformance.wechatpy_messages import SENT
from contract.conformance.wechatpy_things import IMAGE_URL, article
from contract.conformance.world import PAGE, URL, World


def _custom(kind: str, body: Callable[[World], Any], *arguments: Callable[[World], Any]) -> Build:
    def build(w: World) -> Case:
        made = [argument(w) for argument in arguments]
        arrived = {"kind": f"custom:{kind}", "body": body(w)}
        return call(w.customer, *made, gives=OK, then=lambda: (w.arrived()[-1:], [arrived]))

    return build


ACCOUNT: dict[str, Build | OutOfScope] = {
    "grant_token": lambda w: call(gives={"access_token": TEXT, "expires_in": 7200}),
    "get_access_token": lambda w: call(gives=TEXT),
    "token": lambda w: call(gives=TEXT),
    "get_ip_list": lambda w: call(gives={"ip_list": lambda ips: len(ips) > 0}),
    "create_menu": lambda w: call(
        {"button": BUTTONS}, gives=OK, then=lambda: (w.menu(), {"menu": {"button": as_shown(BUTTONS)}})
    ),
    "get_menu": lambda w: call(gives={"menu": {"button": as_shown(w.buttons)}}),
    "delete_menu": lambda w: call(gives=OK, then=lambda: (w.menu(), {"errcode": 46003}), given=w.buttons),
    "create_custom_menu": lambda w: call(
        w.buttons, {"tag_id": str(w.tag)}, gives={"menuid": re.compile(r"\d+")}
    ),
    "delete_custom_menu": lambda w: call(
        w.conditional_menu, gives=OK, then=lambda: (w.menu(), lambda now: not now.get("conditionalmenu"))
    ),
    "match_custom_menu": lambda w: call(w.fan, gives={"button": as_shown(w.buttons)}),
    "get_custom_menu_config": lambda w: call(
        gives={"is_menu_open": 1, "selfmenu_info": {"button": [{"name": one["name"]} for one in w.buttons]}}
    ),
    "create_qrcode": lambda w: call(
        {"action_name": "QR_LIMIT_SCENE", "action_info": {"scene": {"scene_id": 12}}},
        gives={"ticket": TICKET, "url": re.compile(r"http://weixin\.qq\.com/q/\S+")},
    ),
    "show_qrcode": lambda w: call(
        w.ticket, gives={"status": 200, "type": re.compile(r"image/jpe?g"), "content": is_jpeg}
    ),
    **out_of_scope(
        "plumbing under the calls: every other case goes through it",
        "appid",
        "appsecret",
        "get",
        "post",
        "request",
    ),
}

PEOPLE: dict[str, Build | OutOfScope] = {
    "create_group": lambda w: call("门店一", gives={"group": {"id": NUMBER, "name": "门店一"}}),
    "get_groups": lambda w: call(gives={"groups": holds({"id": w.group, "name": "门店"})}),
    "get_group_by_id": lambda w: call(w.grouped, gives={"groupid": w.group}),
    "update_group": lambda w: call(
        w.group, "旗舰店", gives=OK, then=lambda: (w.groups(), holds({"id": w.group, "name": "旗舰店"}))
    ),
    "move_user": lambda w: call(w.fan, w.group, gives=OK, then=lambda: (w.info(w.fan), {"groupid": w.group})),
    "move_users": lambda w: call(
        w.fans,
        w.group,
        gives=OK,
        then=lambda: ([w.info(one)["groupid"] for one in w.fans], [w.group] * 3),
    ),
    "delete_group": lambda w: call(
        w.group, gives={}, then=lambda: (w.groups(), lambda now: all(one["id"] != w.group for one in now))
    ),
    "remark_user": lambda w: call(
        w.fan, "老客户", gives=OK, then=lambda: (w.info(w.fan), {"remark": "老客户"})
    ),
    "get_user_info": lambda w: call(w.fan, gives={"openid": w.fan, "subscribe": 1, "language": TEXT}),
    "get_users_info": lambda w: call(
        w.fans, gives={"user_info_list": [{"openid": openid, "subscribe": 1} for openid in w.fans]}
    ),
    "get_followers": lambda w: call(
        gives={"total": 1, "count": 1, "data": {"openid": [w.fan]}, "next_openid": w.fan}
    ),
    "create_tag": lambda w: call("金卡", gives={"tag": {"id": NUMBER, "name": "金卡"}}),
    "get_tags": lambda w: call(gives={"tags": holds({"id": w.tag, "name": "金卡", "count": 0})}),
    "update_tag": lambda w: call(
        w.tag, "银卡", gives=OK, then=lambda: (w.tags(), [{"id": w.tag, "name": "银卡"}])
    ),
    "delete_tag": lambda w: call(w.tag, gives=OK, then=lambda: (w.tags(), [])),
    "get_users_by_tag": lambda w: call(w.tag, gives={"count": 1, "data": {"openid": [w.tagged]}}),
    "get_tags_by_user": lambda w: call(w.tagged, gives={"tagid_list": [w.tag]}),
    "tag_users": lambda w: call(
        w.tag, w.fans, gives=OK, then=lambda: ([w.tags_of(one) for one in w.fans], [[w.tag]] * 3)
    ),
    "untag_users": lambda w: call(w.tag, [w.tagged], gives=OK, then=lambda: (w.tags_of(w.fan), [])),
}

MESSAGES: dict[str, Build | OutOfScope] = {
    "send_text_message": _custom("text", lambda w: {"content": "您好 “茶”"}, lambda w: "您好 “茶”"),
    "send_image_message": _custom("image", lambda w: {"media_id": w.image}, lambda w: w.image),
    "send_voice_message": _custom("voice", lambda w: {"media_id": w.voice}, lambda w: w.voice),
    "send_video_message": _custom(
        "video",
        lambda w: {"media_id": w.video, "title": "采茶"},
        lambda w: w.video,
        lambda w: "采茶",
        lambda w: "春",
    ),
    "send_music_message": _custom(
        "music",
        lambda w: {"musicurl": URL, "hqmusicurl": URL, "thumb_media_id": w.thumb},
        lambda w: URL,
        lambda w: URL,
        lambda w: w.thumb,
    ),
    "send_article_message": _custom(
        "news",
        lambda w: {"articles": [{"title": "春茶", "description": "上市", "url": URL, "picurl": URL}]},
        lambda w: [{"title": "春茶", "description": "上市", "url": URL, "picurl": URL}],
    ),
    "send_news_message": _custom("mpnews", lambda w: {"media_id": w.news}, lambda w: w.news),
    "send_miniprogrampage_message": _custom(
        "miniprogrampage",
        lambda w: {"title": "商城", "pagepath": PAGE, "thumb_media_id": w.image},
        lambda w: "商城",
        lambda w: w.platform.mini_program["appid"],
        lambda w: PAGE,
        lambda w: w.image,
    ),
    "send_template_message": lambda w: call(
        w.fan,
        w.template["template_id"],
        w.template_data,
        URL,
        gives={**OK, "msgid": NUMBER},
        then=lambda: (w.arrived(), [{"kind": "template", "body": {"url": URL}}]),
    ),
    "send_mass_msg": lambda w: call("text", "新茶上市", w.fans, gives=SENT),
    "delete_mass_msg": lambda w: call(w.mass_article, gives=OK),
    "send_mass_preview_to_user": lambda w: call("text", "新茶上市", w.fan, gives=OK),
    "get_mass_msg_status": lambda w: call(w.mass, gives={"msg_id": NUMBER, "msg_status": "SEND_SUCCESS"}),
    "get_mass_msg_speed": lambda w: call(gives={"speed": int, "realspeed": int}),
    "set_mass_msg_speed": lambda w: call(
        1, gives=OK, then=lambda: (w.platform.get("/cgi-bin/message/mass/speed/get"), {"speed": 1})
    ),
}

STAFF: dict[str, Build | OutOfScope] = {
    "add_custom_service_account": lambda w: call(
        w.kf_name("tea2"),
        "小桂",
        "0" * 32,
        gives=OK,
        then=lambda: (w.staff(), holds({"kf_account": w.kf_name("tea2"), "kf_nick": "小桂"})),
    ),
    "update_custom_service_account": lambda w: call(
        w.kf,
        "小龙",
        "0" * 32,
        gives=OK,
        then=lambda: (w.staff(), holds({"kf_account": w.kf, "kf_nick": "小龙"})),
    ),
    "delete_custom_service_account": lambda w: call(
        w.kf, "小青", "0" * 32, gives=OK, then=lambda: (w.staff(), [])
    ),
    "upload_custom_service_account_avatar": lambda w: call(w.kf, w.files / "photo.jpg", gives=OK),
    "get_custom_service_account_list": lambda w: call(
        gives={"kf_list": holds({"kf_account": w.kf, "kf_nick": "小青"})}
    ),
    "get_online_custom_service_account_list": lambda w: call(
        gives={"kf_online_list": holds({"kf_account": w.online_kf, "status": 1})}
    ),
}


MEDIA: dict[str, Build | OutOfScope] = {
    "upload_media": lambda w: call(
        "image", w.files / "photo.jpg", gives={"type": "image", "media_id": TEXT, "created_at": NUMBER}
    ),
    "download_media": lambda w: call(
        w.image, gives={"status": 200, "type": "image/jpeg", "content": w.content("photo.jpg")}
    ),
    "upload_news": lambda w: call(
        [article(w)], gives={"type": "news", "media_id": TEXT, "created_at": NUMBER}
    ),
    "add_news": lambda w: call([article(w)], gives={"media_id": TEXT}),
    "update_news": lambda w: call(
        {"media_id": w.news, "index": 0, "articles": article(w) | {"title": "夏茶"}},
        gives=OK,
        then=lambda: (w.articles(w.news), [{"title": "夏茶"}]),
    ),
    "upload_news_picture": lambda w: call(w.files / "photo.png", gives={"url": IMAGE_URL}),
    "upload_permanent_media": lambda w: call(
        "image", w.files / "photo.jpg", gives={"media_id": TEXT, "url": IMAGE_URL}
    ),
    # It hands on the bare answer, whatever it is: the video must be in the library afterwards.
    "upload_permanent_video": lambda w: call(
        "采茶",
        "春天",
        w.files / "film.mp4",
        gives={"status": 200},
        then=lambda: (w.material_count(), {"video_count": 1}),
    ),
    "download_permanent_media": lambda w: call(
        w.picture, gives={"status": 200, "content": w.content("photo.jpg")}
    ),
    "delete_permanent_media": lambda w: call(
        w.picture, gives=OK, then=lambda: (w.material_count(), {"image_count": 0})
    ),
    "get_media_count": lambda w: call(
        gives={"voice_count": 0, "video_count": 0, "image_count": 1, "news_count": int}, given=w.picture
    ),
    "get_media_list": lambda w: call(
        "image",
        0,
        20,
        gives={"total_count": 1, "item_count": 1, "item": [{"media_id": w.picture, "name": "photo.jpg"}]},
    ),
}

TABLE: dict[str, Build | OutOfScope] = {**ACCOUNT, **PEOPLE, **MESSAGES, **STAFF, **MEDIA}
