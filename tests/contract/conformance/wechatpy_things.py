"""wechatpy's calls about things: media, permanent material, comments, and all of the mini program."""

import re
from typing import Any

from contract.conformance.cases import Build, OutOfScope, call, out_of_scope
from contract.conformance.matching import NUMBER, OK, TEXT
from contract.conformance.world import PAGE, World

IMAGE_URL = re.compile(r"https?://[^/]+/mmbiz_\w+/.+")


def article(w: World) -> dict[str, Any]:
    return {
        "thumb_media_id": w.picture,
        "title": "春茶上市",
        "content": "<p>今年的第一批。</p>",
        "author": "青山",
        "digest": "第一批",
        "content_source_url": "https://shop.example/spring",
        "show_cover_pic": 1,
    }


MEDIA: dict[str, Build | OutOfScope] = {
    "media.upload": lambda w: call(
        "image", w.files / "photo.jpg", gives={"type": "image", "media_id": TEXT, "created_at": NUMBER}
    ),
    "media.download": lambda w: call(
        w.image, gives={"status": 200, "type": "image/jpeg", "content": w.content("photo.jpg")}
    ),
    "media.get_url": lambda w: call(
        "MEDIA",
        gives=re.compile(r"https://api\.weixin\.qq\.com/cgi-bin/media/get\?access_token=\S+&media_id=MEDIA"),
    ),
    "media.upload_video": lambda w: call(
        w.video, "采茶", "春天", gives={"type": "video", "media_id": TEXT, "created_at": NUMBER}
    ),
    "media.upload_articles": lambda w: call(
        [article(w)], gives={"type": "news", "media_id": TEXT, "created_at": NUMBER}
    ),
    "media.upload_image": lambda w: call(w.files / "photo.jpg", gives=IMAGE_URL),
    "media.upload_mass_image": lambda w: call(w.files / "photo.jpg", gives=IMAGE_URL),
}

MATERIAL: dict[str, Build | OutOfScope] = {
    "material.add": lambda w: call(
        "image", w.files / "photo.jpg", gives={"media_id": TEXT, "url": IMAGE_URL}
    ),
    "material.get": lambda w: call(w.picture, gives={"status": 200, "content": w.content("photo.jpg")}),
    "material.delete": lambda w: call(
        w.picture, gives=OK, then=lambda: (w.material_count(), {"image_count": 0})
    ),
    "material.batchget": lambda w: call(
        "image",
        gives={
            "total_count": 1,
            "item_count": 1,
            "item": [{"media_id": w.picture, "name": "photo.jpg", "update_time": NUMBER, "url": IMAGE_URL}],
        },
    ),
    "material.get_count": lambda w: call(
        gives={"voice_count": 0, "video_count": 0, "image_count": 1, "news_count": int}, given=w.picture
    ),
    "material.add_articles": lambda w: call([article(w)], gives={"media_id": TEXT}),
    "material.update_article": lambda w: call(
        w.news,
        0,
        article(w) | {"title": "夏茶"},
        gives=OK,
        then=lambda: (w.articles(w.news), [{"title": "夏茶"}]),
    ),
    "material.update_articles": lambda w: call(
        w.news,
        0,
        [article(w) | {"title": "秋茶"}],
        gives=OK,
        then=lambda: (w.articles(w.news), [{"title": "秋茶"}]),
    ),
}

COMMENTS: dict[str, Build | OutOfScope] = {
    "material.open_comment": lambda w: call(w.published["msg_data_id"], 0, gives=OK),
    "material.close_comment": lambda w: call(w.published["msg_data_id"], 0, gives=OK),
    "material.list_comment": lambda w: call(
        w.published["msg_data_id"],
        0,
        0,
        49,
        gives={"total": 1, "comment": [{"user_comment_id": w.comment, "content": "好茶", "comment_type": 0}]},
    ),
    "material.markelect_comment": lambda w: call(
        w.published["msg_data_id"], 0, w.comment, gives=OK, then=lambda: (w.comments(), [{"comment_type": 1}])
    ),
    "material.unmarkelect_comment": lambda w: call(
        w.published["msg_data_id"],
        0,
        w.elected_comment,
        gives=OK,
        then=lambda: (w.comments(), [{"comment_type": 0}]),
    ),
    "material.delete_comment": lambda w: call(
        w.published["msg_data_id"], 0, w.comment, gives=OK, then=lambda: (w.comments(), [])
    ),
    "material.add_reply_comment": lambda w: call(
        w.published["msg_data_id"],
        0,
        w.comment,
        "谢谢",
        gives=OK,
        then=lambda: (w.comments(), [{"reply": {"content": "谢谢"}}]),
    ),
    "material.delete_reply_comment": lambda w: call(
        w.published["msg_data_id"], 0, w.answered_comment, gives=OK
    ),
}

_RETIRED_TEMPLATES = "mini program template messages by form_id, withdrawn by the platform in 2020"
_CODE_MANAGEMENT = "releases code for a third-party platform; not in a brand's hands"


def _code_picture(*arguments: Any, **options: Any) -> Build:
    return lambda w: call(
        *arguments,
        account="mini_program",
        gives={"status": 200, "type": re.compile(r"image/(jpeg|png)"), "content": {"base64": TEXT}},
        **options,
    )


MINI_PROGRAM: dict[str, Build | OutOfScope] = {
    "wxa.create_qrcode": _code_picture(PAGE),
    "wxa.get_wxa_code": _code_picture(PAGE),
    "wxa.get_wxa_code_unlimited": _code_picture("store=1", page=PAGE),
    "wxa.send_subscribe_message": lambda w: call(
        w.subscriber, w.notice, w.notice_data, PAGE, account="mini_program", gives=OK
    ),
    "wxa.code_to_session": lambda w: call(
        w.login_code(),
        account="mini_program",
        gives={"openid": w.user, "session_key": re.compile(r"[A-Za-z0-9+/]{22}=="), "unionid": TEXT},
    ),
    "wxa.check_text_security": lambda w: call("桂花乌龙茶", account="mini_program", gives=OK),
    "wxa.check_image_security": lambda w: call(w.files / "photo.jpg", account="mini_program", gives=OK),
    # It writes the first form of this call; the platform asks for ``version`` 2, with scene and openid.
    "wxa.check_media_async": lambda w: call(
        "https://shop.example/photo.jpg", 2, account="mini_program", refused=47001
    ),
    "wxa.get_paid_unionid": lambda w: call(w.payer, w.payment, account="mini_program", gives=TEXT),
    "wxa.create_open": lambda w: call(w.loner["appid"], account="old_shop", gives=TEXT),
    "wxa.get_open": lambda w: call(
        w.platform.mini_program["appid"],
        account="mini_program",
        gives=w.platform.mini_program["platform_id"],
    ),
    "wxa.bind_open": lambda w: call(
        w.loner["appid"], w.platform.shop["platform_id"], account="old_shop", gives=OK
    ),
    "wxa.unbind_open": lambda w: call(
        w.bound["appid"], w.platform.shop["platform_id"], account="old_shop", gives=OK
    ),
    **out_of_scope(
        _RETIRED_TEMPLATES,
        "wxa.send_template_message",
        "wxa.list_library_templates",
        "wxa.get_library_template",
        "wxa.list_templates",
        "wxa.add_template",
        "wxa.del_template",
    ),
    **out_of_scope(
        _CODE_MANAGEMENT,
        "wxa.modify_domain",
        "wxa.bind_tester",
        "wxa.unbind_tester",
        "wxa.commit",
        "wxa.get_qrcode",
        "wxa.get_category",
        "wxa.get_page",
        "wxa.submit_audit",
        "wxa.undo_code_audit",
        "wxa.revert_code_release",
        "wxa.get_audit_status",
        "wxa.get_latest_audit_status",
        "wxa.release",
        "wxa.change_visit_status",
        "wxa.speed_up_audit",
        "wxa.query_quota",
    ),
}
