"""wechatpy's calls of a company: contacts, apps, messages to members, customers."""

import time
from typing import Any
from urllib.parse import quote

from contract.conformance.cases import Case, OutOfScope, call, out_of_scope
from contract.conformance.matching import NUMBER, OK, TEXT
from contract.conformance.platform import Refused
from contract.conformance.worlds.enterprise import AGENT, CompanyWorld

DAY_S = 86_400
URL = "https://shop.example/side"
URL_OF_MEDIA = "https://qyapi.weixin.qq.com/cgi-bin/media/get"
TABLE: dict[str, Any] = {}


def _of(account: str, **cases: Any) -> None:
    """Declare cases of one secret; ``__`` stands for a dot."""
    for name, build in cases.items():
        TABLE[name.replace("__", ".")] = _by(account, build)


def _by(account: str, build: Any) -> Any:
    def made(world: CompanyWorld) -> Case:
        case: Case = build(world)
        return Case(case.arguments, case.options, case.gives, case.refused, case.then, account)

    return made


def _shows(kind: str, **content: Any) -> Any:
    """Return what the member's inbox must hold at its top."""
    return [{"kind": kind, "body": content}]


def _sent(world: CompanyWorld, kind: str, **content: Any) -> Any:
    return lambda: (world.inbox()[:1], _shows(kind, **content))


_of(
    "app",
    fetch_access_token=lambda w: call(gives={"access_token": TEXT, "expires_in": int}),
    access_token=lambda w: call(gives=TEXT),
    access_token_key=lambda w: call(gives=TEXT),
    get=lambda w: call("getcallbackip", gives={"ip_list": list}),
    post=lambda w: call(
        "message/send",
        data={"touser": "staff01", "agentid": AGENT, "msgtype": "text", "text": {"content": "裸"}},
        gives=OK,
        then=_sent(w, "text", content="裸"),
    ),
    misc__get_wechat_ips=lambda w: call(gives=list),
    agent__get=lambda w: call(AGENT, gives={"agentid": AGENT, "name": TEXT, "close": 0}),
    agent__list=lambda w: call(gives=[{"agentid": AGENT}]),
    agent__set=lambda w: call(
        AGENT,
        name="新名",
        gives=OK,
        then=lambda: (w.get("/agent/get", "app", agentid=AGENT), {"name": "新名", "isreportenter": 1}),
    ),
    menu__create=lambda w: call(
        AGENT,
        {"button": [{"type": "view", "name": "后台", "url": URL}]},
        gives=OK,
        then=lambda: (w.shown_menu(), [{"name": "后台", "url": URL}]),
    ),
    menu__update=lambda w: call(
        AGENT,
        {"button": [{"type": "view", "name": "后台", "url": URL}]},
        given=w.menu,
        gives=OK,
        then=lambda: (w.shown_menu(), [{"name": "后台"}]),
    ),
    menu__get=lambda w: call(AGENT, given=w.menu, gives={"button": [{"key": "CHECK_IN"}]}),
    menu__delete=lambda w: call(AGENT, given=w.menu, gives=OK),
    jsapi__get_ticket=lambda w: call(gives={"ticket": TEXT, "expires_in": 7200}),
    jsapi__get_agent_ticket=lambda w: call(gives={"ticket": TEXT, "expires_in": 7200}),
    jsapi__get_jsapi_ticket=lambda w: call(gives=TEXT),
    jsapi__get_agent_jsapi_ticket=lambda w: call(gives=TEXT),
    jsapi__get_jsapi_signature=lambda w: call("n", "t", 1, URL, gives=TEXT),
    appchat__create=lambda w: call(name="项目", user_list=["staff01", "staff02"], gives={"chatid": TEXT}),
    appchat__get=lambda w: call(w.chat, gives={"chatid": w.chat, "userlist": ["staff01", "staff02"]}),
    appchat__update=lambda w: call(
        w.chat,
        name="新项目",
        add_user_list=["staff03"],
        gives=OK,
        then=lambda: (
            w.get("/appchat/get", "app", chatid=w.chat)["chat_info"],
            {"name": "新项目", "userlist": ["staff01", "staff02", "staff03"]},
        ),
    ),
    appchat__send=lambda w: call(
        w.chat, "text", content="开会", gives=OK, then=_sent(w, "text", content="开会")
    ),
    appchat__send_msg=lambda w: call(
        w.chat, "markdown", content="**会**", gives=OK, then=_sent(w, "markdown", content="**会**")
    ),
    appchat__send_text=lambda w: call(w.chat, "散会", gives=OK, then=_sent(w, "text", content="散会")),
    message__send=lambda w: call(
        AGENT,
        ["staff01", "nobody"],
        msg={"msgtype": "text", "text": {"content": "您好"}},
        gives={"errcode": 0, "invaliduser": "nobody", "msgid": TEXT},
        then=_sent(w, "text", content="您好"),
    ),
    message__send_text=lambda w: call(
        AGENT, "staff01", "您好", gives=OK, then=_sent(w, "text", content="您好")
    ),
    message__send_text_card=lambda w: call(
        AGENT, "staff01", "标题", "描述", URL, gives=OK, then=_sent(w, "textcard", title="标题", url=URL)
    ),
    message__send_markdown=lambda w: call(
        AGENT, "staff01", "**粗**", gives=OK, then=_sent(w, "markdown", content="**粗**")
    ),
    message__send_articles=lambda w: call(
        AGENT,
        "staff01",
        [{"title": "新品", "description": "茶", "url": URL, "image": URL}],
        gives=OK,
        then=_sent(w, "news", articles=[{"title": "新品", "url": URL}]),
    ),
    oauth__authorize_url=lambda w: call(
        URL, "s1", gives=lambda got: w.corp["corpid"] in got and quote(URL, safe="") in got
    ),
    oauth__get_user_info=lambda w: call(w.code, gives={"UserId": "staff01"}),
    user__get_info=lambda w: call(AGENT, w.code, gives={"UserId": "staff01"}),
    tag__create=lambda w: call("经理", gives={"errcode": 0, "tagid": NUMBER}),
    tag__update=lambda w: call(
        w.member_tag,
        "经理",
        gives={"errcode": 0},
        then=lambda: (w.get("/tag/list", "app")["taglist"], [{"tagid": w.member_tag, "tagname": "经理"}]),
    ),
    tag__delete=lambda w: call(
        w.member_tag, gives={"errcode": 0}, then=lambda: (w.get("/tag/list", "app")["taglist"], [])
    ),
    tag__get_users=lambda w: call(
        w.member_tag, gives={"tagname": "店长", "userlist": [{"userid": "staff01"}]}
    ),
    tag__add_users=lambda w: call(
        w.member_tag, ["staff02"], gives=OK, then=lambda: (w.tagged(), ["staff01", "staff02"])
    ),
    tag__delete_users=lambda w: call(w.member_tag, ["staff01"], gives=OK, then=lambda: (w.tagged(), [])),
    tag__list=lambda w: call(gives=[{"tagid": w.member_tag, "tagname": "店长"}]),
)


def _file_case(kind: str, file: str, **more: Any) -> Any:
    def build(w: CompanyWorld) -> Case:
        media_id = w.media(file, kind)
        return call(AGENT, "staff01", media_id, gives=OK, then=_sent(w, kind, media_id=media_id), **more)

    return build


def _mp_articles(w: CompanyWorld) -> Case:
    thumb = w.media("photo.jpg", "image")
    article = {
        "thumb_media_id": thumb, "author": "店", "title": "图文", "content": "<p>茶</p>",
        "content_source_url": URL, "digest": "摘", "show_cover_pic": 1,
    }  # fmt: skip
    then = _sent(w, "mpnews", articles=[{"title": "图文", "thumb_media_id": thumb}])
    return call(AGENT, "staff01", [article], gives=OK, then=then)


_of(
    "app",
    message__send_image=_file_case("image", "photo.jpg"),
    message__send_voice=_file_case("voice", "voice.amr"),
    message__send_video=_file_case("video", "film.mp4", title="片", description="茶"),
    message__send_file=_file_case("file", "photo.png"),
    message__send_mp_articles=_mp_articles,
    media__upload=lambda w: call(
        "image", w.files / "photo.jpg", gives={"type": "image", "media_id": TEXT, "created_at": str}
    ),
    media__upload_img=lambda w: call(w.files / "photo.jpg", gives={"url": TEXT}),
    media__get_url=lambda w: call("m1", gives=lambda got: got.startswith(URL_OF_MEDIA)),
    media__get_jssdk_url=lambda w: call("m1", gives=lambda got: got.startswith(f"{URL_OF_MEDIA}/jssdk")),
    media__download=lambda w: call(
        w.media("photo.jpg", "image"), gives={"status": 200, "content": {"base64": TEXT}}
    ),
)


_of(
    "contacts",
    user__create=lambda w: call(
        "zhang",
        "张三",
        department=[2],
        mobile="13800000001",
        gives={"errcode": 0, "errmsg": "created"},
        then=lambda: (w.member("zhang"), {"name": "张三", "department": [2], "status": 4}),
    ),
    user__get=lambda w: call("staff01", gives={"userid": "staff01", "department": [2], "status": 1}),
    user__update=lambda w: call(
        "staff01",
        position="店长",
        gives={"errmsg": "updated"},
        then=lambda: (w.member("staff01"), {"position": "店长"}),
    ),
    user__delete=lambda w: call(
        "staff01",
        gives={"errmsg": "deleted"},
        then=lambda: (w.userids(), lambda now: "staff01" not in now),
    ),
    user__batch_delete=lambda w: call(
        ["staff01", "staff02"], gives={"errcode": 0}, then=lambda: (len(w.userids()), 10)
    ),
    user__list=lambda w: call(1, fetch_child=True, gives=lambda got: len(got) == 12),
    user__verify=lambda w: call("staff01", gives=OK),
    user__convert_to_openid=lambda w: call("staff01", gives={"openid": TEXT}),
    user__convert_to_user_id=lambda w: call(
        w.post("/user/convert_to_openid", {"userid": "staff01"}, "contacts")["openid"], gives="staff01"
    ),
    department__create=lambda w: call(
        "仓库", gives={"errcode": 0, "id": 5}, then=lambda: (w.departments()[-1:], ["仓库"])
    ),
    department__update=lambda w: call(
        2, name="门店部", gives={"errmsg": "updated"}, then=lambda: (w.departments()[1:2], ["门店部"])
    ),
    department__delete=lambda w: call(
        w.post("/department/create", {"name": "空", "parentid": 1}, "contacts")["id"],
        gives={"errmsg": "deleted"},
        then=lambda: (len(w.departments()), 4),
    ),
    department__get=lambda w: call(gives=lambda got: [one["id"] for one in got] == [1, 2, 3, 4]),
    department__get_users=lambda w: call(2, gives=lambda got: len(got) == 4),
    department__get_map_users=lambda w: call(2, "mobile", gives=lambda got: got["13900000000"] == "staff01"),
    batch__invite=lambda w: call(user=["staff01", "nobody"], gives={"invaliduser": ["nobody"]}),
    batch__sync_user=lambda w: call(
        "", "", "", w.table, gives={"jobid": TEXT}, then=lambda: _after_job(w, "wang", 13)
    ),
    batch__replace_user=lambda w: call(
        "", "", "", w.table, gives={"jobid": TEXT}, then=lambda: _after_job(w, "wang", 1)
    ),
    batch__replace_party=lambda w: call("", "", "", w.table, gives={"jobid": TEXT}),
    batch__get_result=lambda w: call(w.job, gives={"status": 3, "type": "sync_user", "percentage": 100}),
)


def _after_job(w: CompanyWorld, userid: str, members: int) -> tuple[Any, Any]:
    w.settle()
    now = w.userids()
    return (userid in now, len(now)), (True, members)


_of(
    "customers",
    external_contact__get_follow_user_list=lambda w: call(gives={"follow_user": lambda got: len(got) == 12}),
    external_contact__list=lambda w: call(
        "staff01", given=w.customer, gives={"external_userid": [w.customer]}
    ),
    external_contact__get=lambda w: call(
        w.customer,
        gives={
            "external_contact": {"external_userid": w.customer, "type": 1, "unionid": TEXT},
            "follow_user": [{"userid": "staff01", "state": "s1", "tags": []}],
        },
    ),
    external_contact__add_contact_way=lambda w: call(
        1, 2, user=["staff01"], state="s2", gives={"config_id": TEXT, "qr_code": TEXT}
    ),
    external_contact__get_contact_way=lambda w: call(
        w.way, gives={"contact_way": {"config_id": w.way, "user": ["staff01"], "state": "s1"}}
    ),
    external_contact__update_contact_way=lambda w: call(
        w.way,
        "新",
        user=["staff02"],
        gives=OK,
        then=lambda: (w.shown_way(), {"user": ["staff02"], "remark": "新"}),
    ),
    external_contact__del_contact_way=lambda w: call(
        w.way,
        gives=OK,
        then=lambda: (w.post("/externalcontact/list_contact_way", {})["contact_way"], []),
    ),
    external_contact__add_msg_template=lambda w: call(
        {"external_userid": [w.customer], "sender": "staff01", "text": {"content": "新品"}},
        gives={"errcode": 0, "msgid": TEXT, "fail_list": []},
    ),
    external_contact__get_group_msg_result=lambda w: call(
        _mass(w), gives={"errcode": 0, "detail_list": [{"external_userid": w.customer, "status": 0}]}
    ),
    external_contact__get_user_behavior_data=lambda w: call(
        ["staff01"],
        w.now - DAY_S,
        w.now,
        given=w.customer,
        gives={"behavior_data": lambda got: len(got) == 2},
    ),
    external_contact__send_welcome_msg=lambda w: call(
        {"welcome_code": w.welcome_code, "text": {"content": "欢迎"}},
        gives=OK,
        then=lambda: ([one["used"] for one in w.act("GET", "/welcomes")["items"]], [True]),
    ),
    external_contact__get_unassigned_list=lambda w: call(
        0,
        100,
        given=w.left,
        gives={"info": [{"handover_userid": "staff01", "external_userid": w.left}], "is_last": True},
    ),
    external_contact__transfer=lambda w: call(w.left, "staff01", "staff02", gives=OK),
    external_contact__get_corp_tag_list=lambda w: call(
        [w.tag],
        gives={"tag_group": [{"group_id": w.group["group_id"], "tag": [{"id": w.tag, "name": "VIP"}]}]},
    ),
    external_contact__add_corp_tag=lambda w: call(
        None,
        "来源",
        1,
        [{"name": "门店"}],
        gives={"tag_group": {"group_name": "来源", "tag": [{"name": "门店"}]}},
    ),
    external_contact__edit_corp_tag=lambda w: call(
        w.tag, "金卡", 3, gives=OK, then=lambda: (w.tag_names(), ["金卡", "普通"])
    ),
    external_contact__del_corp_tag=lambda w: call(
        tag_id=[w.tag], gives=OK, then=lambda: (w.tag_names(), ["普通"])
    ),
    external_contact__mark_tag=lambda w: call(
        "staff01",
        w.customer,
        [w.tag],
        gives=OK,
        then=lambda: (w.links(), [{"tags": [{"tag_id": w.tag, "type": 1}]}]),
    ),
    external_contact_group_chat__list=lambda w: call(
        gives={"group_chat_list": [{"chat_id": _group(w), "status": 0}]}
    ),
    external_contact_group_chat__list_all=lambda w: call(gives=[{"chat_id": _group(w)}]),
    external_contact_group_chat__get=lambda w: call(
        _group(w), gives={"group_chat": {"chat_id": _group(w), "owner": "staff01"}}
    ),
    external_contact_group_chat__statistic=lambda w: call(
        w.now - DAY_S, owner_userid_list=["staff01"], given=_group(w), gives={"errcode": 0, "items": list}
    ),
)
TABLE |= out_of_scope("the platform has replaced it by batch/invite", "batch.invite_user")


def _mass(w: CompanyWorld) -> str:
    """Return a mass message that has been handed to the staff, which takes the platform a moment."""
    body = {"external_userid": [w.customer], "sender": "staff01", "text": {"content": "新品"}}
    msgid = str(w.post("/externalcontact/add_msg_template", body)["msgid"])
    deadline = time.monotonic() + 30
    while True:
        try:
            w.post("/externalcontact/get_group_msg_result", {"msgid": msgid})
            return msgid
        except Refused:
            assert time.monotonic() < deadline, "the message is never handed out"
            time.sleep(0.1)


def _group(w: CompanyWorld) -> str:
    """Return the one customer group, making it at first."""
    found = w.act("GET", "/groups")["items"]
    if found:
        return str(found[0]["chat_id"])
    return str(w.act("POST", "/groups", {"owner": "staff01", "name": "一店"})["chat_id"])


__all__ = ["TABLE", "OutOfScope"]
