"""What the wizard proposes for columns, and the map it writes of what was chosen."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from quanyu.flows.imports.errors import MapInvalid
from quanyu.flows.imports.mapfile import parse_map
from quanyu.flows.imports.mapping import CellType, ImportKind
from quanyu.flows.imports.wizard.contracts import ColumnRole, ColumnUse, ImportPlan
from quanyu.flows.imports.wizard.examining import preview
from quanyu.flows.imports.wizard.plan_map import map_text_of
from quanyu.flows.imports.wizard.proposing import guess_kind, key_of, propose, time_formats, without_doubles
from support.imports import prepared

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("column", "samples", "role", "target", "type"),
    [
        ("手机号", ["13800138000"], ColumnRole.IDENTIFIER, "phone", CellType.TEXT),
        ("Mobile Phone", ["13800138000"], ColumnRole.IDENTIFIER, "phone", CellType.TEXT),
        ("会员卡号", ["M1"], ColumnRole.IDENTIFIER, "member_no", CellType.TEXT),
        ("UnionID", ["oabc"], ColumnRole.IDENTIFIER, "unionid", CellType.TEXT),
        ("客户姓名", ["张三"], ColumnRole.ATTRIBUTE, "name", CellType.TEXT),
        ("出生日期", ["1990/1/2", "1991/12/31"], ColumnRole.ATTRIBUTE, "birthday", CellType.DATE),
        ("客户标签", ["金卡"], ColumnRole.TAGS, "客户标签", CellType.TEXT),
        ("是否接受营销", ["是", "否"], ColumnRole.CONSENT, "marketing", CellType.TEXT),
        ("更新时间", ["2024-05-01 10:00"], ColumnRole.TIME, "", CellType.TEXT),
        ("第三列", ["13800138000", "+8613900139000"], ColumnRole.IDENTIFIER, "phone", CellType.TEXT),
        ("邮件", ["a@b.cn"], ColumnRole.IDENTIFIER, "email", CellType.TEXT),
        ("积分", ["10", "0", "250"], ColumnRole.ATTRIBUTE, "积分", CellType.INTEGER),
        ("余额", ["10.5", "3"], ColumnRole.ATTRIBUTE, "余额", CellType.NUMBER),
        ("门店编码", ["007", "012"], ColumnRole.ATTRIBUTE, "门店编码", CellType.TEXT),
        ("已激活", ["是", "否"], ColumnRole.ATTRIBUTE, "已激活", CellType.BOOLEAN),
        ("最近 (到店)", ["2024-05-01 10:00:00"], ColumnRole.ATTRIBUTE, "最近_到店", CellType.TIME),
        ("computed.x", ["1"], ColumnRole.SKIP, "", CellType.TEXT),
        ("空列", [], ColumnRole.ATTRIBUTE, "空列", CellType.TEXT),
    ],
)
def test_a_column_of_people_is_recognised(
    column: str, samples: list[str], role: ColumnRole, target: str, type: CellType
) -> None:
    use, _ = propose(column, samples, ImportKind.PEOPLE)

    assert (use.role, use.target, use.type) == (role, target, type)


@pytest.mark.parametrize(
    ("column", "samples", "role", "target"),
    [
        ("事件名称", ["浏览"], ColumnRole.EVENT_NAME, ""),
        ("流水号", ["1", "2"], ColumnRole.MESSAGE_ID, ""),
        ("时间", ["2024/5/1 10:00"], ColumnRole.TIME, ""),
        ("时间", ["昨天"], ColumnRole.PROPERTY, "时间"),
        ("金额", ["12.5"], ColumnRole.PROPERTY, "revenue"),
        ("门店", ["A"], ColumnRole.CONTEXT, "store"),
    ],
)
def test_a_column_of_events_is_recognised(
    column: str, samples: list[str], role: ColumnRole, target: str
) -> None:
    use, _ = propose(column, samples, ImportKind.EVENTS)

    assert (use.role, use.target) == (role, target)


def test_what_repeats_is_no_rows_own_id() -> None:
    use, _ = propose("ID", ["1", "2"], ImportKind.EVENTS, is_unique=False)

    assert (use.role, use.target) == (ColumnRole.PROPERTY, "ID")


def test_of_two_columns_for_one_target_the_named_one_counts() -> None:
    proposed = without_doubles(
        [
            propose("第一列", ["13800138000"], ImportKind.PEOPLE),
            propose("手机", ["13800138000"], ImportKind.PEOPLE),
            propose("电话", ["13800138000"], ImportKind.PEOPLE),
        ]
    )

    assert [use.role for use, _ in proposed] == [ColumnRole.SKIP, ColumnRole.IDENTIFIER, ColumnRole.SKIP]


def test_the_kind_of_rows_is_guessed() -> None:
    assert guess_kind(["姓名", "手机"]) is ImportKind.PEOPLE
    assert guess_kind(["手机", "Event Name"]) is ImportKind.EVENTS


@pytest.mark.parametrize(
    ("samples", "formats"),
    [
        (["2024-05-01"], ("iso",)),
        (["2024/05/01 10:00"], ("%Y/%m/%d %H:%M",)),
        (["2024年5月1日"], ("%Y年%m月%d日",)),
        (["1714528800"], ("unix",)),
        (["20240501"], ("%Y%m%d",)),
        (["13800138000"], ()),
        (["2024-05-01", "2024/5/2"], ("iso", "%Y/%m/%d")),
        ([], ()),
    ],
)
def test_formats_of_times_are_found(samples: list[str], formats: tuple[str, ...]) -> None:
    assert time_formats(samples) == formats


def test_a_key_is_one_a_map_takes() -> None:
    assert key_of(" 会员 等级（2024） ") == "会员_等级_2024"
    assert key_of("computed.spend") == ""


def plan(*uses: ColumnUse, **more: Any) -> ImportPlan:
    return ImportPlan(**{"source": "crm", "columns": uses, "at": AT, **more})


PHONE = ColumnUse(column='电话 "主"', role=ColumnRole.IDENTIFIER, target="phone")
LEVEL = ColumnUse(column="等级\x7f", role=ColumnRole.ATTRIBUTE, target="level")
TAGS = ColumnUse(column="标签", role=ColumnRole.TAGS, target="客户 标签")
CONSENT = ColumnUse(column="同意", role=ColumnRole.CONSENT, target="marketing", scope="sms")


def test_the_map_written_reads_as_what_was_chosen() -> None:
    made, text = map_text_of(
        plan(PHONE, LEVEL, TAGS, CONSENT, ColumnUse(column="别的"), nulls=("-", "\\N")), name="x"
    )

    assert parse_map(text, file="x") == made
    assert [(one.namespace, one.column) for one in made.identifiers] == [("phone", '电话 "主"')]
    assert (made.tags[0].group, made.consents[0].channel) == ("客户 标签", "sms")
    assert made.nulls == ("-", "\\N")
    assert "别的" not in made.columns()


@pytest.mark.parametrize(
    ("uses", "more", "said"),
    [
        ((LEVEL,), {}, "identifiers"),
        ((PHONE, ColumnUse(column="b", role=ColumnRole.IDENTIFIER, target="phone")), {}, "both"),
        ((ColumnUse(column="a", role=ColumnRole.IDENTIFIER, target="openid"),), {}, "scope"),
        ((PHONE, ColumnUse(column="b", role=ColumnRole.ATTRIBUTE, target="computed.x")), {}, "computed"),
        ((PHONE, ColumnUse(column="b", role=ColumnRole.ATTRIBUTE, target="")), {}, ""),
        ((PHONE,), {"time_zone": "Mars/Olympus"}, "time_zone"),
        ((PHONE,), {"at": None}, "time"),
        ((PHONE,), {"kind": "events"}, "name"),
    ],
)
def test_a_plan_that_cannot_be_followed_says_why(
    uses: tuple[ColumnUse, ...], more: dict[str, Any], said: str
) -> None:
    with pytest.raises(MapInvalid) as error:
        map_text_of(plan(*uses, **more), name="x")

    assert said in error.value.message
    assert error.value.message_zh


def test_a_row_states_attributes_tags_and_consent(tmp_path: Path) -> None:
    _, text = map_text_of(plan(PHONE.model_copy(update={"column": "电话"}), TAGS, CONSENT), name="x")
    content = "电话,标签,同意\n13800138000,金卡、常客,是\n13800138001,,\n13800138002,银卡,否\n"

    manifest, events = prepared(tmp_path, content, text)

    said = [(one.name, one.names[0][2][-1], one.properties) for one in events]
    assert sorted(said, key=lambda one: (one[1], one[0])) == [
        ("Consent Granted", "0", {"purpose": "marketing", "channel": "sms"}),
        ("Identify", "0", {}),
        ("imports.tags_stated", "0", {"group": "客户 标签", "tags": ["金卡", "常客"]}),
        ("Identify", "1", {}),
        ("Consent Withdrawn", "2", {"purpose": "marketing", "channel": "sms"}),
        ("Identify", "2", {}),
        ("imports.tags_stated", "2", {"group": "客户 标签", "tags": ["银卡"]}),
    ]
    assert (manifest.rows, manifest.rows_rejected, manifest.rows_repeated) == (3, 0, 0)


def test_a_cell_of_too_many_tags_is_refused_and_a_repeated_row_counted_once(tmp_path: Path) -> None:
    _, text = map_text_of(
        plan(PHONE.model_copy(update={"column": "电话"}), TAGS, rejects_max_share=1), name="x"
    )
    many = "|".join(map(str, range(21)))

    manifest, events = prepared(
        tmp_path, f"电话,标签\n13800138000,a\n13800138000,a\n13800138001,{many}\n", text
    )

    assert (manifest.rows_repeated, manifest.reasons) == (1, {"person.tags": 1})
    assert len(events) == 2


def test_the_preview_says_of_each_row_what_it_becomes(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text(
        "电话,等级,标签,同意\n13800138000,金,a,是\n,银,,\n13800138001,,b,perhaps\n", encoding="utf-8"
    )
    level = ColumnUse(column="等级", role=ColumnRole.ATTRIBUTE, target="level")
    _, text = map_text_of(plan(PHONE.model_copy(update={"column": "电话"}), level, TAGS, CONSENT), name="x")

    rows = preview(file, text, "x.csv", datetime(2026, 3, 1, tzinfo=UTC), "")

    assert isinstance(rows, list)
    good, nobody, unclear = rows
    assert good["identifiers"] == (("phone", "13800138000"),)
    assert (good["attributes"], good["tags"], good["consents"]) == (
        {"level": "金"},
        {"客户 标签": ("a",)},
        {"marketing": True},
    )
    assert good["occurred_at"] == AT
    assert "标识" in nobody["problem_zh"]
    assert "布尔" in unclear["problem_zh"]
