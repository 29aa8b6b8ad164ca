"""co-wechat-api: every method it offers, or why not. It names files by path."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from contract.conformance.cases import Build, Case, OutOfScope, call, out_of_scope
from contract.conformance.matching import NUMBER, OK, TEXT
from contract.conformance.wechatpy_accounts import BUTTONS, TICKET, as_shown, holds
from contract.conformance.wechatpy_messages import SENT
from contract.conformance.wechatpy_things import IMAGE_URL, article
from contract.conformance.world import PAGE, URL, World

CARD = "pFS7Fjg8kV1IdDz01r4SQwMkuCKc"


def _file(w: World, name: str) -> str:
    return str(w.files / name)


def _custom(kind: str, body: Callable[[World], Any], *arguments: Callable[[World], Any]) -> Build:
    def build(w: World) -> Case:
        made = [argument(w) for argument in arguments]
        arrived = {"kind": f"custom:{kind}", "body": body(w)}
        return call(w.customer, *made, gives=OK, then=lambda: (w.arrived()[-1:], [arrived]))

    return build


ACCOUNT: dict[str, Build | OutOfScope] = {
    "getAccessToken": lambda w: call(gives={"accessToken": TEXT, "expireTime": NUMBER}),
    "ensureAccessToken": lambda w: call(gives={"accessToken": TEXT, "expireTime": NUMBER}),
    "getIp": lambda w: call(gives={"ip_list": lambda ips: len(ips) > 0}),
    "getTicket": lambda w: call("jsapi", gives={"ticket": w.jsapi_ticket(), "expireTime": NUMBER}),
    "ensureTicket": lambda w: call("wx_card", gives={"ticket": TEXT, "expireTime": NUMBER}),
    "getLatestTicket": lambda w: call(gives={"ticket": w.jsapi_ticket(), "expireTime": NUMBER}),
    "getJsConfig": lambda w: call({"url": URL, "jsApiList": ["scanQRCode"]}, gives=w.opens_page),
    "createMenu": lambda w: call(
        {"button": BUTTONS}, gives=OK, then=lambda: (w.menu(), {"menu": {"button": as_shown(BUTTONS)}})
    ),
    "getMenu": lambda w: call(gives={"menu": {"button": as_shown(w.buttons)}}),
    "removeMenu": lambda w: call(gives=OK, then=lambda: (w.menu(), {"errcode": 46003}), given=w.buttons),
    "getMenuConfig": lambda w: call(
        gives={"is_menu_open": 1, "selfmenu_info": {"button": [{"name": one["name"]} for one in w.buttons]}}
    ),
    "addConditionalMenu": lambda w: call(
        {"button": w.buttons, "matchrule": {"tag_id": str(w.tag)}}, gives={"menuid": re.compile(r"\d+")}
    ),
    "delConditionalMenu": lambda w: call(
        w.conditional_menu, gives=OK, then=lambda: (w.menu(), lambda now: not now.get("conditionalmenu"))
    ),
    "tryConditionalMenu": lambda w: call(w.fan, gives={"button": as_shown(w.buttons)}),
    "createTmpQRCode": lambda w: call(
        12, 1800, gives={"ticket": TICKET, "expire_seconds": 1800, "url": TEXT}
    ),
    "createLimitQRCode": lambda w: call("store_1", gives={"ticket": TICKET, "url": TEXT}),
    "showQRCodeURL": lambda w: call("gQ==", gives="https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket=gQ=="),
    "shorturl": lambda w: call(URL, gives={"short_url": re.compile(r"https?://w\.url\.cn/s/\w+")}),
    "getAutoreply": lambda w: call(gives={"is_add_friend_reply_open": int, "is_autoreply_open": int}),
    **out_of_scope(
        "plumbing under the calls: every other case goes through it",
        "request",
        "setOpts",
        "registerTicketHandle",
    ),
}

PEOPLE: dict[str, Build | OutOfScope] = {
    "getUser": lambda w: call(w.fan, gives={"openid": w.fan, "subscribe": 1, "subscribe_time": NUMBER}),
    "batchGetUsers": lambda w: call(
        w.fans, gives={"user_info_list": [{"openid": openid, "subscribe": 1} for openid in w.fans]}
    ),
    "getFollowers": lambda w: call(
        gives={"total": 1, "count": 1, "data": {"openid": [w.fan]}, "next_openid": w.fan}
    ),
    "updateRemark": lambda w: call(
        w.fan, "老客户", gives=OK, then=lambda: (w.info(w.fan), {"remark": "老客户"})
    ),
    "createTags": lambda w: call("金卡", gives={"tag": {"id": NUMBER, "name": "金卡"}}),
    "getTags": lambda w: call(gives={"tags": holds({"id": w.tag, "name": "金卡", "count": 0})}),
    "updateTag": lambda w: call(
        w.tag, "银卡", gives=OK, then=lambda: (w.tags(), [{"id": w.tag, "name": "银卡"}])
    ),
    "deleteTag": lambda w: call(w.tag, gives=OK, then=lambda: (w.tags(), [])),
    "getUsersFromTag": lambda w: call(w.tag, gives={"count": 1, "data": {"openid": [w.tagged]}}),
    "batchTagging": lambda w: call(
        w.fans, w.tag, gives=OK, then=lambda: ([w.tags_of(one) for one in w.fans], [[w.tag]] * 3)
    ),
    "batchUnTagging": lambda w: call([w.tagged], w.tag, gives=OK, then=lambda: (w.tags_of(w.fan), [])),
    "getIdList": lambda w: call(w.tagged, gives={"tagid_list": [w.tag]}),
    "getGroups": lambda w: call(gives={"groups": holds({"id": w.group, "name": "门店"})}),
    "getWhichGroup": lambda w: call(w.grouped, gives={"groupid": w.group}),
    "createGroup": lambda w: call("门店一", gives={"group": {"id": NUMBER, "name": "门店一"}}),
    "updateGroup": lambda w: call(
        w.group, "旗舰店", gives=OK, then=lambda: (w.groups(), holds({"id": w.group, "name": "旗舰店"}))
    ),
    "moveUserToGroup": lambda w: call(
        w.fan, w.group, gives=OK, then=lambda: (w.info(w.fan), {"groupid": w.group})
    ),
    "moveUsersToGroup": lambda w: call(
        w.fans, w.group, gives=OK, then=lambda: ([w.info(one)["groupid"] for one in w.fans], [w.group] * 3)
    ),
    "removeGroup": lambda w: call(
        w.group, gives={}, then=lambda: (w.groups(), lambda now: all(one["id"] != w.group for one in now))
    ),
}

_UPLOADED = {"media_id": TEXT, "created_at": NUMBER}
_THUMB = {"thumb_media_id": TEXT, "created_at": NUMBER}
MEDIA: dict[str, Build | OutOfScope] = {
    "uploadMedia": lambda w: call(_file(w, "photo.jpg"), "image", gives=_UPLOADED),
    "uploadImageMedia": lambda w: call(_file(w, "photo.png"), gives=_UPLOADED),
    "uploadVoiceMedia": lambda w: call(_file(w, "voice.amr"), gives=_UPLOADED),
    "uploadVoice": lambda w: call(_file(w, "voice.mp3"), gives=_UPLOADED),
    "uploadVideoMedia": lambda w: call(_file(w, "film.mp4"), gives=_UPLOADED),
    "uploadVideo": lambda w: call(_file(w, "film.mp4"), gives=_UPLOADED),
    "uploadThumbMedia": lambda w: call(_file(w, "photo.jpg"), gives=_THUMB),
    "uploadThumb": lambda w: call(_file(w, "photo.jpg"), gives=_THUMB),
    "getMedia": lambda w: call(w.image, gives=w.content("photo.jpg")),
    "uploadImage": lambda w: call(_file(w, "photo.jpg"), gives={"url": IMAGE_URL}),
    "uploadMaterial": lambda w: call(
        _file(w, "photo.jpg"), "image", gives={"media_id": TEXT, "url": IMAGE_URL}
    ),
    "uploadImageMaterial": lambda w: call(_file(w, "photo.png"), gives={"media_id": TEXT, "url": IMAGE_URL}),
    "uploadVoiceMaterial": lambda w: call(_file(w, "voice.mp3"), gives={"media_id": TEXT}),
    "uploadThumbMaterial": lambda w: call(_file(w, "photo.jpg"), gives={"media_id": TEXT}),
    "uploadVideoMaterial": lambda w: call(
        _file(w, "film.mp4"),
        {"title": "采茶", "introduction": "春天"},
        gives={"media_id": TEXT},
        then=lambda: (w.material_count(), {"video_count": 1}),
    ),
    "uploadNewsMaterial": lambda w: call({"articles": [article(w)]}, gives={"media_id": TEXT}),
    "updateNewsMaterial": lambda w: call(
        {"media_id": w.news, "index": 0, "articles": article(w) | {"title": "夏茶"}},
        gives=OK,
        then=lambda: (w.articles(w.news), [{"title": "夏茶"}]),
    ),
    "getMaterial": lambda w: call(w.picture, gives=w.content("photo.jpg")),
    "removeMaterial": lambda w: call(
        w.picture, gives=OK, then=lambda: (w.material_count(), {"image_count": 0})
    ),
    "getMaterialCount": lambda w: call(gives={"image_count": 1, "voice_count": 0}, given=w.picture),
    "getMaterials": lambda w: call(
        "image", 0, 20, gives={"total_count": 1, "item_count": 1, "item": [{"media_id": w.picture}]}
    ),
}

MESSAGES: dict[str, Build | OutOfScope] = {
    "sendText": _custom("text", lambda w: {"content": "您好 “茶”"}, lambda w: "您好 “茶”"),
    "sendImage": _custom("image", lambda w: {"media_id": w.image}, lambda w: w.image),
    "sendVoice": _custom("voice", lambda w: {"media_id": w.voice}, lambda w: w.voice),
    "sendVideo": _custom("video", lambda w: {"media_id": w.video}, lambda w: w.video, lambda w: w.thumb),
    "sendMusic": _custom(
        "music",
        lambda w: {"title": "茶歌", "musicurl": URL, "thumb_media_id": w.thumb},
        lambda w: {
            "title": "茶歌",
            "description": "采茶调",
            "musicurl": URL,
            "hqmusicurl": URL,
            "thumb_media_id": w.thumb,
        },
    ),
    "sendNews": _custom(
        "news",
        lambda w: {"articles": [{"title": "春茶", "url": URL}]},
        lambda w: [{"title": "春茶", "description": "上市", "url": URL, "picurl": URL}],
    ),
    "sendMpNews": _custom("mpnews", lambda w: {"media_id": w.news}, lambda w: w.news),
    "sendCard": _custom("wxcard", lambda w: {"card_id": CARD}, lambda w: CARD),
    "sendMiniProgram": _custom(
        "miniprogrampage",
        lambda w: {"title": "商城", "pagepath": PAGE},
        lambda w: {
            "title": "商城",
            "appid": w.platform.mini_program["appid"],
            "pagepath": PAGE,
            "thumb_media_id": w.image,
        },
    ),
    "setIndustry": lambda w: call({"industry_id1": "1", "industry_id2": "4"}, gives=OK),
    "getIndustry": lambda w: call(gives={"primary_industry": {"first_class": TEXT}}, given=w.industry),
    "addTemplate": lambda w: call("48105", gives={"template_id": lambda made: made in w.templates()}),
    "getAllPrivateTemplate": lambda w: call(
        gives={"template_list": lambda got: w.template["template_id"] in {one["template_id"] for one in got}}
    ),
    "delPrivateTemplate": lambda w: call(
        w.template["template_id"],
        gives=OK,
        then=lambda: (w.templates(), lambda now: w.template["template_id"] not in now),
    ),
    "sendTemplate": lambda w: call(
        w.fan,
        w.template["template_id"],
        URL,
        "#173177",
        w.template_data,
        gives={**OK, "msgid": NUMBER},
        then=lambda: (w.arrived(), [{"kind": "template", "body": {"url": URL}}]),
    ),
    "sendSubscribe": lambda w: call(
        w.one_time_subscriber,
        w.one_time_template,
        URL,
        None,
        "1000",
        "到货",
        {"content": {"value": "到货了"}},
        gives=OK,
    ),
    "uploadNews": lambda w: call({"articles": [article(w)]}, gives={"type": "news"} | _UPLOADED),
    "uploadMPVideo": lambda w: call(
        {"media_id": w.video, "title": "采茶", "description": "春天"}, gives={"type": "video"} | _UPLOADED
    ),
    "massSend": lambda w: call({"msgtype": "text", "text": {"content": "新茶"}}, w.fans, gives=SENT),
    "massSendText": lambda w: call("新茶", w.tag_with_fan, gives=SENT),
    "massSendNews": lambda w: call(w.draft, w.fans, "send-1", 1, gives=SENT),
    "massSendVoice": lambda w: call(w.voice, w.fans, gives=SENT),
    "massSendImage": lambda w: call(w.image, w.fans, gives=SENT),
    "massSendVideo": lambda w: call(w.mass_video, w.fans, gives=SENT),
    "massSendMPVideo": lambda w: call(
        {"media_id": w.video, "title": "采茶", "description": "春天"}, w.fans, gives=SENT
    ),
    "deleteMass": lambda w: call(w.mass_article, gives=OK),
    "previewNews": lambda w: call(w.fan, w.draft, gives=OK),
    "previewText": lambda w: call(w.fan, "新茶", gives=OK),
    "previewVoice": lambda w: call(w.fan, w.voice, gives=OK),
    "previewImage": lambda w: call(w.fan, w.image, gives=OK),
    "previewVideo": lambda w: call(w.fan, w.mass_video, gives=OK),
    "getMassMessageStatus": lambda w: call(w.mass, gives={"msg_id": NUMBER, "msg_status": "SEND_SUCCESS"}),
    **out_of_scope(
        "mini program template messages by form_id, withdrawn by the platform in 2020",
        "sendMiniProgramTemplate",
    ),
}

STAFF: dict[str, Build | OutOfScope] = {
    "getCustomServiceList": lambda w: call(gives={"kf_list": holds({"kf_account": w.kf, "kf_nick": "小青"})}),
    "getOnlineCustomServiceList": lambda w: call(
        gives={"kf_online_list": holds({"kf_account": w.online_kf, "status": 1})}
    ),
    "addKfAccount": lambda w: call(
        w.kf_name("tea2"),
        "小桂",
        gives=OK,
        then=lambda: (w.staff(), holds({"kf_account": w.kf_name("tea2"), "kf_nick": "小桂"})),
    ),
    "inviteworker": lambda w: call(w.kf, w.wechat_id, gives=OK),
    "updateKfAccount": lambda w: call(
        w.kf, "小龙", gives=OK, then=lambda: (w.staff(), holds({"kf_account": w.kf, "kf_nick": "小龙"}))
    ),
    "deleteKfAccount": lambda w: call(w.kf, gives=OK, then=lambda: (w.staff(), [])),
    "setKfAccountAvatar": lambda w: call(w.kf, _file(w, "photo.jpg"), gives=OK),
    "createKfSession": lambda w: call(
        w.online_kf, w.customer, gives=OK, then=lambda: (w.session(w.fan), {"kf_account": w.online_kf})
    ),
    **out_of_scope(
        "the first form of the chat log, replaced by getmsglist, which it does not know", "getRecords"
    ),
}


def _statistics(days: int) -> Build:
    def build(w: World) -> Case:
        last = w.last_told
        first = last - timedelta(days=days - 1)
        return call(first.isoformat(), last.isoformat(), gives={"list": list})

    return build


STATISTICS: dict[str, Build | OutOfScope] = {
    "getUserSummary": _statistics(7),
    "getUserCumulate": _statistics(7),
    "getArticleSummary": _statistics(1),
    "getArticleTotal": _statistics(1),
    "getUserRead": _statistics(3),
    "getUserReadHour": _statistics(1),
    "getUserShare": _statistics(7),
    "getUserShareHour": _statistics(1),
    "getUpstreamMsg": _statistics(7),
    "getUpstreamMsgHour": _statistics(1),
    "getUpstreamMsgWeek": _statistics(7),
    "getUpstreamMsgMonth": _statistics(7),
    "getUpstreamMsgDist": _statistics(7),
    "getUpstreamMsgDistWeek": _statistics(7),
    "getUpstreamMsgDistMonth": _statistics(7),
    "getInterfaceSummary": _statistics(7),
    "getInterfaceSummaryHour": _statistics(1),
}

MINI_PROGRAM: dict[str, Build | OutOfScope] = {
    "createWXAQRCode": lambda w: call(PAGE, account="mini_program", gives={"base64": TEXT}),
    "getWXACode": lambda w: call(PAGE, account="mini_program", gives={"base64": TEXT}),
    "getWXACodeUnlimit": lambda w: call("store=1", PAGE, account="mini_program", gives={"base64": TEXT}),
    "code2Session": lambda w: call(
        w.login_code(), account="mini_program", gives={"openid": w.user, "session_key": TEXT, "unionid": TEXT}
    ),
    "sendSubscribeMessage": lambda w: call(
        w.subscriber, w.notice, PAGE, w.notice_data, account="mini_program", gives=OK
    ),
}

OTHER_PRODUCTS: dict[str, Build | OutOfScope] = {
    **out_of_scope(
        "cards (卡券), which can no longer be published",
        *("activateMembercard", "activateUserForm", "addLocations", "checkInBoardingPass", "consumeCode"),
        *("createCard", "createQRCode", "decryptCode", "deleteCard", "getActivateMembercardUrl"),
        *("getActivateTempinfo", "getCard", "getCardExt", "getCardList", "getCards", "getCode", "getColors"),
        *("getLocations", "getRedirectUrl", "setTestWhitelist", "unavailableCode", "updateCard"),
        *("updateCardStock", "updateCode", "updateLuckyMonkeyBalance", "updateMeetingTicket"),
        *("updateMembercard", "updateMovieTicket", "uploadLogo"),
    ),
    **out_of_scope(
        "the first WeChat shop (微信小店), retired by the platform",
        *("addExpressTemplate", "closeOrder", "createGoods", "createGoodsGroup", "createShelf"),
        *(
            "deleteExpressTemplate",
            "deleteGoods",
            "deleteGoodsGroup",
            "deleteShelf",
            "getAllExpressTemplates",
        ),
        *("getAllGroups", "getAllShelves", "getExpressTemplateById", "getGoods", "getGoodsByStatus"),
        *("getGroupById", "getOrderById", "getOrdersByStatus", "getProperties", "getSKUs", "getShelfById"),
        *(
            "getSubCats",
            "setExpressForOrder",
            "setNoDeliveryForOrder",
            "updateExpressTemplate",
            "updateGoods",
        ),
        *("updateGoodsForGroup", "updateGoodsGroup", "updateGoodsStatus", "updateShelf", "updateStock"),
        *("uploadPicture",),
    ),
    **out_of_scope(
        "shake around, retired by the platform",
        *(
            "applyBeacons",
            "bindBeaconLocation",
            "bindBeaconWithPages",
            "checkShakeAccountStatus",
            "createPage",
        ),
        *(
            "deletePages",
            "getBeacons",
            "getDeviceStatistics",
            "getPageStatistics",
            "getPages",
            "getShakeInfo",
        ),
        *("registerShakeAccount", "searchBeaconPageRelation", "updateBeacon", "updatePage", "uploadPageIcon"),
    ),
    **out_of_scope(
        "devices of the internet of things",
        *("authorizeDevices", "bindDevice", "compelBindDevice", "compelUnbindDevice", "createDeviceQRCode"),
        *("getBindDevice", "getDeviceQRCode", "getDeviceStatus", "getOpenID", "transferMessage"),
        *("transferStatus", "unbindDevice", "verifyDeviceQRCode"),
    ),
    **out_of_scope(
        "stores on the map, retired by the platform", "addPoi", "delPoi", "getPoi", "getPois", "updatePoi"
    ),
    **out_of_scope(
        "the first form of WeChat Pay, retired by the platform",
        "deliverNotify",
        "orderQuery",
        "updateFeedback",
    ),
    **out_of_scope("semantic search, retired by the platform", "semantic"),
}

TABLE: dict[str, Build | OutOfScope] = {
    **ACCOUNT, **PEOPLE, **MEDIA, **MESSAGES, **STAFF, **STATISTICS, **MINI_PROGRAM, **OTHER_PRODUCTS,
}  # fmt: skip
