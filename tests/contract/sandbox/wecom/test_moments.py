"""Customer moments: the job, members who publish, who sees it, comments and likes, stops, limits."""

from typing import Any

import pytest

from contract.sandbox.wecom.corp import Company
from contract.sandbox.wecom.files import attachment, picture

BASE = "/externalcontact"
ADD = f"{BASE}/add_moment_task"
DAY = 86_400
TEXT = {"text": {"content": "春茶上市"}}


async def order(company: Company, **body: Any) -> dict[str, Any]:
    """Make a moment and return the answer about its job when it is done."""
    jobid = (await company.ok(ADD, TEXT | body))["jobid"]
    company.rig.clock.advance(3)
    return dict(await company.ok(f"{BASE}/get_moment_task_result", None, jobid=jobid))


async def make(company: Company, **body: Any) -> str:
    return str((await order(company, **body))["result"]["moment_id"])


def to(*users: str, tags: tuple[str, ...] = ()) -> dict[str, Any]:
    visible: dict[str, Any] = {"sender_list": {"user_list": list(users)}}
    if tags:
        visible["external_contact_list"] = {"tag_list": list(tags)}
    return {"visible_range": visible}


async def publish(company: Company, userid: str, moment_id: str) -> Any:
    return await company.control("POST", f"/staff/{userid}/moments/{moment_id}/publish")


async def customers(company: Company, name: str, moment_id: str, userid: str) -> list[str]:
    body = {"moment_id": moment_id, "userid": userid}
    rows = (await company.ok(f"{BASE}/{name}", body))["customer_list"]
    return [row["external_userid"] for row in rows]


async def test_a_job_makes_a_moment(company: Company) -> None:
    jobid = (await company.ok(ADD, TEXT | to("staff01", "nobody")))["jobid"]
    result = f"{BASE}/get_moment_task_result"
    statuses = []
    for _ in range(3):
        answer = await company.ok(result, None, jobid=jobid)
        statuses.append(answer["status"])
        company.rig.clock.advance(2)
    assert statuses == [1, 2, 3]
    answer = await company.ok(result, {"jobid": jobid})  # Some clients post.
    assert answer["type"] == "add_moment_task"
    inside = answer["result"]
    assert (inside["errcode"], inside["moment_id"][:3]) == (0, "mom")
    assert inside["invalid_sender_list"] == {"user_list": ["nobody"], "department_list": []}
    company.rig.clock.advance(DAY)
    assert await company.code(result, None, jobid=jobid) == 40058
    assert await company.code(result, None, jobid="none") == 40058


async def test_a_moment_without_publishers_fails(company: Company) -> None:
    answer = await order(company, **to("nobody"))
    assert answer["result"]["errcode"] == 41089
    assert "moment_id" not in answer["result"]


async def test_members_publish_to_their_customers(company: Company) -> None:
    ann, bob = await company.add(1, "staff01"), await company.add(2, "staff01")
    moment_id = await make(company, **to("staff01", "staff02"))
    path = f"{BASE}/get_moment_task"
    rows = (await company.ok(path, {"moment_id": moment_id}))["task_list"]
    assert rows == [{"userid": "staff01", "publish_status": 0}, {"userid": "staff02", "publish_status": 0}]
    assert await customers(company, "get_moment_customer_list", moment_id, "staff01") == [ann, bob]
    body = {"moment_id": moment_id, "userid": "staff01"}
    assert await company.code(f"{BASE}/get_moment_send_result", body) == 41062
    assert await company.code(f"{BASE}/get_moment_comments", body) == 41062
    (task,) = (await company.control("GET", "/staff/staff01/tasks"))["moments"]
    assert task["moment_id"] == moment_id
    await company.act(2, "delete-member", "staff01")
    await publish(company, "staff01", moment_id)
    rows = (await company.ok(path, {"moment_id": moment_id}))["task_list"]
    assert [row["publish_status"] for row in rows] == [1, 0]
    assert await customers(company, "get_moment_send_result", moment_id, "staff01") == [ann]
    react = f"/staff/staff01/moments/{moment_id}/react"
    for _ in range(2):  # One cannot like twice.
        await company.control("POST", react, {"who": "1"})
    await company.control("POST", react, {"who": "1", "text": "想买"})
    await company.control("POST", react, {"text": "欢迎到店"})
    answer = await company.ok(f"{BASE}/get_moment_comments", body)
    now = int(company.rig.clock.now())
    assert answer["like_list"] == [{"external_userid": ann, "create_time": now}]
    assert answer["comment_list"] == [
        {"external_userid": ann, "create_time": now},
        {"userid": "staff01", "create_time": now},
    ]
    where = f"/sandbox/corps/{company.corp.corpid}{react}"
    assert (await company.rig.request("POST", where, json={"who": "2"}))[0] == 404  # Not shown to them.


async def test_tags_and_departments_choose(company: Company) -> None:
    tagged = await company.add(1, "staff01")
    await company.add(2, "staff01")
    made = await company.ok(f"{BASE}/add_corp_tag", {"group_name": "等级", "tag": [{"name": "常客"}]})
    tag_id = made["tag_group"]["tag"][0]["id"]
    await company.control("PATCH", "/customers/1/edit", {"userid": "staff01", "tag_ids": [tag_id]})
    answer = await order(company, **to("staff01", tags=(tag_id, "etnone")))
    assert answer["result"]["invalid_external_contact_list"] == {"tag_list": ["etnone"]}
    moment_id = answer["result"]["moment_id"]
    assert await customers(company, "get_moment_customer_list", moment_id, "staff01") == [tagged]
    visible = {"sender_list": {"department_list": [2, 77]}}
    answer = await order(company, visible_range=visible)
    assert answer["result"]["invalid_sender_list"]["department_list"] == [77]
    moment_id = answer["result"]["moment_id"]
    rows = (await company.ok(f"{BASE}/get_moment_task", {"moment_id": moment_id}))["task_list"]
    directory = await company.control("GET", "/staff")
    expected = sorted(one["userid"] for one in directory["items"] if 2 in one["department"])
    assert [row["userid"] for row in rows] == expected
    everybody = await make(company)
    rows = (await company.ok(f"{BASE}/get_moment_task", {"moment_id": everybody}))["task_list"]
    assert len(rows) == len(directory["items"])


async def test_moments_are_listed_stopped_and_deleted(company: Company) -> None:
    since = int(company.rig.clock.now())
    files = [await attachment(company, number) for number in range(2)]
    pictures = [{"msgtype": "image", "image": {"media_id": media_id}} for media_id in files]
    first = await make(company, attachments=pictures, **to("staff01"))
    own = (await company.control("POST", "/staff/staff02/moments", {"text": "自己发的"}))["moment_id"]
    body = {"start_time": since, "end_time": since + DAY}
    path = f"{BASE}/get_moment_list"
    rows = (await company.ok(path, body | {"limit": 500}))["moment_list"]
    assert rows == [
        {
            "moment_id": first,
            "create_time": since,
            "create_type": 0,
            "visible_type": 1,
            **TEXT,
            "image": [{"media_id": media_id} for media_id in files],
        },
        {
            "moment_id": own,
            "creator": "staff02",
            "create_time": since + 3,
            "create_type": 1,
            "visible_type": 1,
            "text": {"content": "自己发的"},
        },
    ]
    for more, expected in (
        ({"filter_type": 1}, [own]),
        ({"creator": "staff02"}, [own]),
        ({"limit": 1}, [first]),
    ):
        assert [row["moment_id"] for row in (await company.ok(path, body | more))["moment_list"]] == expected
    assert await company.code(path, body | {"end_time": since + 31 * DAY}) == 40058
    assert await company.code(f"{BASE}/get_moment_task", {"moment_id": own}) == 41067
    await company.ok(f"{BASE}/cancel_moment_task", {"moment_id": first})
    assert (await company.control("GET", "/staff/staff01/tasks"))["moments"] == []
    where = f"/sandbox/corps/{company.corp.corpid}/staff/staff01/moments/{first}/publish"
    assert (await company.rig.request("POST", where, json={}))[0] == 404
    await company.control("POST", f"/moments/{first}/delete")
    assert [row["moment_id"] for row in (await company.ok(path, body))["moment_list"]] == [own]
    shown = (await company.control("GET", "/moments"))["items"]
    assert [one["moment_id"] for one in shown] == [own]


async def test_limits_hide_moments_from_who_has_seen_enough(company: Company) -> None:
    ann = await company.add(1, "staff01")
    await company.control("PUT", "/settings", {"moments_per_month": 1, "moments_per_day": 1})
    shown = []
    for _ in range(2):
        moment_id = await make(company, **to("staff01"))
        await publish(company, "staff01", moment_id)
        shown.append(await customers(company, "get_moment_send_result", moment_id, "staff01"))
    assert shown == [[ann], []]
    where = f"/sandbox/corps/{company.corp.corpid}/settings"
    assert (await company.rig.request("PUT", where, json={"rhythm": "never"}))[0] == 400
    assert (await company.rig.request("PUT", where, json={"nonsense": 1}))[0] == 400


PICTURE = {"msgtype": "image", "image": {"media_id": "m"}}
FILM = {"msgtype": "video", "video": {"media_id": "m"}}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 40058),
        ({"text": {"content": "x" * 2001}}, 41078),
        ({"text": {"content": "字" * 1334}}, 40058),
        ({"attachments": [PICTURE] * 10}, 41064),
        ({"attachments": [PICTURE, FILM]}, 41065),
        ({"attachments": [FILM, FILM]}, 41065),
        ({"attachments": [{"msgtype": "file", "file": {"media_id": "m"}}]}, 41065),
        ({"attachments": [{"msgtype": "image", "image": {}}]}, 41065),
        ({"attachments": [{"msgtype": "link", "link": {"title": "t", "media_id": "m"}}]}, 41065),
        (TEXT | {"visible_range": {"sender_list": {"user_list": "x"}}}, 41089),
        (TEXT | {"visible_range": "all"}, 41088),
    ],
)
async def test_what_cannot_be_published_is_refused(company: Company, body: Any, code: int) -> None:
    assert await company.code(ADD, body) == code


async def test_moments_take_files_uploaded_for_them_alone(company: Company) -> None:
    for media_id, code in (("none", 40007), (await picture(company), 40007), (await attachment(company), 0)):
        image = {"msgtype": "image", "image": {"media_id": media_id}}
        assert await company.code(ADD, {"attachments": [image]}) == code


async def test_ids_are_checked_and_ten_a_minute_are_enough(company: Company) -> None:
    for name in ("get_moment_task", "get_moment_customer_list", "cancel_moment_task"):
        assert await company.code(f"{BASE}/{name}", {}) == 41059
        assert await company.code(f"{BASE}/{name}", {"moment_id": "none"}) == 41060
    moment_id = await make(company, **to("staff01"))
    body = {"moment_id": moment_id, "userid": "staff02"}
    assert await company.code(f"{BASE}/get_moment_customer_list", body) == 41061
    codes = [await company.code(ADD, TEXT) for _ in range(10)]
    assert (set(codes[:9]), codes[9]) == ({0}, 45009)
