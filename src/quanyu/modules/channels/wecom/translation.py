"""From a corp's callbacks to events of the log: ``wechat.wecom.<fact>``.

Names, phones and welcome codes stay in the sealed raw callback; who a customer is goes to the identifiers.
"""

from functools import singledispatch
from typing import Any, Final

import msgspec

from quanyu.modules.channels.translation import Translation, snake
from quanyu.wechat.wecom.events import apps, base, contacts, customers, service

PREFIX: Final = "wechat.wecom."
CUSTOMER_ADDED: Final = f"{PREFIX}customer_added"
CUSTOMER_HALF_ADDED: Final = f"{PREFIX}customer_half_added"
CUSTOMER_EDITED: Final = f"{PREFIX}customer_edited"
CUSTOMER_DELETED_BY_STAFF: Final = f"{PREFIX}customer_deleted_by_staff"
STAFF_DELETED_BY_CUSTOMER: Final = f"{PREFIX}staff_deleted_by_customer"
CUSTOMER_TRANSFER_FAILED: Final = f"{PREFIX}customer_transfer_failed"
CUSTOMER_DETAILS_FETCHED: Final = f"{PREFIX}customer_details_fetched"
GROUP_CREATED: Final = f"{PREFIX}group_created"
GROUP_CHANGED: Final = f"{PREFIX}group_changed"
GROUP_DISMISSED: Final = f"{PREFIX}group_dismissed"
STAFF_JOINED: Final = f"{PREFIX}staff_joined"
STAFF_CHANGED: Final = f"{PREFIX}staff_changed"
STAFF_LEFT: Final = f"{PREFIX}staff_left"

_TEXT_MAX: Final = 2_000
_ADDED: Final = {
    "add_external_contact": CUSTOMER_ADDED,
    "add_half_external_contact": CUSTOMER_HALF_ADDED,
}
_DEPARTMENT: Final = {"create_party": "created", "update_party": "changed", "delete_party": "deleted"}
_TAG: Final = {"create": "created", "update": "changed", "delete": "deleted"}
_LINK: Final = {
    "balance_low": "link_balance_low",
    "balance_exhausted": "link_balance_exhausted",
    "balance_increased": "link_balance_increased",
    "link_unavailable": "link_unavailable",
    "delete_link": "link_deleted",
    "open_profile": "link_profile_opened",
    "friend_request": "link_friend_requested",
}
_APP: Final = {
    "subscribe": "app_followed",
    "unsubscribe": "app_unfollowed",
    "enter_agent": "app_opened",
    "click": "menu_clicked",
    "view": "menu_viewed",
    "view_miniprogram": "menu_mini_program_opened",
    "share_agent_change": "app_sharing_changed",
}
# What a member event says is told by its name here; what it says stays sealed.
_ABOUT_EVERY_MEMBER: Final = frozenset(
    {"ToUserName", "CreateTime", "MsgType", "FromUserName", "AgentID", "Event", "ChangeType", "SuiteId"}
) | {"UserID", "NewUserID"}


def customer_of(callback: base.Callback) -> str:
    """Return the external user id of whom a callback is about; empty when it is about nobody or several."""
    if isinstance(callback, base.OtherEvent):
        known = callback.fields.get("ExternalUserID")
        return known if isinstance(known, str) else ""
    return getattr(callback, "ExternalUserID", "")


@singledispatch
def translate(callback: base.Callback) -> Translation:
    """Return what ``callback`` is in the log."""
    raise AssertionError(f"no translation of {type(callback).__name__}")


@translate.register
def _(callback: customers.CustomerAdded) -> Translation:
    return _of_staff(_ADDED[callback.ChangeType], callback.UserID, state=callback.State)


@translate.register
def _(callback: customers.CustomerEdited) -> Translation:
    return _of_staff(CUSTOMER_EDITED, callback.UserID)


@translate.register
def _(callback: customers.CustomerRemoved) -> Translation:
    return _of_staff(CUSTOMER_DELETED_BY_STAFF, callback.UserID, source=callback.Source)


@translate.register
def _(callback: customers.MemberRemoved) -> Translation:
    return _of_staff(STAFF_DELETED_BY_CUSTOMER, callback.UserID)


@translate.register
def _(callback: customers.TransferFailed) -> Translation:
    return _of_staff(CUSTOMER_TRANSFER_FAILED, callback.UserID, reason=callback.FailReason)


@translate.register
def _(callback: customers.ArchiveAgreed) -> Translation:
    return _of_staff(f"{PREFIX}customer_archive_agreed", callback.UserID)


@translate.register
def _(callback: customers.GroupCreated) -> Translation:
    return _of_group(GROUP_CREATED, callback.ChatId)


@translate.register
def _(callback: customers.GroupDismissed) -> Translation:
    return _of_group(GROUP_DISMISSED, callback.ChatId)


@translate.register
def _(callback: customers.GroupUpdated) -> Translation:
    # 0 is an answer here: somebody was invited, or left by themselves.
    scenes = {"join_scene": callback.JoinScene, "quit_scene": callback.QuitScene}
    return _of_group(
        GROUP_CHANGED,
        callback.ChatId,
        change=callback.UpdateDetail,
        count=callback.MemChangeCnt or len(callback.people),
        member_version=callback.CurMemVer,
        member_version_before=callback.LastMemVer,
        **{name: scene for name, scene in scenes.items() if scene is not None},
    )


@translate.register
def _(callback: customers.CorpTagChanged) -> Translation:
    properties = _given(id=callback.Id, type=callback.TagType, strategy_id=callback.StrategyId)
    return Translation(f"{PREFIX}customer_tag_{_TAG[callback.ChangeType]}", properties)


@translate.register
def _(callback: customers.CorpTagsShuffled) -> Translation:
    properties = _given(id=callback.Id, strategy_id=callback.StrategyId)
    return Translation(f"{PREFIX}customer_tag_shuffled", properties)


@translate.register
def _(callback: customers.AcquisitionBalance) -> Translation:
    return Translation(f"{PREFIX}{_LINK[callback.ChangeType]}", {})


@translate.register
def _(callback: customers.AcquisitionQuotaExpires) -> Translation:
    properties = _given(expires_at=callback.ExpireTime, count=callback.ExpireQuotaNum)
    return Translation(f"{PREFIX}link_quota_expires_soon", properties)


@translate.register
def _(callback: customers.AcquisitionLink) -> Translation:
    return Translation(f"{PREFIX}{_LINK[callback.ChangeType]}", {"link_id": callback.LinkId})


@translate.register
def _(callback: customers.AcquisitionVisit) -> Translation:
    properties = _given(link_id=callback.LinkId, state=callback.State)
    return Translation(
        f"{PREFIX}{_LINK[callback.ChangeType]}", properties, context=_given(state=callback.State)
    )


@translate.register
def _(callback: customers.AcquisitionChat) -> Translation:
    return _of_staff(f"{PREFIX}link_chat_started", callback.UserID, link_id=callback.LinkId)


@translate.register
def _(callback: customers.AcquisitionMessage) -> Translation:
    return Translation(f"{PREFIX}link_message_received", {"link_id": callback.LinkId})


@translate.register
def _(callback: contacts.MemberChanged) -> Translation:
    said = msgspec.structs.asdict(callback)
    default = {field.name: field.default for field in msgspec.structs.fields(callback)}
    changed = [
        name
        for name, value in said.items()
        if name not in _ABOUT_EVERY_MEMBER and value != default[name] and _is_something(value)
    ]
    return _of_staff(
        STAFF_JOINED if callback.ChangeType == "create_user" else STAFF_CHANGED,
        callback.UserID,
        new_staff=callback.NewUserID,
        status=callback.Status,
        departments=list(callback.departments),
        changed=sorted(snake(name) for name in changed),
    )


@translate.register
def _(callback: contacts.MemberDeleted) -> Translation:
    return _of_staff(STAFF_LEFT, callback.UserID)


@translate.register
def _(callback: contacts.DepartmentChanged) -> Translation:
    properties = _given(
        department_id=callback.Id, parent_id=callback.ParentId, title=callback.Name, order=callback.Order
    )
    return Translation(f"{PREFIX}department_{_DEPARTMENT[callback.ChangeType]}", properties)


@translate.register
def _(callback: contacts.MemberTagUpdated) -> Translation:
    properties = _given(
        tag_id=callback.TagId,
        staff_added=_parts(callback.AddUserItems),
        staff_removed=_parts(callback.DelUserItems),
        departments_added=_parts(callback.AddPartyItems),
        departments_removed=_parts(callback.DelPartyItems),
    )
    return Translation(f"{PREFIX}member_tag_changed", properties)


@translate.register
def _(callback: service.ServiceHasNews) -> Translation:
    return Translation(f"{PREFIX}kf_message_waiting", _given(kf_account=callback.OpenKfId))


@translate.register
def _(callback: service.ServiceAuthorisation) -> Translation:
    properties = _given(given=list(callback.AuthAddOpenKfId), taken=list(callback.AuthDelOpenKfId))
    return Translation(f"{PREFIX}kf_accounts_changed", properties)


@translate.register
def _(callback: service.ArchiveHasNews) -> Translation:
    return Translation(f"{PREFIX}archive_message_waiting", {})


@translate.register
def _(callback: service.UploadFinished) -> Translation:
    return Translation(f"{PREFIX}upload_finished", {"job_id": callback.JobId})


@translate.register
def _(callback: service.BatchFinished) -> Translation:
    job = callback.BatchJob
    properties = _given(job_id=job.JobId, type=job.JobType, error_code=job.ErrCode)
    return Translation(f"{PREFIX}batch_finished", properties)


@translate.register
def _(callback: apps.AppEvent) -> Translation:
    return _in_app(callback, _APP[callback.Event])


@translate.register
def _(callback: apps.LocationEvent) -> Translation:
    return _in_app(
        callback,
        "location_reported",
        latitude=callback.Latitude,
        longitude=callback.Longitude,
        precision=callback.Precision,
    )


@translate.register
def _(callback: apps.ScanCodeEvent) -> Translation:
    scanned = callback.ScanCodeInfo
    return _in_menu(callback, scan_type=scanned.ScanType, scan_result=scanned.ScanResult[:_TEXT_MAX])


@translate.register
def _(callback: apps.PicturesEvent) -> Translation:
    return _in_menu(callback, count=callback.SendPicsInfo.Count)


@translate.register
def _(callback: apps.PlaceEvent) -> Translation:
    place = callback.SendLocationInfo
    return _in_menu(
        callback,
        latitude=place.Location_X,
        longitude=place.Location_Y,
        label=place.Label,
        place=place.Poiname,
    )


@translate.register
def _(callback: apps.CardEvent) -> Translation:
    chosen = [
        {"question": one.QuestionKey, "options": list(one.OptionIds.OptionId)}
        for one in callback.SelectedItems.SelectedItem
    ]
    return _in_app(
        callback, "card_clicked", task_id=callback.TaskId, card_type=callback.CardType, chosen=chosen
    )


@translate.register
def _(callback: apps.CardMenuEvent) -> Translation:
    return _in_app(callback, "card_menu_clicked", task_id=callback.TaskId, card_type=callback.CardType)


@translate.register
def _(callback: apps.ApprovalEvent) -> Translation:
    # Who asks and what for may be personal, so only number and state are told.
    info = callback.ApprovalInfo
    number, state = info.get("ThirdNo") or info.get("SpNo"), info.get("OpenSpStatus") or info.get("SpStatus")
    return _in_app(callback, "approval_changed", number=_text(number), status=_text(state))


@translate.register
def _(callback: base.Message) -> Translation:
    shown = msgspec.structs.asdict(callback)
    for common in ("ToUserName", "FromUserName", "CreateTime", "MsgType", "MsgId", "AgentID", "fields"):
        shown.pop(common, None)
    said = {snake(name): _text(value) if isinstance(value, str) else value for name, value in shown.items()}
    return _of_staff(
        f"{PREFIX}message_received",
        callback.FromUserName,
        type=callback.MsgType,
        agent=callback.AgentID,
        **said,
    )


@translate.register
def _(callback: base.OtherEvent) -> Translation:
    # The fields themselves may be personal: they stay in the sealed raw callback.
    known = callback.fields.get("UserID")
    staff = known if isinstance(known, str) else ""
    return Translation(
        f"{PREFIX}other",
        _given(event=callback.Event, change=callback.ChangeType, staff=staff),
        context=_given(staff=staff),
    )


def _of_staff(name: str, staff: str, **properties: Any) -> Translation:
    context = _given(staff=staff, state=properties.get("state", ""))
    return Translation(name, _given(staff=staff, **properties), context=context)


def _of_group(name: str, chat_id: str, **properties: Any) -> Translation:
    scenes = {key: value for key, value in properties.items() if value == 0 and key.endswith("_scene")}
    return Translation(name, {**_given(group=chat_id, **properties), **scenes}, context={"group": chat_id})


def _in_app(callback: apps.AppEvent, name: str, **properties: Any) -> Translation:
    return _of_staff(
        f"{PREFIX}{name}",
        callback.FromUserName,
        agent=callback.AgentID,
        key=callback.EventKey[:_TEXT_MAX],
        **properties,
    )


def _in_menu(callback: apps.AppEvent, **properties: Any) -> Translation:
    return _in_app(callback, "menu_clicked", action=callback.Event, **properties)


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if _is_something(value)}


def _is_something(value: Any) -> bool:
    return value not in ("", 0, None, [], (), {})


def _parts(text: str) -> list[str]:
    return [one for one in text.split(",") if one]


def _text(value: Any) -> str:
    return "" if value is None else str(value)[:_TEXT_MAX]
