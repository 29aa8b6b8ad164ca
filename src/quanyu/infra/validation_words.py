"""What is wrong with a value, in Chinese: pydantic says it in English only."""

from collections.abc import Mapping
from typing import Any, Final

# By pydantic's error type; braces take values of the error's context.
_WORDS: Final = {
    "missing": "缺少此字段",
    "extra_forbidden": "没有这个字段",
    "json_invalid": "不是有效的 JSON",
    "model_attributes_type": "应为 JSON 对象",
    "model_type": "应为 JSON 对象",
    "dict_type": "应为 JSON 对象",
    "list_type": "应为数组",
    "tuple_type": "应为数组",
    "set_type": "应为数组",
    "string_type": "应为文字",
    "string_too_short": "至少 {min_length} 个字符",
    "string_too_long": "最多 {max_length} 个字符",
    "string_pattern_mismatch": "格式不符，应匹配 {pattern}",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "decimal_type": "应为数字",
    "decimal_parsing": "应为数字",
    "finite_number": "应为有限的数字",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "应不小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "应不大于 {le}",
    "multiple_of": "应为 {multiple_of} 的倍数",
    "too_short": "至少 {min_length} 项，现有 {actual_length} 项",
    "too_long": "最多 {max_length} 项，现有 {actual_length} 项",
    "enum": "应为 {expected} 之一",
    "literal_error": "应为 {expected} 之一",
    "none_required": "应为空",
    "date_type": "应为日期，如 2026-05-01",
    "date_parsing": "应为日期，如 2026-05-01",
    "date_from_datetime_parsing": "应为日期，如 2026-05-01",
    "time_type": "应为时刻，如 09:30",
    "time_parsing": "应为时刻，如 09:30",
    "datetime_type": "应为时间，如 2026-05-01T09:30:00+08:00",
    "datetime_parsing": "应为时间，如 2026-05-01T09:30:00+08:00",
    "datetime_from_date_parsing": "应为时间，如 2026-05-01T09:30:00+08:00",
    "timezone_aware": "时间须带时区，如 +08:00",
    "url_parsing": "不是有效的网址",
    "url_scheme": "网址应以 {expected_schemes} 开头",
    "union_tag_invalid": "{discriminator} 应为 {expected_tags} 之一",
    "union_tag_not_found": "缺少字段 {discriminator}",
}


def explain_in_chinese(error: Mapping[str, Any]) -> str:
    """Return what one of pydantic's errors says; a kind without words of ours keeps the English ones.

    Our own validators may say both languages in one message; those come out unchanged.
    """
    words = _WORDS.get(str(error.get("type")))
    try:
        return words.format_map(error.get("ctx") or {}) if words else str(error.get("msg", ""))
    except KeyError:
        return str(error.get("msg", ""))
