"""Ids of customers for others: openids, unionids, providers, temporary and encrypted ones.

Source: official pages 93274, 95884, 95900, 97063, 97108.
"""

from collections.abc import Callable
from typing import Any

from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right
from wechat_sandbox.state.wecom.customers import Customers, External, made_id
from wechat_sandbox.state.wecom.group_chats import GroupChats
from wechat_sandbox.state.wecom.served import all_served
from wechat_sandbox.wire.errors import PlatformError

HOUR_S, DAY_S, MONTH_S = 3600, 86_400, 30 * 86_400
UNIONID_LIMITS = ((HOUR_S, 100_000), (DAY_S, 480_000), (MONTH_S, 7_500_000))
_SERVICE = "service"


@WECOM.post("/externalcontact/convert_to_openid", right=Right.CUSTOMERS)
def to_openid(call: CorpCall) -> Answer:
    """Return the openid to pay a customer with (41056 a user of 企业微信)."""
    customers = Customers(call.world, call.corp)
    external = customers.get_external(call.text("external_userid", missing=41035))
    return {"openid": customers.openid_of(external)}


@WECOM.post("/externalcontact/unionid_to_external_userid", right=Right.CUSTOMERS)
def from_unionid(call: CorpCall) -> Answer:
    """Return the customer behind a unionid (84061 none, 41057 the company is bound to nothing)."""
    external = _by_unionid(call)
    if external is None:
        raise PlatformError(84061)
    return {"external_userid": external.external_userid}


@WECOM.post("/idconvert/unionid_to_external_userid", right=Right.CUSTOMERS)
def from_unionid_or_pending(call: CorpCall) -> Answer:
    """Return the customer behind a unionid, or an id that stands for somebody who is none yet."""
    for seconds, limit in UNIONID_LIMITS:
        key = f"unionid:{seconds}:{call.corp.corpid}"
        call.desk.paces.count(key, at=call.at, seconds=seconds, limit=limit, code=45009)
    call.number("subject_type", 0, high=1)
    external = _by_unionid(call)
    if external is not None:
        return {"external_userid": external.external_userid}
    return {"pending_id": _pending_id(call, call.text("unionid"))}


@WECOM.post("/idconvert/batch/external_userid_to_pending_id", right=Right.CUSTOMERS)
def to_pending(call: CorpCall) -> Answer:
    """Return the ids under which customers were waited for before."""
    customers = Customers(call.world, call.corp)
    rows = []
    for one in call.texts("external_userid", most=100, missing=41035):
        external = customers.find_external(one)
        unionid = customers.unionid_of(external) if external else ""
        if unionid:
            rows.append({"external_userid": one, "pending_id": _pending_id(call, unionid)})
    return {"result": rows}


@WECOM.post("/externalcontact/to_service_external_userid", right=Right.CUSTOMERS)
def to_service(call: CorpCall) -> Answer:
    customers = Customers(call.world, call.corp)
    external = customers.get_external(call.text("external_userid", missing=41035))
    return {"external_userid": _service_id(call, external.external_userid)}


@WECOM.post("/externalcontact/from_service_external_userid", right=Right.CUSTOMERS)
def from_service(call: CorpCall) -> Answer:
    if call.corp.find_agent(call.number("source_agentid", missing=41011)) is None:
        raise PlatformError(40056)
    wanted = call.text("external_userid", missing=41035)
    for external in Customers(call.world, call.corp).externals():
        if _service_id(call, external.external_userid) == wanted:
            return {"external_userid": external.external_userid}
    raise PlatformError(40096)


@WECOM.post("/idconvert/convert_tmp_external_userid", right=Right.CUSTOMERS)
def from_temporary(call: CorpCall) -> Answer:
    """Return who stands behind the temporary ids of ``contact_list``."""
    call.number("business_type", low=1, high=3)
    call.number("user_type", low=1, high=4)
    known = {one.tmp_openid: one for one in all_served(call.world, call.corp)}
    wanted = call.texts("tmp_external_userid_list", most=100, missing=40058)
    rows = [
        {
            "tmp_external_userid": one,
            "external_userid": known[one].external_userid,
            "corpid": call.corp.corpid,
            "userid": known[one].userid,
        }
        for one in wanted
        if one in known
    ]
    return {"results": rows, "invalid_tmp_external_userid_list": [one for one in wanted if one not in known]}


def _encrypted(path: str, name: str, opened: str) -> None:
    """Declare an endpoint that gives ids another spelling for apps of providers."""

    @WECOM.post(path, right=Right.CUSTOMERS)
    def convert(call: CorpCall) -> Answer:
        wanted = call.texts(f"{name}_list", most=1000, missing=40058)
        rows = [{name: one, opened: made_id("op", name, call.corp.corpid, one)} for one in wanted]
        return {"items": rows, f"invalid_{name}_list": []}


_encrypted("/idconvert/external_tagid", "external_tagid", "open_external_tagid")
_encrypted("/idconvert/open_kfid", "open_kfid", "new_open_kfid")
_encrypted("/idconvert/chatid", "chat_id", "new_chat_id")


def _migrated(path: str, name: str, listed: str, known: Callable[[CorpCall, str], bool]) -> None:
    """Declare an endpoint that tells the new spelling of ids; here both are the same."""

    @WECOM.post(path, right=Right.CUSTOMERS)
    def migrate(call: CorpCall) -> Answer:
        if "groupchat" in path:
            GroupChats(call.world, call.corp).get(call.text("chat_id", missing=40058))
        wanted = [one for one in call.texts(listed, most=1000, missing=40058) if known(call, one)]
        rows: list[dict[str, Any]] = [{name: one, f"new_{name}": one} for one in wanted]
        return {"items": rows}


_migrated(
    "/externalcontact/get_new_external_userid",
    "external_userid",
    "external_userid_list",
    lambda call, one: Customers(call.world, call.corp).find_external(one) is not None,
)
_migrated(
    "/externalcontact/groupchat/get_new_external_userid",
    "external_userid",
    "external_userid_list",
    lambda call, one: Customers(call.world, call.corp).find_external(one) is not None,
)


def _by_unionid(call: CorpCall) -> External | None:
    """Return the customer behind a unionid, if it is one.

    Raises:
        PlatformError: 41057 the company is bound to no open-platform account, 845001 the openid is none of an
            account bound to the same one, 845002 it is somebody else's.
    """
    if not call.corp.platform_id:
        raise PlatformError(41057)
    unionid, openid = call.text("unionid", missing=40058), call.text("openid", missing=40058)
    bound = (one for one in call.world.accounts.values() if one.platform_id == call.corp.platform_id)
    relations = (call.world.find_relation(account, openid) for account in bound)
    relation = next((one for one in relations if one is not None), None)
    if relation is None:
        raise PlatformError(845001)
    if relation.unionid != unionid:
        raise PlatformError(845002)
    customers = Customers(call.world, call.corp)
    external = customers.external_of(relation.person)
    return external if customers.links_to(external.external_userid) else None


def _pending_id(call: CorpCall, unionid: str) -> str:
    return made_id("pending", call.corp.corpid, unionid)


def _service_id(call: CorpCall, external_userid: str) -> str:
    return made_id("wm", _SERVICE, call.corp.corpid, external_userid)
