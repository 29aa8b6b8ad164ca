"""People and events: one row, one event, named by what it states."""

from pathlib import Path

import pytest

from quanyu.flows.imports.errors import FileUnusable
from quanyu.modules.people.companies.rules import read_group_call
from support.imports import prepared

PEOPLE_MAP = """
kind = "people"
source = "crm"
time_zone = "Asia/Shanghai"
null = ["-"]
[time]
column = "更新时间"
formats = ["%Y/%m/%d"]
[identifiers]
phone = "手机"
member_no = "会员号"
openid = { column = "openid", scope = "wx1" }
[traits]
nickname = "昵称"
level = { column = "等级", type = "integer" }
birthday = { column = "生日", type = "time" }
vip = { value = true }
[context]
channel = { value = "crm" }
store = "门店"
"""
PEOPLE = (
    "会员号,手机,openid,昵称,等级,生日,门店,更新时间\n"
    "M1,13800138000,oAbC,小红,3,1990-05-01T00:00:00Z,S1,2024/05/01\n"
    "M2,-,,,,,,2024/05/02\n"
)
EVENTS_MAP = """
kind = "events"
source = "web"
time_zone = "UTC"
[time]
column = ["day", "time"]
[identifiers]
anonymous_id = "visitor"
[event]
name = { column = "event" }
[properties]
path = "path"
score = { column = "score", type = "number" }
"""
EVENTS = "day,time,visitor,event,path,score\n" + "2024-05-01,10:00:00,v1,Page Read,/a,1.5\n" * 3


def test_people_become_identify_events(tmp_path: Path) -> None:
    manifest, (first, second) = prepared(tmp_path, PEOPLE, PEOPLE_MAP)

    assert (first.kind, first.name) == ("identify", "Identify")
    assert [list(name) for name in first.names] == [  # Strongest first.
        ["openid", "wx1", "oAbC"],
        ["member_no", "", "M1"],
        ["phone", "", "13800138000"],
    ]
    assert first.traits == {
        "nickname": "小红",
        "level": 3,
        "birthday": "1990-05-01T00:00:00.000Z",
        "vip": True,
    }
    assert first.context == {"channel": "crm", "store": "S1"}
    assert manifest.first_at == "2024-04-30T16:00:00.000Z"  # Midnight in Shanghai.
    assert (second.traits, [list(name) for name in second.names]) == (
        {"vip": True},
        [["member_no", "", "M2"]],
    )


def test_a_person_who_changed_is_a_new_statement(tmp_path: Path) -> None:
    for name in ("again", "changed"):
        (tmp_path / name).mkdir()
    _, (first, _) = prepared(tmp_path, PEOPLE, PEOPLE_MAP)
    _, (again, _) = prepared(tmp_path / "again", PEOPLE, PEOPLE_MAP)
    _, (changed, _) = prepared(tmp_path / "changed", PEOPLE.replace(",3,", ",4,"), PEOPLE_MAP)

    assert first.message_id == again.message_id != changed.message_id


def test_a_row_that_names_nobody_is_rejected(tmp_path: Path) -> None:
    manifest, events = prepared(tmp_path, PEOPLE.replace("M2", "-"), PEOPLE_MAP)

    assert manifest.reasons == {"person.no_identifier": 1}
    assert manifest.first_rejects[0]["values"]["更新时间"] == "2024/05/02"
    assert len(events) == 1


def test_the_time_may_stand_in_the_map(tmp_path: Path) -> None:
    fixed = PEOPLE_MAP.replace(
        'column = "更新时间"\nformats = ["%Y/%m/%d"]', "at = 2024-01-01T08:00:00+08:00"
    )

    manifest, _ = prepared(tmp_path, PEOPLE, fixed)

    assert manifest.first_at == manifest.last_at == "2024-01-01T00:00:00.000Z"


def test_rows_that_state_the_same_are_one_event_or_each_their_own(tmp_path: Path) -> None:
    (tmp_path / "each").mkdir()
    each = EVENTS_MAP.replace("[event]", '[event]\nidentical_rows = "each"')

    once_manifest, once = prepared(tmp_path, EVENTS, EVENTS_MAP)
    each_manifest, apart = prepared(tmp_path / "each", EVENTS, each)

    assert (len(once), once_manifest.rows_repeated) == (1, 2)
    assert (once[0].name, once[0].properties) == ("Page Read", {"path": "/a", "score": 1.5})
    assert (len(apart), each_manifest.rows_repeated) == (3, 0)
    assert [event.message_id.removeprefix(once[0].message_id) for event in apart] == ["", ":2", ":3"]


def test_an_id_of_the_file_is_the_key(tmp_path: Path) -> None:
    with_id = EVENTS_MAP.replace("[event]", '[event]\nmessage_id = "path"')

    _, events = prepared(tmp_path, EVENTS, with_id)

    assert [event.message_id for event in events] == ["track:/a"]


def test_a_wrong_zone_of_time_is_not_guessed(tmp_path: Path) -> None:
    with pytest.raises(FileUnusable, match="'day \\+ time': the time fits none of the formats"):
        prepared(tmp_path, EVENTS.replace("10:00:00", "10 o'clock"), EVENTS_MAP)


def test_companies_become_group_calls_with_or_without_a_contact(tmp_path: Path) -> None:
    text = (
        "kind = 'companies'\nsource = 'crm'\ntime_zone = 'UTC'\ntime = { at = '2026-03-01T00:00:00Z' }\n"
        "company = { id = '编号' }\nidentifiers = { phone = '电话' }\n[properties]\nname = '名称'\n"
        "parent_id = '上级'\nrole = '职务'\nemployees = { column = '人数', type = 'integer' }\n"
    )
    rows = "编号,名称,上级,职务,人数,电话\nC-1,青山,C-0,采购,12,13800138000\nC-2,云海,,,,\n,无名,,,,\n"
    manifest, found = prepared(tmp_path, rows, text)
    events = sorted(found, key=lambda one: str(one.properties["group_id"]))

    assert [(one.kind, one.name, len(one.names)) for one in events] == [
        ("group", "Group", 1),
        ("group", "Group", 0),
    ]
    calls = [read_group_call(one.properties) for one in events]
    assert [(call.external_id, call.parent, call.roles) for call in calls if call] == [
        ("C-1", "C-0", ("采购",)),
        ("C-2", None, None),
    ]
    assert calls[0] is not None
    assert calls[0].told == {"name": "青山", "employees": 12}
    assert manifest.rows_rejected == 1  # A company without an id is none.
