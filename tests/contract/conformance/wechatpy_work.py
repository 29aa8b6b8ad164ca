"""wechatpy 2's calls of customer contact and customer service of 企业微信."""

from collections.abc import Callable
from typing import Any

from contract.conformance.cases import Case, OutOfScope, call
from contract.conformance.matching import OK, TEXT
from contract.conformance.worlds.company import COLLEAGUE, OWNER, Company

Build = Callable[[Company], Case]
Table = dict[str, Build | OutOfScope]
WORDS = {"text": {"content": "周末试饮"}}
ARTICLE = {"title": "t", "desc": "d", "url": "https://x.example", "thumb_media_id": "m"}
WAY = {"type": 2, "scene": 2, "state": "poster", "user": [OWNER]}


def _way(c: Company) -> str:
    return str(c.api("/externalcontact/add_contact_way", WAY)["config_id"])


def _tags(c: Company) -> tuple[str, str]:
    """Return a group of tags and its one tag."""
    body = {"group_name": "等级", "tag": [{"name": "常客"}]}
    group = c.api("/externalcontact/add_corp_tag", body)["tag_group"]
    return group["group_id"], group["tag"][0]["id"]


def _template(c: Company) -> str:
    return str(c.api("/externalcontact/group_welcome_template/add", WORDS)["template_id"])


def _message(c: Company) -> str:
    body = WORDS | {"external_userid": [c.customer()]}
    return str(c.api("/externalcontact/add_msg_template", body)["msgid"])


def _edit_tag(c: Company) -> Case:
    group, tag = _tags(c)
    told = lambda: c.api("/externalcontact/get_corp_tag_list", {})["tag_group"][0]["tag"][0]["name"]  # noqa: E731
    return call(tag, name="熟客", gives=OK, then=lambda: (told(), "熟客"), given=group)


def _mark(c: Company) -> Case:
    customer, (_, tag) = c.customer(), _tags(c)
    worn = lambda: c.control("GET", "/customers/1")["followers"][0]["tag_ids"]  # noqa: E731
    return call(OWNER, customer, add_tag=[tag], gives=OK, then=lambda: (worn(), [tag]))


def _mass(c: Company) -> Case:
    body = WORDS | {"external_userid": [c.customer(), "wmnobody"]}
    return call(body, gives=OK | {"fail_list": ["wmnobody"], "msgid": TEXT})


def _day(c: Company) -> Case:
    figures = {"chat_cnt": 0, "new_contact_cnt": 1}
    given = c.customer()
    return call([OWNER], c.now, c.now, gives={"behavior_data": [figures]}, given=given)


def _group(c: Company) -> Case:
    chat_id = c.group()
    return call(chat_id, gives={"group_chat": {"chat_id": chat_id, "owner": OWNER, "name": "一店"}})


CUSTOMERS: Table = {
    "external_contact.get_follow_user_list": lambda c: call(gives=OK | {"follow_user": list}),
    "external_contact.list": lambda c: call(OWNER, given=(w := c.customer()), gives={"external_userid": [w]}),
    "external_contact.get": lambda c: call(
        w := c.customer(),
        gives={"external_contact": {"external_userid": w}, "follow_user": [{"userid": OWNER}]},
    ),
    # It sends ``userid``; the platform reads ``userid_list`` since 2020.
    "external_contact.batch_get_by_user": lambda c: call(OWNER, given=c.customer(), refused=40058),
    "external_contact.gen_all_by_user": lambda c: call(OWNER, given=c.customer(), refused=40058),
    "external_contact.add_contact_way": lambda c: call(
        2, 2, state="poster", user=[OWNER], gives=OK | {"config_id": TEXT, "qr_code": TEXT}
    ),
    "external_contact.get_contact_way": lambda c: call(_way(c), gives={"contact_way": WAY}),
    "external_contact.update_contact_way": lambda c: call(_way(c), "改", user=[COLLEAGUE], gives=OK),
    "external_contact.del_contact_way": lambda c: call(_way(c), gives=OK),
    "external_contact.add_corp_tag": lambda c: call(
        None,
        "等级",
        1,
        [{"name": "常客"}],
        gives={"tag_group": {"group_id": TEXT, "tag": [{"name": "常客"}]}},
    ),
    "external_contact.get_corp_tag_list": lambda c: call(
        given=(tags := _tags(c)), gives={"tag_group": [{"group_id": tags[0], "tag": [{"id": tags[1]}]}]}
    ),
    "external_contact.edit_corp_tag": _edit_tag,
    "external_contact.del_corp_tag": lambda c: call([_tags(c)[1]], gives=OK),
    "external_contact.mark_tag": _mark,
    "external_contact.add_msg_template": _mass,
    # Right after a message was made its tasks are still on their way.
    "external_contact.get_group_msg_result": lambda c: call(_message(c), refused=41063),
    "external_contact.send_welcome_msg": lambda c: call(WORDS | {"welcome_code": "none"}, refused=41050),
    "external_contact.add_group_welcome_template": lambda c: call(WORDS, gives=OK | {"template_id": TEXT}),
    "external_contact.get_group_welcome_template": lambda c: call(_template(c), gives=OK | WORDS),
    "external_contact.update_group_welcome_template": lambda c: call(
        {"text": {"content": "新"}}, _template(c), gives=OK
    ),
    "external_contact.del_group_welcome_template": lambda c: call(_template(c), gives=OK),
    "external_contact.get_group_chat_list": lambda c: call(
        10, given=(g := c.group()), gives={"group_chat_list": [{"chat_id": g, "status": 0}]}
    ),
    "external_contact.get_group_chat_info": _group,
    "external_contact.get_unassigned_list": lambda c: call(gives=OK | {"info": [], "is_last": True}),
    "external_contact.transfer": lambda c: call(c.left_behind(), OWNER, COLLEAGUE, gives=OK),
    "external_contact.get_user_behavior_data": _day,
    "external_contact_group_chat.list": lambda c: call(
        given=(g := c.group()), owner_userid_list=[OWNER], gives={"group_chat_list": [{"chat_id": g}]}
    ),
    "external_contact_group_chat.list_all": lambda c: call(
        given=(g := [c.group("一"), c.group("二")]), limit=1, gives=[{"chat_id": one} for one in g]
    ),
    "external_contact_group_chat.get": _group,
    "external_contact_group_chat.statistic": lambda c: call(
        c.now, given=c.group(), owner_userid_list=[OWNER], gives={"items": [{"data": {"chat_total": 1}}]}
    ),
}


def _sent(name: str, kind: str, wanted: Any, *arguments: Any, file: str = "") -> Table:
    """A message to a customer: accepted, and in the chat as it was written."""

    def build(c: Company) -> Case:
        kf, who = c.chat()
        media = [c.media(file, kind)] if file else []
        body = {"media_id": media[0]} if media else wanted
        then = lambda: (c.said(kf), [kind, body])  # noqa: E731
        return call(who, kf, *media, *arguments, gives=OK | {"msgid": TEXT}, then=then, account="kf")

    return {f"kf_message.{name}": build}


def _unsent(name: str, code: int, *arguments: Any) -> Table:
    """A message the SDK writes in a way the platform does not take."""

    def build(c: Company) -> Case:
        kf, who = c.chat()
        return call(who, kf, *arguments, refused=code, account="kf")

    return {f"kf_message.{name}": build}


def _kf(*arguments: Callable[[Company, str, str], Any], **wanted: Any) -> Build:
    """A call about an account and a customer of it."""

    def build(c: Company) -> Case:
        kf, who = c.chat()
        made = [argument(c, kf, who) for argument in arguments]
        gives = wanted["gives"](kf, who) if callable(wanted.get("gives")) else wanted.get("gives")
        return call(*made, gives=gives, refused=wanted.get("refused"), account="kf")

    return build


def _const(value: Any) -> Callable[[Company, str, str], Any]:
    return lambda c, kf, who: value


def _account(c: Company, kf: str, who: str) -> str:
    return kf


def _customer(c: Company, kf: str, who: str) -> str:
    return who


def _welcome(c: Company, kf: str, who: str) -> str:
    """Return the code of a customer who comes in for the first time."""
    return str(c.control("POST", f"/kf/{kf}/chats/2/enter", {"scene": "s"})["done"])


def _offer(c: Company, kf: str, who: str) -> int:
    c.control("PUT", "/settings", {"upgrade_members": [OWNER]})
    return 1


SERVICE: Table = {
    "kf.get_account_list": _kf(gives=lambda kf, who: {"account_list": [{"open_kfid": kf, "name": "售前"}]}),
    "kf.add_contact_way": _kf(_account, _const("poster"), gives=OK | {"url": TEXT}),
    "kf.add_servicer": _kf(
        _account,
        _const([OWNER]),
        gives={"result_list": [{"userid": OWNER, "errcode": 0, "errmsg": "success"}]},
    ),
    "kf.del_servicer": _kf(_account, _const([OWNER]), gives={"result_list": [{"errcode": 95014}]}),
    "kf.get_servicer_list": _kf(_account, gives=OK | {"servicer_list": []}),
    "kf.get_service_state": _kf(_account, _customer, gives=OK | {"service_state": 0}),
    "kf.trans_service_state": _kf(_account, _customer, _const(2), gives=OK | {"msg_code": TEXT}),
    # It names no account, which the platform wants by now.
    "kf.sync_msg": _kf(_const("token"), refused=40058),
    "kf.send_msg_on_event": _kf(_welcome, _const("text"), _const(WORDS), gives=OK | {"msgid": TEXT}),
    "kf.batchget_customer": _kf(
        _customer, gives=lambda kf, who: {"customer_list": [{"external_userid": who, "nickname": TEXT}]}
    ),
    "kf.get_upgrade_service_config": _kf(gives=OK | {"member_range": dict, "groupchat_range": dict}),
    "kf.upgrade_service": _kf(_account, _customer, _offer, _const({"userid": OWNER}), gives=OK),
    "kf.cancel_upgrade_service": _kf(_account, _customer, gives=OK),
    **_sent("send", "text", {"content": "您好"}, "own1", {"msgtype": "text", "text": {"content": "您好"}}),
    **_sent("send_text", "text", {"content": "您好"}, "您好"),
    **_sent("send_image", "image", None, file="photo.png"),
    **_sent("send_voice", "voice", None, file="voice.amr"),
    **_sent("send_video", "video", None, file="film.mp4"),
    **_sent("send_file", "file", None, file="photo.jpg"),
    **_sent(
        "send_msgmenu",
        "msgmenu",
        {"head_content": "满意吗", "list": [{"type": "click", "click": {"id": "1", "content": "是"}}]},
        "满意吗",
        [{"type": "click", "click": {"id": "1", "content": "是"}}],
        "谢谢",
    ),
    # These three write their content under the name of another kind.
    **_unsent(
        "send_articles_link", 40008, {"title": "t", "desc": "d", "url": "https://x", "thumb_media_id": "m"}
    ),
    **_unsent("send_location", 40058, "店", "路", 30.2, 120.1),
    **_unsent("send_miniprogram", 40058, "wx1", "t", "m", "p"),
}
TABLE: Table = CUSTOMERS | SERVICE
