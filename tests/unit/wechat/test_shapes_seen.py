"""Answers whose shape is not what their neighbours suggest: each was seen in the platform's own samples."""

import msgspec

from quanyu.wechat.pay import complaints, gifts
from quanyu.wechat.pay.declaring import Answer
from quanyu.wechat.wecom import interception, members
from quanyu.wechat.wecom.kf import messages


def read(kind: type[Answer], document: dict[str, object]) -> Answer:
    return msgspec.json.decode(msgspec.json.encode(document), type=kind, strict=False)


def test_an_activity_has_its_rule_under_the_name_of_its_kind() -> None:
    rule = {
        "transaction_amount_minimum": 100,
        "send_content": "SINGLE_COUPON",
        "award_type": "BUSIFAVOR",
        "merchant_option": "MANUAL_INPUT_MERCHANT",
    }
    known = read(gifts.Activity, {"activity_id": "1", "award_send_rule": {"full_send_rule": rule}})
    assert isinstance(known, gifts.Activity)
    assert known.award_send_rule is not None
    assert known.award_send_rule.full_send_rule is not None
    assert known.award_send_rule.full_send_rule.transaction_amount_minimum == 100


def test_media_of_a_complaint_are_one_or_a_list() -> None:
    media = {"media_type": "OPERATION_IMAGE", "media_url": ["https://x.example/1"]}
    entries = [
        {"log_id": "1", "complaint_media_list": media},
        {"log_id": "2", "complaint_media_list": [media]},
    ]
    history = read(complaints.HistoryAnswer, {"data": entries})
    assert isinstance(history, complaints.HistoryAnswer)
    one, many = (entry.complaint_media_list for entry in history.data)
    assert isinstance(one, complaints.ComplaintMedia)
    assert many == (one,)


def test_departments_made_with_a_member_are_an_object() -> None:
    made = {"department_info": [{"name": "新部门", "id": 12}]}
    created = read(members.Created, {"errcode": 0, "created_department_list": made})
    assert isinstance(created, members.Created)
    assert [one.id for one in created.created_department_list.department_info] == [12]


def test_one_event_without_an_id_does_not_stop_the_reading() -> None:
    event = {"event_type": "user_recall_msg", "open_kfid": "wk1", "external_userid": "wm1"}
    pulled = read(
        messages.SyncAnswer, {"next_cursor": "c", "msg_list": [{"msgtype": "event", "event": event}]}
    )
    assert isinstance(pulled, messages.SyncAnswer)
    assert pulled.msg_list[0].msgid == ""


def test_a_rule_may_be_numbered() -> None:
    answer = read(interception.RuleAnswer, {"rule": {"rule_id": 1, "rule_name": "脏话"}})
    assert isinstance(answer, interception.RuleAnswer)
    assert answer.rule.rule_id == 1
