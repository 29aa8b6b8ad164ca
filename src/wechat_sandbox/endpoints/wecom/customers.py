"""Customers: who has whom, details, batches, remarks.

Source: official pages 92571, 92113, 92114, 92994, 92115, 99434. The paths of old below ``/crm`` answer too.
"""

from typing import Any

from wechat_sandbox.endpoints.wecom.customer_bodies import external_body, follow_info_body, follow_user_body
from wechat_sandbox.endpoints.wecom.paging import read_cursor, take_page, write_cursor
from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right
from wechat_sandbox.state.wecom.customers import WECHAT_USER, Customers, Link
from wechat_sandbox.state.wecom.directory import Member, Status
from wechat_sandbox.state.wecom.media import CorpMedia
from wechat_sandbox.state.wecom.served import Served, all_served
from wechat_sandbox.wire.errors import PlatformError

FOLLOWERS_PAGE = 500
_REMARKS = {"remark": 20, "description": 150, "remark_company": 20}


@WECOM.get("/externalcontact/get_follow_user_list", right=Right.CUSTOMERS)
def list_followers(call: CorpCall) -> Answer:
    """Return the members with the feature, in the app's scope."""
    return {"follow_user": _followers(call)}


@WECOM.get("/crm/get_external_contact_list", right=Right.CUSTOMERS)
@WECOM.get("/externalcontact/list", right=Right.CUSTOMERS)
def list_customers(call: CorpCall) -> Answer:
    """Return the customers of a member; none is an error (84061) that carries an empty list."""
    member = follower(call, call.query.get("userid", ""))
    links = _customers(call).links_of(member.userid)
    if not links:
        raise PlatformError(84061, extra={"external_userid": []})
    return {"external_userid": [link.external_userid for link in links]}


@WECOM.get("/externalcontact/get", right=Right.CUSTOMERS)
def read(call: CorpCall) -> Answer:
    """Return a customer with everyone who has them, five hundred at a time."""
    return _detail(call, "follow_user")


@WECOM.get("/crm/get_external_contact", right=Right.CUSTOMERS)
def read_of_old(call: CorpCall) -> Answer:
    return _detail(call, "follow_user")


@WECOM.get("/crm/get_customer_contacts", right=Right.CUSTOMERS)
def list_followers_of_old(call: CorpCall) -> Answer:
    return {"customer_contacts": _followers(call)}


@WECOM.post("/externalcontact/batch/get_by_user", right=Right.CUSTOMERS)
def read_batch(call: CorpCall) -> Answer:
    """Return the customers of up to a hundred members, page by page."""
    userids = call.texts("userid_list", most=100, missing=40058)
    members = [follower(call, userid) for userid in userids]
    licensed = [member for member in members if member.licensed]
    if not licensed:
        raise PlatformError(701008)
    customers = _customers(call)
    links = [link for member in licensed for link in customers.links_of(member.userid)]
    page, cursor = take_page(call, links, default=50, most=100)
    answer: dict[str, object] = {
        "external_contact_list": [
            {
                "external_contact": external_body(customers, customers.get_external(link.external_userid)),
                "follow_info": follow_info_body(link),
            }
            for link in page
        ],
        "next_cursor": cursor,
    }
    if unlicensed := [member.userid for member in members if not member.licensed]:
        answer["fail_info"] = {"unlicensed_userid_list": unlicensed}
    return answer


@WECOM.post("/externalcontact/remark", right=Right.CUSTOMERS)
def change_remark(call: CorpCall) -> Answer:
    """Change what a member has written about a customer; fields that are not given stay."""
    link = link_of_call(call)
    fields = {name: call.text(name, most=most) for name, most in _REMARKS.items() if name in call.body}
    mobiles = call.texts("remark_mobiles", most=10) if "remark_mobiles" in call.body else None
    picture = call.text("remark_pic_mediaid")
    if not fields and mobiles is None and not picture:
        raise PlatformError(40058, "nothing to change")
    if picture:
        CorpMedia(call.world, call.corp).get(picture, call.at, "image")
        link.remark_pic_mediaid = picture
    link.remark = fields.get("remark", link.remark)
    link.description = fields.get("description", link.description)
    is_wechat = _customers(call).get_external(link.external_userid).type == WECHAT_USER
    if is_wechat:  # Users of 企业微信 come with a company of their own.
        link.remark_corp_name = fields.get("remark_company", link.remark_corp_name)
    if mobiles is not None:
        link.remark_mobiles = [one for one in mobiles if one]  # A single empty text clears.
    _customers(call).save(link)
    return {}


@WECOM.post("/externalcontact/contact_list", right=Right.CUSTOMERS)
def list_served(call: CorpCall) -> Answer:
    """Return everyone the staff has served, customers and others, page by page."""
    directory = call.directory
    found = [
        one
        for one in all_served(call.world, call.corp)
        if (member := directory.find(one.userid)) and directory.sees(call.agent, member)
    ]
    page, cursor = take_page(call, found, default=1000, most=1000)
    return {"info_list": [_served(_customers(call), one) for one in page], "next_cursor": cursor}


def follower(call: CorpCall, userid: str) -> Member:
    """Return a member who may have customers (84084 who may not)."""
    member = call.member(userid)
    if not member.follows_customers:
        raise PlatformError(84084)
    return member


def link_of_call(call: CorpCall) -> Link:
    """Return the relation a body names with ``userid`` and ``external_userid``."""
    member = follower(call, call.text("userid"))
    return _customers(call).get_link(member.userid, call.text("external_userid", missing=41035))


def _followers(call: CorpCall) -> list[str]:
    directory = call.directory
    able = (one for one in directory.members() if one.follows_customers and one.status == Status.ACTIVE)
    return [one.userid for one in able if directory.sees(call.agent, one)]


def _customers(call: CorpCall) -> Customers:
    return Customers(call.world, call.corp)


def _detail(call: CorpCall, name: str) -> Answer:
    customers, directory = _customers(call), call.directory
    external_userid = call.query.get("external_userid", "")
    if not external_userid:
        raise PlatformError(41035)
    external = customers.get_external(external_userid)
    links = [link for link in customers.links_to(external_userid) if directory.find(link.userid)]
    if not links:
        raise PlatformError(84061)
    seen = [
        link
        for link in links
        if (member := directory.find(link.userid)) and directory.sees(call.agent, member)
    ]
    if not seen:
        raise PlatformError(60011)
    start = read_cursor(call.query.get("cursor", ""))
    end = start + FOLLOWERS_PAGE
    answer: dict[str, object] = {
        "external_contact": external_body(customers, external),
        name: [follow_user_body(call, link) for link in seen[start:end]],
    }
    return answer | ({"next_cursor": write_cursor(end)} if end < len(seen) else {})


def _served(customers: Customers, one: Served) -> dict[str, Any]:
    """Write somebody: the name of a customer is masked, of anybody else only the temporary id is told."""
    row: dict[str, Any] = {
        "is_customer": one.is_customer,
        "tmp_openid": one.tmp_openid,
        "add_time": one.add_time,
    }
    if one.chat_id:
        return row | {"chat_id": one.chat_id, "chat_name": one.chat_name}
    row |= {"follow_userid": one.userid}
    if not one.is_customer:
        return row
    name = customers.get_external(one.external_userid).name
    return row | {"external_userid": one.external_userid, "name": f"{name[:1]}**"}
