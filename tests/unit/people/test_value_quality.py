"""What is a value and what only looks like one (B14)."""

from datetime import date

import pytest

from quanyu.modules.people.quality.contracts import AttributeRule, Finding, ValueKind
from quanyu.modules.people.quality.judging import Judge, day_of, guess_kind

RULES = {
    one.key: one
    for one in (
        AttributeRule(key="height", kind=ValueKind.NUMBER, minimum=50, maximum=250),
        AttributeRule(key="gender", allowed=("男", "女")),
        AttributeRule(key="motto", kind=ValueKind.TEXT),
    )
}
JUDGE = Judge(RULES, frozenset({"神秘"}), date(2026, 3, 4))


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("phone", "138 1234 5678", None),
        ("phone", "+8613812345678", None),
        ("mobile", 13812345679, None),
        ("phone", "010-62770334", None),
        ("phone", "13800000000", Finding.PLACEHOLDER),
        ("手机号", "13800138000", Finding.PLACEHOLDER),
        ("phone", "1381111111", Finding.BAD_FORMAT),
        ("phone", "12345", Finding.BAD_FORMAT),
        ("phone", "电话", Finding.BAD_FORMAT),
        ("email", "li.lei@shop.cn", None),
        ("email", "test@shop.cn", Finding.PLACEHOLDER),
        ("email", "lilei@example.com", Finding.PLACEHOLDER),
        ("email", "lilei@", Finding.BAD_FORMAT),
        ("birthday", "1990-05-06", None),
        ("birthday", "1990年5月6日", None),
        ("birthday", "19900506", None),
        ("birthday", "1990-05-06T00:00:00Z", None),
        ("birthday", "1900-01-01", Finding.PLACEHOLDER),
        ("birthday", "1899-05-06", Finding.OUT_OF_RANGE),
        ("birthday", "2026-03-05", Finding.IN_FUTURE),
        ("birthday", "1990-02-30", Finding.BAD_FORMAT),
        ("birthday", True, Finding.WRONG_TYPE),
        # The example of GB 11643-1999, and the same with another last digit.
        ("id_card", "11010519491231002X", None),
        ("id_card", "110105194912310021", Finding.BAD_FORMAT),
        ("id_card", "110105", Finding.BAD_FORMAT),
        ("city", "杭州", None),
        ("city", " 无 ", Finding.PLACEHOLDER),
        ("city", "ＴＥＳＴ", Finding.PLACEHOLDER),
        ("city", "神秘", Finding.PLACEHOLDER),
        ("city", "", Finding.PLACEHOLDER),
        ("hobbies", [], Finding.PLACEHOLDER),
        ("hobbies", ["茶", "未知"], Finding.PLACEHOLDER),
        ("hobbies", ["茶", "花"], None),
        ("height", 175, None),
        ("height", "175.5", None),
        ("height", 17.5, Finding.OUT_OF_RANGE),
        ("height", "高", Finding.WRONG_TYPE),
        ("height", True, Finding.WRONG_TYPE),
        ("gender", "女", None),
        ("gender", "女士", Finding.NOT_ALLOWED),
        ("motto", 7, Finding.WRONG_TYPE),
        ("subscribed", False, None),
    ],
)
def test_values_are_judged_by_kind_and_rule(key: str, value: object, fault: Finding | None) -> None:
    assert JUDGE.fault(key, value) is fault


def test_kinds_follow_from_keys_unless_said() -> None:
    kinds = [guess_kind(key) for key in ("phone", "工作邮箱", "e-mail", "wife.birthday", "身份证号", "city")]
    assert kinds == ["phone", "any", "email", "date", "id_number", "any"]
    assert JUDGE.kind_of("height") is ValueKind.NUMBER


def test_days_are_read_however_they_are_written() -> None:
    assert day_of("1990/5/6") == day_of("1990-05-06t00:00:00z".upper()) == date(1990, 5, 6)
    assert day_of("next year") is None


def test_a_rule_whose_ends_are_swapped_is_refused() -> None:
    with pytest.raises(ValueError, match="minimum"):
        AttributeRule(key="height", minimum=3, maximum=2)
