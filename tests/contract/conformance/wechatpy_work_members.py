"""wechatpy 2's calls of contacts, apps and messages; what it shares with wechatpy 1 is held to the same."""

from typing import Any

from contract.conformance.cases import call, out_of_scope
from contract.conformance.matching import TEXT
from contract.conformance.wechatpy_company import TABLE as COMPANY

# Written alike in both releases: the same call, the same answer, the same effect.
_ALIKE = {
    "": "access_token access_token_key fetch_access_token get post",
    "agent": "get list set",
    "appchat": "create get send send_text update",
    "batch": "get_result invite replace_party replace_user sync_user",
    "department": "create delete get_map_users get_users update",
    "jsapi": "get_agent_jsapi_ticket get_agent_ticket get_jsapi_signature get_jsapi_ticket get_ticket",
    "media": "download get_jssdk_url get_url upload upload_img",
    "menu": "create delete get update",
    "message": "send send_articles send_file send_image send_markdown send_mp_articles send_text "
    "send_text_card send_video send_voice",
    "misc": "get_wechat_ips",
    "oauth": "authorize_url get_user_info",
    "tag": "add_users create delete delete_users get_users list update",
    "user": "batch_delete convert_to_openid convert_to_user_id create delete get list update verify",
}
MEMBERS: dict[str, Any] = {
    name: COMPANY[name]
    for owner, names in _ALIKE.items()
    for name in (f"{owner}.{one}".removeprefix(".") for one in names.split())
}


def _ids(wanted: list[int]) -> Any:
    return lambda got: [one["id"] for one in got] == wanted


def _contacts(*arguments: Any, gives: Any) -> Any:
    return lambda world: call(*arguments, gives=gives, account="contacts")


MEMBERS |= {
    "access_token_expires_at_key": _contacts(gives=TEXT),
    "expires_at": _contacts(gives=None),  # Until it has asked for a token.
    "department.list": _contacts(gives=_ids([1, 2, 3, 4])),
    "department.simple_list": _contacts(2, gives=[{"id": 2, "parentid": 1, "order": int}]),
    "department.get": _contacts(2, gives={"id": 2, "parentid": 1, "name": TEXT}),
    "user.getuserid": _contacts("13900000000", gives="staff01"),
    "user.get_join_qrcode": _contacts(2, gives=TEXT),
}
_FAMILIES = {
    "calendars of the office": (
        "calendar add delete get update",
        "schedule add del_users delete get get_by_calendar update",
    ),
    "mail of the office": (
        "email active_email batch_get_public_email create_group create_public_email delete_group "
        "delete_public_email get_group get_new_email_count get_public_email get_user_option inactive_email "
        "search_group search_public_email update_group update_public_email update_user_option",
    ),
    "attendance, approvals, meeting rooms and reports of the office": (
        "oa add_checkin_userface add_meetingroom apply_event book_meetingroom cancle_meetingroom_book "
        "delete_meetingroom edit_meetingroom get_approval_detail get_approval_info "
        "get_booking_info_by_meeting_id get_checkin_data get_checkin_daydata get_checkin_monthdata "
        "get_checkin_option get_checkin_schedu_list get_corp_checkin_option get_dial_record "
        "get_hardware_checkin_data get_journal_record_detail get_journal_record_list get_journal_stat_list "
        "get_meetingroom_booking_info get_meetingroom_list get_open_approval_data get_template_detail "
        "set_checkin_schedu_list",
    ),
    "electronic invoices in a customer's card pack": (
        "invoice get_info get_info_batch update_status update_status_batch",
    ),
    "live broadcasts among colleagues": (
        "living cancel create delete_replay_data get_living_code get_living_info get_living_share_info "
        "get_user_all_livingid get_watch_stat modify",
    ),
    "exports of the contacts in encrypted files": (
        "export export_department export_simple_user export_taguser export_user get_result",
    ),
    "apps of providers": ("service get_login_info get_provider_token get_suite_token",),
    "how many members are active a day": ("user get_active_stat",),
    "the platform has replaced task cards by template cards": ("message update_taskcard",),
}
for _reason, _objects in _FAMILIES.items():
    for _object in _objects:
        _owner, *_names = _object.split()
        MEMBERS |= out_of_scope(_reason, *(f"{_owner}.{name}" for name in _names))
