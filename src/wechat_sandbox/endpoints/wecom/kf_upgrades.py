"""Passing customers of 微信客服 on to members and groups, statistics, qualification.

Source: official pages 「升级服务」配置, 「数据统计」接口 (D 94674, 95489, 95490).
"""

from wechat_sandbox.endpoints.wecom.days import read_span
from wechat_sandbox.endpoints.wecom.kf_accounts import account_of, book_of
from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right
from wechat_sandbox.state.wecom.customers import Customers
from wechat_sandbox.state.wecom.kf_statistics import corp_days, servicer_days
from wechat_sandbox.state.wecom.kf_upgrades import MEMBER, Upgrade, Upgrades
from wechat_sandbox.state.wecom.settings import CorpSettings
from wechat_sandbox.wire.errors import PlatformError

SPAN_DAYS = 31


@WECOM.get("/kf/customer/get_upgrade_service_config", right=Right.KF)
def get_config(call: CorpCall) -> Answer:
    settings = CorpSettings.of(call.world, call.corp)
    members = {
        "userid_list": list(settings.upgrade_members),
        "department_id_list": list(settings.upgrade_departments),
    }
    return {"member_range": members, "groupchat_range": {"chat_id_list": list(settings.upgrade_groups)}}


@WECOM.post("/kf/customer/upgrade_service", right=Right.KF)
def upgrade(call: CorpCall) -> Answer:
    """Show a customer the card of a member or a group.

    Raises:
        PlatformError: 95021 nothing is set for it, 95015 a member or a group that is not in the range.
    """
    account, settings = account_of(call), CorpSettings.of(call.world, call.corp)
    customer = Customers(call.world, call.corp).get_external(call.text("external_userid", missing=41035))
    kind = call.number("type", low=1, high=2)
    if kind == MEMBER:
        inside = call.object("member")
        target = str(inside.get("userid", ""))
        allowed = call.directory.expand(settings.upgrade_members, settings.upgrade_departments)
    else:
        inside = call.object("groupchat")
        target, allowed = str(inside.get("chat_id", "")), set(settings.upgrade_groups)
    if not allowed:
        raise PlatformError(95021)
    if target not in allowed:
        raise PlatformError(95015)
    wording = str(inside.get("wording", ""))
    offer = Upgrade(kind=kind, target=target, wording=wording, at=call.at)
    Upgrades(call.world, call.corp).offer(account.open_kfid, customer.external_userid, offer)
    return {}


@WECOM.post("/kf/customer/cancel_upgrade_service", right=Right.KF)
def cancel_upgrade(call: CorpCall) -> Answer:
    account = account_of(call)
    customer = Customers(call.world, call.corp).get_external(call.text("external_userid", missing=41035))
    Upgrades(call.world, call.corp).withdraw(account.open_kfid, customer.external_userid)
    return {}


@WECOM.post("/kf/get_corp_statistic", right=Right.KF)
def get_corp_statistic(call: CorpCall) -> Answer:
    """Return each day's figures of an account, of all of them without one."""
    open_kfid = call.text("open_kfid")
    if open_kfid:
        account_of(call)
    days = read_span(call, "start_time", "end_time", days_max=SPAN_DAYS)
    figures = corp_days(call.world, call.corp, book_of(call), open_kfid, days)
    return {"statistic_list": [{"stat_time": int(day), "statistic": row} for day, row in figures]}


@WECOM.post("/kf/get_servicer_statistic", right=Right.KF)
def get_servicer_statistic(call: CorpCall) -> Answer:
    open_kfid, userid = call.text("open_kfid"), call.text("servicer_userid")
    if open_kfid:
        account_of(call)
    days = read_span(call, "start_time", "end_time", days_max=SPAN_DAYS)
    figures = servicer_days(call.world, call.corp, book_of(call), open_kfid, userid, days)
    return {"statistic_list": [{"stat_time": int(day), "statistic": row} for day, row in figures]}


@WECOM.get("/kf/get_corp_qualification", right=Right.KF)
def get_qualification(call: CorpCall) -> Answer:
    return {"wechat_channels_binding": CorpSettings.of(call.world, call.corp).channels_bound}
