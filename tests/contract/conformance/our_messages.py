"""Our own client's calls that send from official accounts, and those about templates and notices."""

from contract.conformance.cases import Build, OutOfScope, call
from contract.conformance.matching import NUMBER, TEXT
from contract.conformance.wechatpy_accounts import holds
from contract.conformance.world import URL
from quanyu.wechat.common import custom_messages

MESSAGES: dict[str, Build | OutOfScope] = {
    "custom_messages.SEND": lambda w: call(
        custom_messages.CustomImage(touser=w.customer, image=custom_messages.Media(w.image)),
        gives={},
        then=lambda: (w.arrived()[-1:], [{"kind": "custom:image", "body": {"media_id": w.image}}]),
    ),
    "custom_messages.TYPING": lambda w: call({"touser": w.customer, "command": "Typing"}, gives={}),
    "template_messages.SEND": lambda w: call(
        {
            "touser": w.fan,
            "template_id": w.template["template_id"],
            "data": w.template_data,
            "url": URL,
            "client_msg_id": "intent-1",
        },
        gives={"msgid": NUMBER},
        then=lambda: (w.arrived(), [{"kind": "template", "body": {"url": URL}}]),
    ),
    "template_messages.LIST": lambda w: call(
        {}, gives={"template_list": holds({"template_id": w.template["template_id"]})}
    ),
    "template_messages.ADD": lambda w: call(
        {"template_id_short": "48105", "keyword_name_list": ["商品名称", "商品价格"]},
        gives={"template_id": lambda made: made in w.templates()},
    ),
    "template_messages.DELETE": lambda w: call(
        {"template_id": w.template["template_id"]},
        gives={},
        then=lambda: (w.templates(), lambda now: w.template["template_id"] not in now),
    ),
    "template_messages.SET_INDUSTRY": lambda w: call({"industry_id1": "1", "industry_id2": "2"}, gives={}),
    "template_messages.INDUSTRY": lambda w: call(
        {}, gives={"primary_industry": {"first_class": TEXT}}, given=w.industry
    ),
    "template_messages.BLOCKED": lambda w: call(
        {"tmpl_msg_id": w.template["template_id"], "largest_id": 0, "limit": 10}, gives={}
    ),
    "template_messages.SEND_ONE_TIME": lambda w: call(
        {
            "touser": w.one_time_subscriber,
            "template_id": w.one_time_template,
            "scene": "1000",
            "title": "到货",
            "data": {"content": {"value": "桂花乌龙到货"}},
        },
        gives={},
    ),
    "template_messages.SEND_NOTICE": lambda w: call(
        {"touser": w.shop_subscriber, "template_id": w.shop_notice, "data": w.shop_notice_data}, gives={}
    ),
    "mass.SEND_TO_ALL": lambda w: call(
        {
            "msgtype": "text",
            "text": {"content": "新茶"},
            "filter": {"is_to_all": False, "tag_id": w.tag_with_fan},
            "clientmsgid": "send-1",
        },
        gives={"msg_id": NUMBER},
    ),
    "mass.SEND_TO_LIST": lambda w: call(
        {"msgtype": "image", "images": {"media_ids": [w.picture]}, "touser": w.fans}, gives={"msg_id": NUMBER}
    ),
    "mass.PREVIEW": lambda w: call(
        {"msgtype": "mpnews", "mpnews": {"media_id": w.draft}, "touser": w.fan}, gives={}
    ),
    "mass.DELETE": lambda w: call({"msg_id": w.mass_article}, gives={}),
    "mass.STATE": lambda w: call({"msg_id": w.mass}, gives={"msg_id": w.mass, "msg_status": "SEND_SUCCESS"}),
    "mass.SPEED": lambda w: call({}, gives={"speed": int, "realspeed": int}),
    "mass.SET_SPEED": lambda w: call(
        {"speed": 2},
        gives={},
        then=lambda: (w.platform.get("/cgi-bin/message/mass/speed/get"), {"speed": 2}),
    ),
}

NOTICES: dict[str, Build | OutOfScope] = {
    "notice_templates.CATEGORIES": lambda w: call({}, gives={"data": lambda rows: len(rows) > 0}),
    "notice_templates.TITLES": lambda w: call(
        {"ids": [w.category], "start": 0, "limit": 1},
        gives={"count": NUMBER, "data": [{"tid": NUMBER, "title": TEXT}]},
    ),
    "notice_templates.KEYWORDS": lambda w: call(
        {"tid": w.title}, gives={"count": NUMBER, "data": lambda rows: all(row["kid"] for row in rows)}
    ),
    "notice_templates.ADD": lambda w: call(
        {"tid": str(w.title), "kidList": w.keywords, "sceneDesc": "到货"},
        gives={"priTmplId": lambda made: made in w.notices()},
    ),
    "notice_templates.LIST": lambda w: call({}, gives={"data": [{"priTmplId": w.shop_notice}]}),
    "notice_templates.DELETE": lambda w: call(
        {"priTmplId": w.shop_notice}, gives={}, then=lambda: (w.notices(), [])
    ),
}
