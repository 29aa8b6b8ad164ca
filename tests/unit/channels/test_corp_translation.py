"""Each callback of a corp becomes one named event that tells who and how, and nothing that is personal."""

from typing import Any

import msgspec
import pytest

from quanyu.modules.channels.wecom.translation import customer_of, translate
from quanyu.wechat.wecom.callbacks import EVENT_TYPES
from quanyu.wechat.wecom.events import apps, base
from unit.wechat.wecom.event_cases import CUSTOMER, PAIR, USER

ACQUISITION, TAG, CHAT = "customer_acquisition", "change_external_tag", "change_external_chat"
STAFF = {"staff": "zhang01"}
APP = {"FromUserName": "li02", "AgentID": "7", "EventKey": "K"}
IN_APP = {"staff": "li02", "agent": "7", "key": "K"}
MENU = "menu_clicked"
GROUP = {"group": "wr1"}
LINK, VISIT = {"link_id": "L"}, {"link_id": "L", "state": "s"}

# Event, change type, what else the platform says: the name, the properties, the context.
Case = tuple[str, str, dict[str, Any], str, dict[str, Any], dict[str, str]]
CASES: list[Case] = [
    (
        *(CUSTOMER, "add_external_contact", {**PAIR, "State": "s1", "WelcomeCode": "W"}),
        *("customer_added", {**STAFF, "state": "s1"}, {**STAFF, "state": "s1"}),
    ),
    (CUSTOMER, "add_half_external_contact", PAIR, "customer_half_added", STAFF, STAFF),
    (CUSTOMER, "edit_external_contact", PAIR, "customer_edited", STAFF, STAFF),
    (
        *(CUSTOMER, "del_external_contact", {**PAIR, "Source": "DELETE_BY_TRANSFER"}),
        *("customer_deleted_by_staff", {**STAFF, "source": "DELETE_BY_TRANSFER"}, STAFF),
    ),
    (CUSTOMER, "del_follow_user", PAIR, "staff_deleted_by_customer", STAFF, STAFF),
    (
        *(CUSTOMER, "transfer_fail", {**PAIR, "FailReason": "customer_refused"}),
        *("customer_transfer_failed", {**STAFF, "reason": "customer_refused"}, STAFF),
    ),
    (
        *(CUSTOMER, "msg_audit_approved", {**PAIR, "WelcomeCode": "W"}),
        *("customer_archive_agreed", STAFF, STAFF),
    ),
    (CHAT, "create", {"ChatId": "wr1"}, "group_created", GROUP, GROUP),
    (
        *(CHAT, "update"),
        {
            "ChatId": "wr1",
            "UpdateDetail": "del_member",
            "QuitScene": 0,
            "MemChangeCnt": 2,
            "MemChangeList": {"Item": ["wm1", "wm2"]},
            "LastMemVer": "v1",
            "CurMemVer": "v2",
        },
        "group_changed",
        {
            **GROUP,
            "change": "del_member",
            "count": 2,
            "quit_scene": 0,
            "member_version": "v2",
            "member_version_before": "v1",
        },
        GROUP,
    ),
    (CHAT, "dismiss", {"ChatId": "wr1"}, "group_dismissed", GROUP, GROUP),
    *(
        (
            *(TAG, change, {"Id": "et1", "TagType": "tag_group", "StrategyId": 3}),
            *(f"customer_tag_{name}", {"id": "et1", "type": "tag_group", "strategy_id": 3}, {}),
        )
        for change, name in (("create", "created"), ("update", "changed"), ("delete", "deleted"))
    ),
    (TAG, "shuffle", {"Id": "et1"}, "customer_tag_shuffled", {"id": "et1"}, {}),
    (ACQUISITION, "balance_low", {}, "link_balance_low", {}, {}),
    (ACQUISITION, "balance_exhausted", {}, "link_balance_exhausted", {}, {}),
    (ACQUISITION, "balance_increased", {}, "link_balance_increased", {}, {}),
    (
        *(ACQUISITION, "quota_expire_soon", {"ExpireTime": 1767225600, "ExpireQuotaNum": 7}),
        *("link_quota_expires_soon", {"expires_at": 1767225600, "count": 7}, {}),
    ),
    (ACQUISITION, "link_unavailable", {"LinkId": "L"}, "link_unavailable", LINK, {}),
    (ACQUISITION, "delete_link", {"LinkId": "L"}, "link_deleted", LINK, {}),
    *(
        (ACQUISITION, change, {"LinkId": "L", "State": "s"}, f"link_{name}", VISIT, {"state": "s"})
        for change, name in (("open_profile", "profile_opened"), ("friend_request", "friend_requested"))
    ),
    (
        *(ACQUISITION, "customer_start_chat", {**PAIR, "LinkId": "L"}),
        *("link_chat_started", {**STAFF, **LINK}, STAFF),
    ),
    (
        *(ACQUISITION, "message_from_customer", {"LinkId": "L", "ChatKey": "K"}),
        *("link_message_received", LINK, {}),
    ),
    (
        *("change_contact", "create_user", {**USER, "Gender": "1"}, "staff_joined"),
        {
            **STAFF,
            "status": 1,
            "departments": [1, 2, 3],
            "changed": [
                *("address", "alias", "avatar", "biz_mail", "department", "direct_leader", "email"),
                *("ext_attr", "gender", "is_leader_in_dept", "main_department", "mobile", "name"),
                *("position", "status", "telephone"),
            ],
        },
        STAFF,
    ),
    (
        *("change_contact", "update_user", {"UserID": "zhang01", "NewUserID": "zhang02", "Name": "张"}),
        *("staff_changed", {**STAFF, "new_staff": "zhang02", "changed": ["name"]}, STAFF),
    ),
    ("change_contact", "delete_user", {"UserID": "zhang01"}, "staff_left", STAFF, STAFF),
    (
        *("change_contact", "create_party", {"Id": 2, "Name": "店", "ParentId": 1, "Order": 9}),
        *("department_created", {"department_id": 2, "parent_id": 1, "title": "店", "order": 9}, {}),
    ),
    (
        *("change_contact", "update_party", {"Id": 2, "ParentId": 3}),
        *("department_changed", {"department_id": 2, "parent_id": 3}, {}),
    ),
    ("change_contact", "delete_party", {"Id": 2}, "department_deleted", {"department_id": 2}, {}),
    (
        *("change_contact", "update_tag", {"TagId": 1, "AddUserItems": "a,b", "DelPartyItems": "4"}),
        *("member_tag_changed", {"tag_id": 1, "staff_added": ["a", "b"], "departments_removed": ["4"]}, {}),
    ),
    (
        *("kf_msg_or_event", "", {"Token": "T", "OpenKfId": "wk1"}),
        *("kf_message_waiting", {"kf_account": "wk1"}, {}),
    ),
    (
        *("kf_account_auth_change", "", {"AuthAddOpenKfId": ["wk1"], "AuthDelOpenKfId": ["wk2"]}),
        *("kf_accounts_changed", {"given": ["wk1"], "taken": ["wk2"]}, {}),
    ),
    ("msgaudit_notify", "", {"AgentID": "1"}, "archive_message_waiting", {}, {}),
    ("upload_media_job_finish", "", {"JobId": "J"}, "upload_finished", {"job_id": "J"}, {}),
    (
        *("batch_job_result", "", {"BatchJob": {"JobId": "J", "JobType": "sync_user", "ErrCode": 1}}),
        *("batch_finished", {"job_id": "J", "type": "sync_user", "error_code": 1}, {}),
    ),
    *(
        (event, "", APP, name, IN_APP, {"staff": "li02"})
        for event, name in (
            ("subscribe", "app_followed"),
            ("unsubscribe", "app_unfollowed"),
            ("enter_agent", "app_opened"),
            ("click", MENU),
            ("view", "menu_viewed"),
            ("view_miniprogram", "menu_mini_program_opened"),
            ("share_agent_change", "app_sharing_changed"),
        )
    ),
    (
        *("LOCATION", "", {**APP, "Latitude": 23.1, "Longitude": 113.3, "Precision": 65.0}),
        *("location_reported", {**IN_APP, "latitude": 23.1, "longitude": 113.3, "precision": 65.0}),
        {"staff": "li02"},
    ),
    *(
        (
            *(event, "", {**APP, "ScanCodeInfo": {"ScanType": "qrcode", "ScanResult": "1"}}, MENU),
            {**IN_APP, "action": event, "scan_type": "qrcode", "scan_result": "1"},
            {"staff": "li02"},
        )
        for event in ("scancode_push", "scancode_waitmsg")
    ),
    *(
        (
            *(event, "", {**APP, "SendPicsInfo": {"Count": 2}}, MENU),
            {**IN_APP, "action": event, "count": 2},
            {"staff": "li02"},
        )
        for event in ("pic_sysphoto", "pic_photo_or_album", "pic_weixin")
    ),
    (
        *("location_select", "", {**APP, "SendLocationInfo": {"Location_X": 23.0, "Label": "店"}}, MENU),
        {**IN_APP, "action": "location_select", "latitude": 23.0, "label": "店"},
        {"staff": "li02"},
    ),
    (
        *("template_card_event", ""),
        {
            **APP,
            "TaskId": "T",
            "CardType": "vote",
            "ResponseCode": "R",
            "SelectedItems": {"SelectedItem": [{"QuestionKey": "q", "OptionIds": {"OptionId": ["o1"]}}]},
        },
        "card_clicked",
        {**IN_APP, "task_id": "T", "card_type": "vote", "chosen": [{"question": "q", "options": ["o1"]}]},
        {"staff": "li02"},
    ),
    (
        *("template_card_menu_event", "", {**APP, "TaskId": "T", "CardType": "news", "ResponseCode": "R"}),
        *("card_menu_clicked", {**IN_APP, "task_id": "T", "card_type": "news"}, {"staff": "li02"}),
    ),
    (
        *("open_approval_change", "", {**APP, "ApprovalInfo": {"ThirdNo": "1", "OpenSpStatus": "2"}}),
        *("approval_changed", {**IN_APP, "number": "1", "status": "2"}, {"staff": "li02"}),
    ),
]


def read(event: str, change: str, fields: dict[str, Any]) -> base.Event:
    head = {"ToUserName": "ww1", "CreateTime": 1, "MsgType": "event", "Event": event, "ChangeType": change}
    return msgspec.convert({**head, **fields}, EVENT_TYPES[event, change])


@pytest.mark.parametrize(
    ("event", "change", "fields", "name", "properties", "context"), CASES, ids=lambda one: str(one)[:30]
)
def test_each_event_says_what_happened(
    event: str,
    change: str,
    fields: dict[str, Any],
    name: str,
    properties: dict[str, Any],
    context: dict[str, str],
) -> None:
    callback = read(event, change, fields)

    said = translate(callback)

    assert (said.name, said.properties, dict(said.context)) == (f"wechat.wecom.{name}", properties, context)
    assert customer_of(callback) == fields.get("ExternalUserID", "")


def test_every_event_is_shown_here() -> None:
    assert {(event, change) for event, change, *_ in CASES} == set(EVENT_TYPES)


def test_nothing_personal_is_said() -> None:
    """The member's name and numbers, the customers' ids and the code of a welcome stay sealed."""
    for event, change, fields, *_ in CASES:
        said = translate(read(event, change, fields))
        text = msgspec.json.encode([said.properties, dict(said.context)]).decode()
        personal = ("张三", "13800000000", "z@", "wmAAAA0001", "wm1", '"W"', "020-123456", "广州")
        assert [one for one in personal if one in text] == [], text


def test_messages_of_members() -> None:
    message = apps.TextMessage(
        ToUserName="ww1", CreateTime=1, MsgType="text", FromUserName="li02", AgentID="7", Content="在吗"
    )

    said = translate(message)

    assert said.name == "wechat.wecom.message_received"
    assert said.properties == {"staff": "li02", "type": "text", "agent": "7", "content": "在吗"}
    assert said.context == {"staff": "li02"}


def test_what_is_unknown_still_says_whom_it_is_about() -> None:
    fields = {"UserID": "zhang01", "ExternalUserID": "wmAAAA0001", "Phone": "13800000000"}
    event = base.OtherEvent(
        ToUserName="ww1",
        CreateTime=1,
        MsgType="event",
        Event="change_external_contact",
        ChangeType="brand_new",
        fields=fields,
    )
    message = base.OtherMessage(
        ToUserName="ww1", CreateTime=1, MsgType="hologram", FromUserName="li02", fields=fields
    )

    assert customer_of(event) == "wmAAAA0001"
    said = translate(event)
    assert said.name == "wechat.wecom.other"
    assert said.properties == {"event": CUSTOMER, "change": "brand_new", **STAFF}
    assert (customer_of(message), translate(message).properties) == (
        "",
        {"staff": "li02", "type": "hologram"},
    )
