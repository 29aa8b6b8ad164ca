"""Pictures and pages for people: a member's portrait, codes to add by, acquisition links.

Who looks says ``person`` of the query or the cookie ``wechat_sandbox_person``.
"""

from html import escape

from wechat_sandbox.endpoints.browser import page, person_of_call
from wechat_sandbox.endpoints.registry import NOT_FOUND, Reply
from wechat_sandbox.endpoints.wecom.registry import WECOM, CorpCall
from wechat_sandbox.state.wecom.acquisition import Acquisition, AcquisitionLink
from wechat_sandbox.state.wecom.contact_ways import ContactWay, ContactWays
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.customers import Customers
from wechat_sandbox.state.wecom.link_visits import LinkVisits
from wechat_sandbox.wire.errors import PlatformError
from wechat_sandbox.wire.pictures import qr_jpeg
from wechat_sandbox.wire.samples import picture


@WECOM.page("/wwpic/*")
def show_code(call: CorpCall) -> Reply:
    """The picture of a contact way, which any scanner reads."""
    found = _find_way(call)
    if found is None:
        return NOT_FOUND
    corp, way = found
    return Reply(body=qr_jpeg(ContactWays(call.world, corp).inner_url(way)), content_type="image/jpeg")


@WECOM.page("/wwhead/*")
def show_portrait(call: CorpCall) -> Reply:
    """A member's portrait: a colour of their own."""
    userid = call.path.split("/")[2]
    return Reply(body=picture(sum(userid.encode())), content_type="image/jpeg")


@WECOM.page("/wwqrcode/*")
def show_join_code(call: CorpCall) -> Reply:
    """The code new members join by."""
    return Reply(body=qr_jpeg(f"{call.world.public_url}{call.path}"), content_type="image/jpeg")


@WECOM.page("/wwadd/*")
def add_by_code(call: CorpCall) -> Reply:
    """What a scanned code opens: whom one is about to add, and a link that does it (``confirm=1``)."""
    found = _find_way(call)
    person = person_of_call(call)
    if found is None:
        return page("二维码已失效", status=404)
    corp, way = found
    if person is None or call.query.get("confirm") != "1":
        return _offer(call, f"添加 {corp.name} 的成员为联系人", person)
    external = Customers(call.world, corp).external_of(person)
    try:
        scanned = ContactWays(call.world, corp).scan(way, external, call.at)
    except PlatformError as error:
        return page(f"无法添加: {error.detail or error.code}", status=403)
    return page("已添加" if scanned.link else "已发送申请, 等待对方通过")


@WECOM.page("/ca/*")
def open_acquisition_link(call: CorpCall) -> Reply:
    """What an acquisition link opens; ``customer_channel`` is kept as the state."""
    found = _find_link(call)
    person = person_of_call(call)
    if found is None:
        return page("链接已失效", status=404)
    corp, link = found
    if person is None or call.query.get("confirm") != "1":
        return _offer(call, f"{corp.name} 邀请你添加企业微信", person)
    external = Customers(call.world, corp).external_of(person)
    state = call.query.get("customer_channel", "")[:64]
    try:
        LinkVisits(call.world, corp).visit(link, external, state, call.at)
    except PlatformError as error:
        return page(f"无法添加: {error.detail or error.code}", status=403)
    return page("已添加")


def _offer(call: CorpCall, what: str, person: int | None) -> Reply:
    channel = call.query.get("customer_channel", "")
    query = f"?confirm=1&person={person if person is not None else 0}"
    query += f"&customer_channel={escape(channel)}" if channel else ""
    return page(f'{escape(what)} <a href="{escape(call.path)}{escape(query)}">添加</a>', is_html=True)


def _find_way(call: CorpCall) -> tuple[Corp, ContactWay] | None:
    for corp in call.world.corps:
        way = ContactWays(call.world, corp).find_by_mark(call.path)
        if way is not None:
            return corp, way
    return None


def _find_link(call: CorpCall) -> tuple[Corp, AcquisitionLink] | None:
    link_id = call.path.rpartition("/")[2]
    for corp in call.world.corps:
        link = Acquisition(call.world, corp).find(link_id)
        if link is not None:
            return corp, link
    return None
