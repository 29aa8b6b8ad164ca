"""wechatpy's calls that send: service messages, templates, notices, mass messages, and the service staff."""

import re
from collections.abc import Callable
from typing import Any

from contract.conformance.cases import Build, Case, OutOfScope, call
from contract.conformance.matching import NUMBER, OK, TEXT
from contract.conformance.wechatpy_accounts import holds
from contract.conformance.world import PAGE, URL, World

SENT = {**OK, "msg_id": NUMBER}
ARTICLE = {"title": "春茶", "description": "上市", "url": URL, "image": f"{URL}.jpg"}
ARRIVED_ARTICLE = {"title": "春茶", "description": "上市", "url": URL, "picurl": f"{URL}.jpg"}


def _custom(kind: str, body: Any, *arguments: Callable[[World], Any], **options: Any) -> Build:
    """A service message to a customer: accepted, and in the conversation as it was written."""

    def build(w: World) -> Case:
        made = [argument(w) for argument in arguments]
        wanted = body(w) if callable(body) else body
        arrived = {"kind": f"custom:{kind}", "body": wanted}
        return call(w.customer, *made, gives=OK, then=lambda: (w.arrived()[-1:], [arrived]), **options)

    return build


def _const(value: Any) -> Callable[[World], Any]:
    return lambda w: value


SERVICE_MESSAGES: dict[str, Build | OutOfScope] = {
    "message.send_text": _custom("text", {"content": "您好 “茶”"}, _const("您好 “茶”")),
    "message.send_image": _custom("image", lambda w: {"media_id": w.image}, lambda w: w.image),
    "message.send_voice": _custom("voice", lambda w: {"media_id": w.voice}, lambda w: w.voice),
    "message.send_video": _custom(
        "video",
        lambda w: {"media_id": w.video, "title": "采茶"},
        lambda w: w.video,
        _const("采茶"),
        _const("春天"),
    ),
    "message.send_music": _custom(
        "music",
        lambda w: {"musicurl": URL, "hqmusicurl": f"{URL}?hq", "thumb_media_id": w.thumb, "title": "茶歌"},
        _const(URL),
        _const(f"{URL}?hq"),
        lambda w: w.thumb,
        _const("茶歌"),
        _const("采茶调"),
    ),
    "message.send_articles": _custom("news", {"articles": [ARRIVED_ARTICLE]}, _const([ARTICLE])),
    "message.send_msg_menu": _custom(
        "msgmenu",
        {"head_content": "满意吗", "list": [{"id": "101", "content": "满意"}]},
        _const(
            {"head_content": "满意吗", "list": [{"id": "101", "content": "满意"}], "tail_content": "谢谢"}
        ),
    ),
    "message.send_mini_program_page": _custom(
        "miniprogrampage",
        lambda w: {"title": "商城", "pagepath": PAGE, "thumb_media_id": w.image},
        lambda w: {
            "title": "商城",
            "appid": w.platform.mini_program["appid"],
            "pagepath": PAGE,
            "thumb_media_id": w.image,
        },
    ),
    "message.send_card": _custom(
        "wxcard", {"card_id": "pFS7Fjg8kV1IdDz01r4SQwMkuCKc"}, _const("pFS7Fjg8kV1IdDz01r4SQwMkuCKc")
    ),
    # Only mini programs send links; an official account is refused.
    "message.send_link": lambda w: call(w.customer, ARTICLE, refused=40008),
}

TEMPLATES: dict[str, Build | OutOfScope] = {
    "message.send_template": lambda w: call(
        w.fan,
        w.template["template_id"],
        w.template_data,
        URL,
        gives={**OK, "msgid": NUMBER},
        then=lambda: (
            w.arrived(),
            [{"kind": "template", "body": {"template_id": w.template["template_id"], "url": URL}}],
        ),
    ),
    "message.get_subscribe_authorize_url": lambda w: call(
        1000,
        w.template["template_id"],
        URL,
        gives=re.compile(
            r"https://mp\.weixin\.qq\.com/mp/subscribemsg\?action=get_confirm&.*#wechat_redirect"
        ),
    ),
    "message.send_subscribe_template": lambda w: call(
        w.one_time_subscriber,
        w.one_time_template,
        1000,
        "到货",
        {"content": {"value": "桂花乌龙到货", "color": ""}},
        URL,
        gives=OK,
    ),
    "message.send_subscribe_message": lambda w: call(
        w.shop_subscriber, w.shop_notice, w.shop_notice_data, page=URL, gives=OK
    ),
    "template.set_industry": lambda w: call("1", "2", gives=OK),
    "template.get_industry": lambda w: call(
        gives={
            "primary_industry": {"first_class": TEXT, "second_class": TEXT},
            "secondary_industry": {"first_class": TEXT, "second_class": TEXT},
        },
        given=w.industry,
    ),
    "template.get": lambda w: call("48105", gives=lambda made: made in w.templates()),
    "template.add": lambda w: call("48105", gives=lambda made: made in w.templates()),
    "template.get_all_private_template": lambda w: call(
        gives={"template_list": lambda got: w.template["template_id"] in {one["template_id"] for one in got}}
    ),
    "template.del_private_template": lambda w: call(
        w.template["template_id"],
        gives=OK,
        then=lambda: (w.templates(), lambda now: w.template["template_id"] not in now),
    ),
}

MASS: dict[str, Build | OutOfScope] = {
    "message.send_mass_text": lambda w: call(
        w.fans,
        "新茶上市",
        gives=SENT,
        then=lambda: (w.received(3), [{"kind": "mass:text", "body": {"content": "新茶上市"}}]),
    ),
    "message.send_mass_image": lambda w: call(w.fans, w.image, gives=SENT),
    "message.send_mass_voice": lambda w: call(w.fans, w.voice, gives=SENT),
    "message.send_mass_video": lambda w: call(w.fans, w.mass_video, gives=SENT),
    "message.send_mass_article": lambda w: call(w.fans, w.draft, gives=SENT | {"msg_data_id": NUMBER}),
    # Cards can no longer be published.
    "message.send_mass_card": lambda w: call(w.fans, "pFS7Fjg8kV1IdDz01r4SQwMkuCKc", refused=45113),
    "message.get_mass": lambda w: call(w.mass, gives={"msg_id": NUMBER, "msg_status": "SEND_SUCCESS"}),
    "message.delete_mass": lambda w: call(w.mass_article, gives=OK),
    "message.get_autoreply_info": lambda w: call(
        gives={"is_add_friend_reply_open": int, "is_autoreply_open": int}
    ),
}

STAFF: dict[str, Build | OutOfScope] = {
    "customservice.add_account": lambda w: call(
        w.kf_name("tea2"),
        "小桂",
        "secret",
        gives=OK,
        then=lambda: (w.staff(), _nick(w.kf_name("tea2"), "小桂")),
    ),
    "customservice.update_account": lambda w: call(
        w.kf, "小龙", "secret", gives=OK, then=lambda: (w.staff(), _nick(w.kf, "小龙"))
    ),
    "customservice.delete_account": lambda w: call(w.kf, gives=OK, then=lambda: (w.staff(), [])),
    "customservice.get_accounts": lambda w: call(
        gives=[{"kf_account": w.kf, "kf_nick": "小青", "kf_id": TEXT, "kf_headimgurl": str}]
    ),
    "customservice.upload_headimg": lambda w: call(w.kf, w.files / "photo.jpg", gives=OK),
    "customservice.get_online_accounts": lambda w: call(
        gives=[{"kf_account": w.online_kf, "status": 1, "kf_id": TEXT, "accepted_case": 0}]
    ),
    "customservice.create_session": lambda w: call(
        w.customer, w.online_kf, gives=OK, then=lambda: (w.session(w.fan), {"kf_account": w.online_kf})
    ),
    "customservice.close_session": lambda w: call(
        w.served, w.online_kf, gives=OK, then=lambda: (w.session(w.fan), {"kf_account": ""})
    ),
    "customservice.get_session": lambda w: call(
        w.served, gives={"kf_account": w.online_kf, "createtime": NUMBER}
    ),
    "customservice.get_session_list": lambda w: call(
        w.online_kf, gives=[{"openid": w.served, "createtime": NUMBER}]
    ),
    "customservice.get_wait_case": lambda w: call(
        gives={"count": 1, "waitcaselist": [{"openid": w.waiting, "latest_time": NUMBER}]}
    ),
    "customservice.get_records": lambda w: call(
        w.now - 3600,
        w.now + 60,
        gives={
            "number": NUMBER,
            "msgid": NUMBER,
            "recordlist": holds({"openid": w.conversed}),
        },
    ),
}


def _nick(kf_account: str, nickname: str) -> object:
    return lambda staff: any(one["kf_account"] == kf_account and one["kf_nick"] == nickname for one in staff)
