"""Customer-service accounts: the staff of an account."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from wechat_sandbox.accounts import OFFICIAL
from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call
from wechat_sandbox.state.kf import Staff, StaffList
from wechat_sandbox.state.kf_sessions import Sessions
from wechat_sandbox.state.media import FileFormat, detect_format, public_file_url
from wechat_sandbox.state.shelf import Blobs, Shelf
from wechat_sandbox.wire.errors import PlatformError


@REGISTRY.get("/cgi-bin/customservice/getkflist", kinds=OFFICIAL, certified_only=True)
def list_staff(call: Call) -> Mapping[str, object]:
    staff = StaffList(call.world, call.account)
    return {"kf_list": [staff.as_item(one, call.at) for one in staff.all()]}


@REGISTRY.get("/cgi-bin/customservice/getonlinekflist", kinds=OFFICIAL, certified_only=True)
def list_online(call: Call) -> Mapping[str, object]:
    staff = StaffList(call.world, call.account)
    return {"kf_online_list": [_online_item(call, staff, one) for one in staff.all() if one.online]}


@REGISTRY.post("/customservice/kfaccount/add", kinds=OFFICIAL, certified_only=True, utf8_only=True)
def add_staff(call: Call) -> Mapping[str, object]:
    StaffList(call.world, call.account).add(call.text("kf_account"), call.text("nickname"))
    return OK


@REGISTRY.post("/customservice/kfaccount/update", kinds=OFFICIAL, certified_only=True, utf8_only=True)
def rename_staff(call: Call) -> Mapping[str, object]:
    StaffList(call.world, call.account).rename(call.text("kf_account"), call.text("nickname"))
    return OK


@REGISTRY.both("/customservice/kfaccount/del", kinds=OFFICIAL, certified_only=True)
def remove_staff(call: Call) -> Mapping[str, object]:
    """Let someone go, named by ``kf_account`` or ``kf_openid``, in the body or in the query."""
    staff = StaffList(call.world, call.account)
    openid = call.text("kf_openid") or call.query.get("kf_openid", "")
    name = call.text("kf_account") or call.query.get("kf_account", "")
    staff.remove(staff.get_by_openid(openid) if openid else staff.get(name))
    return OK


@REGISTRY.post("/customservice/kfaccount/uploadheadimg", kinds=OFFICIAL, certified_only=True)
def upload_picture(call: Call) -> Mapping[str, object]:
    staff = StaffList(call.world, call.account)
    one = staff.get(call.query.get("kf_account", ""))
    content = call.upload().content
    found = detect_format(content)
    if found not in (FileFormat.JPEG, FileFormat.PNG):
        raise PlatformError(61457)
    key = f"kf-{call.account.appid}-{one.kf_id}"
    Blobs(call.world.store).put(key, content, found.content_type)
    staff.save(replace(one, picture_url=public_file_url(call.world, key, found)))
    return OK


@REGISTRY.post("/customservice/kfaccount/inviteworker", kinds=OFFICIAL, certified_only=True)
def invite(call: Call) -> Mapping[str, object]:
    staff = StaffList(call.world, call.account)
    staff.invite(call.text("kf_account"), call.text("invite_wx"), call.at)
    return OK


@REGISTRY.get("/customservice/kfaccount/setadmin", kinds=OFFICIAL, certified_only=True)
def make_admin(call: Call) -> Mapping[str, object]:
    return _set_admin(call, value=True)


@REGISTRY.get("/customservice/kfaccount/canceladmin", kinds=OFFICIAL, certified_only=True)
def unmake_admin(call: Call) -> Mapping[str, object]:
    return _set_admin(call, value=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkBinding:
    """An enterprise (企业微信) whose staff serves this account's customers."""

    corpid: str
    bound_at: int


@REGISTRY.post("/customservice/work/get", may_be_empty=True)
def get_work(call: Call) -> Mapping[str, object]:
    found = _bindings(call).find(call.account.appid, "work")
    if found is None:
        return OK
    name = f"企业 {found.corpid[-4:]}"
    return OK | {"entityName": name, "corpid": found.corpid, "bindTime": found.bound_at}


@REGISTRY.post("/customservice/work/bind")
def bind_work(call: Call) -> Mapping[str, object]:
    corpid = call.text("corpid")
    if not corpid.startswith("ww"):
        raise PlatformError(40035)
    _bindings(call).put(call.account.appid, "work", WorkBinding(corpid=corpid, bound_at=int(call.at)))
    return OK


@REGISTRY.post("/customservice/work/unbind")
def unbind_work(call: Call) -> Mapping[str, object]:
    found = _bindings(call).find(call.account.appid, "work")
    if found is None or found.corpid != call.text("corpid"):
        raise PlatformError(40035)
    _bindings(call).drop(call.account.appid, "work")
    return OK


def _bindings(call: Call) -> Shelf[WorkBinding]:
    return Shelf(call.world.store, "kf_work", WorkBinding)


def _set_admin(call: Call, *, value: bool) -> Mapping[str, object]:
    staff = StaffList(call.world, call.account)
    one = staff.get_by_openid(call.query.get("kf_openid", ""))
    staff.save(replace(one, is_admin=value))
    return OK


def _online_item(call: Call, staff: StaffList, one: Staff) -> dict[str, object]:
    cases = Sessions(call.world, call.account).of_staff(one.kf_account, call.at)
    item: dict[str, object] = {
        "kf_account": one.kf_account,
        "status": 1,
        "kf_id": one.kf_id,
        "accepted_case": len(cases),
    }
    return item | ({"kf_openid": staff.openid_of(one)} if one.person >= 0 else {})
