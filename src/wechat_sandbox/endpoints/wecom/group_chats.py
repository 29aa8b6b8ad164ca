"""Customer groups: list, detail, the id of a group's mini program, and passing groups on.

Source: official pages 获取客户群列表, 获取客户群详情, 分配离职成员的客户群, 分配在职成员的客户群
(D 92120, 92122, 92127, 95703).
"""

from wechat_sandbox.clock import DAY_S
from wechat_sandbox.endpoints.wecom.paging import take_page
from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right
from wechat_sandbox.state.wecom.audience import Audience
from wechat_sandbox.state.wecom.group_book import Group, Seat, SeatKind
from wechat_sandbox.state.wecom.group_chats import GroupChats
from wechat_sandbox.state.wecom.group_transfers import status_now, take_over_after_leaving, take_over_at_work
from wechat_sandbox.wire.corp_texts import TEXTS
from wechat_sandbox.wire.errors import PlatformError

OWNERS_MAX, PAGE_MAX, TRANSFERS_MAX = 100, 1000, 100
SCOPE_MAX = 1000  # With more members than this a list needs a filter.
_TRANSFERS_PER_DAY = 300


def owners_of(call: CorpCall, *, missing: int = 0) -> list[str]:
    """Return the owners a call asks about; none: everybody."""
    owners = call.object("owner_filter").get("userid_list")
    if not owners:
        if missing:
            raise PlatformError(missing, "missing owner_filter")
        return []
    if (
        not isinstance(owners, list)
        or len(owners) > OWNERS_MAX
        or not all(isinstance(one, str) for one in owners)
    ):
        raise PlatformError(40058, "owner_filter.userid_list")
    for userid in owners:
        if call.directory.find(userid) is None and call.directory.find_resigned(userid) is None:
            raise PlatformError(40003)
    return owners


@WECOM.post("/externalcontact/groupchat/list", right=Right.CUSTOMERS)
def list_groups(call: CorpCall) -> Answer:
    call.number("limit", low=1, high=PAGE_MAX)  # Needed here.
    wanted = call.number("status_filter", 0, high=3)
    owners = owners_of(call)
    if not owners and len(call.directory.members()) > SCOPE_MAX:
        raise PlatformError(81017)
    groups = [
        (group.chat_id, status)
        for group in GroupChats(call.world, call.corp).all()
        if (not owners or group.owner in owners)
        and ((status := status_now(group, call.directory)) == wanted or not wanted)
    ]
    page, cursor = take_page(call, groups, default=PAGE_MAX, most=PAGE_MAX)
    rows = [{"chat_id": chat_id, "status": int(status)} for chat_id, status in page]
    return {"group_chat_list": rows, "next_cursor": cursor}


@WECOM.post("/externalcontact/groupchat/get", right=Right.CUSTOMERS)
def get_group(call: CorpCall) -> Answer:
    """Return a group with its members; their names only when asked for."""
    group = GroupChats(call.world, call.corp).get(call.text("chat_id", missing=40058))
    with_names = call.number("need_name", 0, high=1) == 1
    audience = Audience(call.world, call.corp)
    return {
        "group_chat": {
            "chat_id": group.chat_id,
            "name": group.name,
            "owner": group.owner,
            "create_time": group.create_time,
            "notice": group.notice,
            "member_list": [_member(seat, audience, with_names=with_names) for seat in group.members],
            "admin_list": [{"userid": userid} for userid in group.admins],
            "member_version": group.version,
        }
    }


@WECOM.post("/externalcontact/opengid_to_chatid", right=Right.CUSTOMERS)
def convert_opengid(call: CorpCall) -> Answer:
    group = GroupChats(call.world, call.corp).find_by_opengid(call.text("opengid", missing=40058))
    if group is None:
        raise PlatformError(90511)
    return {"chat_id": group.chat_id}


@WECOM.post("/externalcontact/groupchat/transfer", right=Right.CUSTOMERS)
def transfer_after_leaving(call: CorpCall) -> Answer:
    """Give groups of somebody who has left to somebody else."""
    return _transfer(call, at_work=False)


@WECOM.post("/externalcontact/groupchat/onjob_transfer", right=Right.CUSTOMERS)
def transfer_at_work(call: CorpCall) -> Answer:
    """Give groups to a colleague; their owner stays with the company."""
    return _transfer(call, at_work=True)


def _transfer(call: CorpCall, *, at_work: bool) -> Answer:
    chat_ids = call.texts("chat_id_list", most=TRANSFERS_MAX, missing=40058)
    new_owner = call.member(call.text("new_owner", missing=41009))
    chats = GroupChats(call.world, call.corp)
    failed = []
    for chat_id in chat_ids:
        try:
            group = chats.get(chat_id)
            if at_work:
                changed = take_over_at_work(group, new_owner.userid, call.directory, call.at)
                _count_day(call, group)
            else:
                changed = take_over_after_leaving(group, new_owner.userid, call.directory, call.at)
        except PlatformError as error:
            failed.append({"chat_id": chat_id, "errcode": error.code, "errmsg": TEXTS[error.code]})
            continue
        chats.save(changed)
    return {"failed_chat_list": failed}


def _count_day(call: CorpCall, group: Group) -> None:
    """Count one more transfer of an owner's groups today (90510 above three hundred)."""
    key = f"wecom_group_transfers:{call.corp.corpid}:{group.owner}:{int((call.at + 8 * 3600) // DAY_S)}"
    used = int(call.world.store.read_meta(key) or 0)
    if used >= _TRANSFERS_PER_DAY:
        raise PlatformError(90510)
    call.world.store.write_meta(key, used + 1)


def _member(seat: Seat, audience: Audience, *, with_names: bool) -> dict[str, object]:
    row: dict[str, object] = {"userid": seat.who, "type": int(seat.kind)}
    if seat.kind is SeatKind.EXTERNAL and (unionid := audience.unionid_of(seat.who)):
        row["unionid"] = unionid
    row |= {"join_time": seat.join_time, "join_scene": int(seat.scene)}
    if seat.invitor:
        row["invitor"] = {"userid": seat.invitor}
    row["group_nickname"] = seat.nickname
    if with_names:
        row["name"] = audience.name_of(seat.who)
    if seat.state:
        row["state"] = seat.state
    return row
