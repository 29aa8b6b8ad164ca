"""Customer-acquisition links (获客助手). Source: official pages 97297, 97298, 97375, 98003, 100130."""

from typing import Any

from wechat_sandbox.clock import china_midnight
from wechat_sandbox.endpoints.wecom.contact_ways import follower_of_way
from wechat_sandbox.endpoints.wecom.paging import take_page
from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right
from wechat_sandbox.state.wecom.acquisition import Acquisition, AcquisitionLink
from wechat_sandbox.state.wecom.customers import Customers, made_id
from wechat_sandbox.wire.errors import PlatformError

ROOT = "/externalcontact/customer_acquisition"
RANGE_MAX = 500
PRIORITY_MAX = 1000
LINKS_MAX = 100_000
DAY_S = 86_400


@WECOM.post(f"{ROOT}/list_link", right=Right.CUSTOMERS)
def list_links(call: CorpCall) -> Answer:
    links = Acquisition(call.world, call.corp).all()
    page, cursor = take_page(call, links, default=100, most=100)
    return {"link_id_list": [link.link_id for link in page], "next_cursor": cursor}


@WECOM.post(f"{ROOT}/get", right=Right.CUSTOMERS)
def read(call: CorpCall) -> Answer:
    link = _get(call)
    answer: dict[str, object] = {
        "link": {
            "link_id": link.link_id,
            "link_name": link.link_name,
            "url": link.url,
            "create_time": link.create_time,
            "skip_verify": link.skip_verify,
            "mark_source": link.mark_source,
        },
        "range": {"user_list": link.user_list, "department_list": link.department_list},
    }
    if link.priority_type:
        answer["priority_option"] = {
            "priority_type": link.priority_type,
            "priority_userid_list": link.priority_userid_list,
        }
    return answer


@WECOM.post(f"{ROOT}/create_link", right=Right.CUSTOMERS)
def create(call: CorpCall) -> Answer:
    acquisition = Acquisition(call.world, call.corp)
    if len(acquisition.all()) >= LINKS_MAX:
        raise PlatformError(41095)
    link = AcquisitionLink(
        link_id=made_id("cawcde", call.corp.corpid, call.world.new_id(call.at)),
        link_name=call.text("link_name", missing=40058, most=30),
        create_time=int(call.at),
    )
    if not call.object("range"):
        raise PlatformError(40058, "missing range")
    _apply(call, link)
    acquisition.save(link)
    return {
        "link": {
            "link_id": link.link_id,
            "link_name": link.link_name,
            "url": link.url,
            "create_time": link.create_time,
        }
    }


@WECOM.post(f"{ROOT}/update_link", right=Right.CUSTOMERS)
def update(call: CorpCall) -> Answer:
    link = _get(call)
    link.link_name = call.text("link_name", most=30) or link.link_name
    _apply(call, link)
    link.unavailable = False
    Acquisition(call.world, call.corp).save(link)
    return {}


@WECOM.post(f"{ROOT}/delete_link", right=Right.CUSTOMERS)
def delete(call: CorpCall) -> Answer:
    Acquisition(call.world, call.corp).drop(_get(call))
    return {}


@WECOM.post(f"{ROOT}/customer", right=Right.CUSTOMERS)
def list_customers(call: CorpCall) -> Answer:
    """Return who came by a link, and whether they have written."""
    relations = Acquisition(call.world, call.corp).customers_of(_get(call).link_id)
    page, cursor = take_page(call, relations, default=1000, most=1000)
    rows = [
        {
            "external_userid": one.external_userid,
            "userid": one.userid,
            "chat_status": 1 if one.heard else 0,
            "state": one.state,
        }
        for one in page
    ]
    return {"customer_list": rows, "next_cursor": cursor}


@WECOM.both("/externalcontact/customer_acquisition_quota", right=Right.CUSTOMERS)
def read_quota(call: CorpCall) -> Answer:
    quota = Acquisition(call.world, call.corp).quota(call.at)
    rows = [{"expire_date": one.expire_date, "balance": one.balance} for one in quota.batches]
    return {"total": quota.total, "balance": quota.balance, "quota_list": rows}


@WECOM.both(f"{ROOT}/statistic", right=Right.CUSTOMERS)
def read_statistic(call: CorpCall) -> Answer:
    """Return the figures of up to thirty days, within the last 180."""
    if not call.body:
        call.body = dict(call.query)  # Some programs ask by GET.
    link = _get(call)
    since, until = (china_midnight(call.number(name)) for name in ("start_time", "end_time"))
    if until < since or until - since > 30 * DAY_S or since < china_midnight(call.at) - 180 * DAY_S:
        raise PlatformError(40058, "start_time and end_time")
    return Acquisition(call.world, call.corp).statistic(link, since, until + DAY_S)


@WECOM.post(f"{ROOT}/get_chat_info", right=Right.CUSTOMERS)
def read_chat(call: CorpCall) -> Answer:
    """Return whose chat a key of the last half hour is about."""
    chat = Acquisition(call.world, call.corp).find_chat(call.text("chat_key", missing=40058), call.at)
    if chat is None:
        raise PlatformError(40058, "chat_key")
    link = Customers(call.world, call.corp).get_link(chat.userid, chat.external_userid)
    return {
        "userid": chat.userid,
        "external_userid": chat.external_userid,
        "chat_info": {"recv_msg_cnt": link.heard, "link_id": link.link, "state": link.state},
    }


def _get(call: CorpCall) -> AcquisitionLink:
    link = Acquisition(call.world, call.corp).find(call.text("link_id", missing=40058))
    if link is None:
        raise PlatformError(40058, "link_id")
    return link


def _apply(call: CorpCall, link: AcquisitionLink) -> None:
    """Put what the body says into a link."""
    link.skip_verify = call.flag("skip_verify", link.skip_verify)
    link.mark_source = call.flag("mark_source", link.mark_source)
    if "range" in call.body:
        link.user_list, link.department_list = _range(call)
    option: dict[str, Any] = call.object("priority_option")
    if option:
        kind, listed = option.get("priority_type"), option.get("priority_userid_list", [])
        if kind not in (1, 2) or not isinstance(listed, list) or len(listed) > PRIORITY_MAX:
            raise PlatformError(40058, "priority_option")
        if kind == 2 and not listed:
            raise PlatformError(40058, "priority_userid_list")
        link.priority_type = int(kind)
        link.priority_userid_list = [call.member(str(userid)).userid for userid in listed]


def _range(call: CorpCall) -> tuple[list[str], list[int]]:
    given = call.object("range")
    users, departments = given.get("user_list") or [], given.get("department_list") or []
    if not isinstance(users, list) or not isinstance(departments, list):
        raise PlatformError(40058, "range")
    if not users and not departments:
        raise PlatformError(40058, "range")
    if len(users) + len(departments) > RANGE_MAX:
        raise PlatformError(41201)
    if any(call.directory.find_department(int(number)) is None for number in departments):
        raise PlatformError(60003)
    members = [follower_of_way(call, str(userid)).userid for userid in users]
    return members, [int(number) for number in departments]
