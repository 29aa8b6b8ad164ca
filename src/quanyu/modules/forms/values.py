"""Reading one answer by its question: one form for each value, or a reason why it is none. Pure."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final, assert_never

import phonenumbers

from quanyu.modules.forms.definition import (
    ChoiceQuestion,
    ContactQuestion,
    DateQuestion,
    FileQuestion,
    MatrixQuestion,
    NpsQuestion,
    NumberQuestion,
    Question,
    RankingQuestion,
    RatingQuestion,
    RegionQuestion,
    TextQuestion,
)
from quanyu.modules.forms.regions import LEVELS, find_place

OTHER_MAX: Final = 200
_FILE: Final = re.compile(r"ffl_[0-9a-z]{1,20}")
_EMAIL: Final = re.compile(r"[^@\s\x00]{1,64}@[^@\s\x00]{1,180}\.[^@\s\x00.]{2,60}")


class Unfit(Exception):
    """A value does not answer its question; told in both languages."""

    def __init__(self, code: str, text: str, text_zh: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.text_zh = text_zh


def is_empty(raw: Any) -> bool:
    """Whether a question was left out."""
    if isinstance(raw, dict) and "picks" in raw:
        return not raw["picks"]
    if isinstance(raw, dict) and "ranked" in raw:
        return not raw["ranked"]
    return raw is None or (isinstance(raw, str) and not raw.strip()) or raw in ([], {})


def read_value(question: Question, raw: Any) -> Any:
    """Return the value of a question that was answered, as it is kept.

    Choices are ``{"picks": [key, …], "other": text}``, an order ``{"ranked": [key, …]}`` with the best first,
    a matrix ``{row: column}``, a day ISO text, a telephone number E.164, a region its code.

    Raises:
        Unfit: it does not answer the question.
    """
    match question:
        case TextQuestion():
            return _text(question, raw)
        case NumberQuestion():
            return _number(question, raw)
        case ChoiceQuestion():
            return _picks(question, raw)
        case RankingQuestion():
            return _ranked(question, raw)
        case RatingQuestion():
            return _step(raw, 1, question.steps)
        case NpsQuestion():
            return _step(raw, 0, 10)
        case MatrixQuestion():
            return _matrix(question, raw)
        case DateQuestion():
            return _day(question, raw)
        case ContactQuestion():
            return _phone(raw) if question.kind == "phone" else _email(raw)
        case RegionQuestion():
            return _region(question, raw)
        case FileQuestion():
            return _files(question, raw)
        case _:
            assert_never(question)


def _text(question: TextQuestion, raw: Any) -> str:
    text = _string(raw).strip()
    if "\0" in text:
        raise Unfit("text", "the text holds a NUL character", "文字含有 NUL 字符")
    if len(text) > question.max_length:
        raise Unfit("too_long", f"at most {question.max_length} characters", f"最多 {question.max_length} 字")
    if len(text) < question.min_length:
        raise Unfit(
            "too_short", f"at least {question.min_length} characters", f"至少 {question.min_length} 字"
        )
    return text


def _number(question: NumberQuestion, raw: Any) -> int | float:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw):
        raise Unfit("number", "a number is needed", "请填写数字")
    if abs(raw) > 1e15:
        raise Unfit("number", "the number is too large", "数字过大")
    if question.whole and raw != int(raw):
        raise Unfit("whole", "a whole number is needed", "请填写整数")
    if question.min is not None and raw < question.min:
        raise Unfit("too_small", f"at least {question.min:g}", f"不能小于 {question.min:g}")
    if question.max is not None and raw > question.max:
        raise Unfit("too_large", f"at most {question.max:g}", f"不能大于 {question.max:g}")
    return int(raw) if raw == int(raw) else raw


def _picks(question: ChoiceQuestion, raw: Any) -> dict[str, Any]:
    picks = raw.get("picks") if isinstance(raw, dict) else None
    if not isinstance(picks, list) or not all(isinstance(one, str) for one in picks):
        raise Unfit("choice", "choose from the options", "请从选项中选择")
    options = {option.key: option for option in question.options}
    if any(one not in options for one in picks) or len(set(picks)) != len(picks):
        raise Unfit("choice", "there is no such option", "选项不存在")
    least, most = picks_allowed(question)
    if len(picks) > most:
        raise Unfit("too_many", f"choose at most {most}", f"最多选 {most} 项")
    if len(picks) < least:
        raise Unfit("too_few", f"choose at least {least}", f"至少选 {least} 项")
    # In the order of the options: the same choice is the same value.
    value: dict[str, Any] = {"picks": [key for key in options if key in picks]}
    other = raw.get("other")
    if other and any(options[one].is_other for one in picks):
        value["other"] = _other(other)
    return value


def _other(raw: Any) -> str:
    text = _string(raw).strip().replace("\0", "")
    if len(text) > OTHER_MAX:
        raise Unfit("too_long", f"at most {OTHER_MAX} characters", f"最多 {OTHER_MAX} 字")
    return text


def picks_allowed(question: ChoiceQuestion) -> tuple[int, int]:
    """Return how few and how many options an answer picks."""
    if question.kind != "multi":
        return 1, 1
    return max(1, question.min_picks), question.max_picks or len(question.options)


def _ranked(question: RankingQuestion, raw: Any) -> dict[str, Any]:
    ranked = raw.get("ranked") if isinstance(raw, dict) else None
    if not isinstance(ranked, list) or not all(isinstance(one, str) for one in ranked):
        raise Unfit("ranking", "put the options in order", "请为选项排序")
    if not set(ranked) <= {option.key for option in question.options} or len(set(ranked)) != len(ranked):
        raise Unfit("ranking", "there is no such option, or it is there twice", "选项不存在或重复")
    places = places_of(question)
    if len(ranked) != places:
        raise Unfit("places", f"put exactly {places} in order", f"请排出 {places} 项")
    return {"ranked": ranked}


def places_of(question: RankingQuestion) -> int:
    """Return how many options an answer puts in order."""
    return question.places or len(question.options)


def _step(raw: Any, least: int, most: int) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not least <= raw <= most:
        raise Unfit("step", f"a whole number from {least} to {most}", f"请选择 {least} 到 {most}")
    return raw


def _matrix(question: MatrixQuestion, raw: Any) -> dict[str, str]:
    rows, columns = ({one.key for one in part} for part in (question.rows, question.columns))
    if not isinstance(raw, dict) or not raw.keys() <= rows:
        raise Unfit("matrix", "there is no such row", "没有这一行")
    if not all(isinstance(one, str) and one in columns for one in raw.values()):
        raise Unfit("matrix", "there is no such column", "没有这一列")
    if question.required and raw.keys() != rows:
        raise Unfit("required", "every row needs an answer", "每一行都需要作答")
    return {row.key: raw[row.key] for row in question.rows if row.key in raw}


def _day(question: DateQuestion, raw: Any) -> str:
    try:
        day = date.fromisoformat(_string(raw))
    except ValueError:
        raise Unfit("date", "a day as YYYY-MM-DD", "请填写日期") from None
    if question.min is not None and day < question.min:
        raise Unfit("too_early", f"not before {question.min}", f"不能早于 {question.min}")
    if question.max is not None and day > question.max:
        raise Unfit("too_late", f"not after {question.max}", f"不能晚于 {question.max}")
    return day.isoformat()


def _phone(raw: Any) -> str:
    try:
        number = phonenumbers.parse(_string(raw)[:40], "CN")
    except phonenumbers.NumberParseException:
        raise Unfit("phone", "this is no telephone number", "电话号码无效") from None
    if not phonenumbers.is_valid_number(number):
        raise Unfit("phone", "this is no telephone number", "电话号码无效")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _email(raw: Any) -> str:
    text = _string(raw).strip()
    if _EMAIL.fullmatch(text) is None:
        raise Unfit("email", "this is no e-mail address", "邮箱地址无效")
    return text.lower()


def _region(question: RegionQuestion, raw: Any) -> str:
    code = _string(raw)
    place = find_place(code)
    if place is None:
        raise Unfit("region", "there is no such place", "地区不存在")
    depth = LEVELS.index(question.level) + 1
    if len(place.names) > depth or (len(place.names) < depth and place.has_parts):
        raise Unfit("region", f"choose down to the {question.level}", "请选择完整的地区")
    return code


def _files(question: FileQuestion, raw: Any) -> list[str]:
    """Read the ids of files that were sent before, alone or with their names as the page keeps them."""
    given = raw if isinstance(raw, list) else []
    ids = [one.get("id") if isinstance(one, dict) else one for one in given]
    read = [one for one in ids if isinstance(one, str) and _FILE.fullmatch(one)]
    if not ids or read != ids:
        raise Unfit("file", "send the files first", "请先上传文件")
    if len(set(ids)) != len(ids):
        raise Unfit("file", "a file is there twice", "文件重复")
    if len(ids) > question.max_files:
        raise Unfit("too_many", f"at most {question.max_files} files", f"最多 {question.max_files} 个文件")
    return read


def _string(raw: Any) -> str:
    if not isinstance(raw, str):
        raise Unfit("text", "a text is needed", "请填写文字")
    return raw


_SHOWN_JOIN: Final = "、"


def shown_value(question: Question, value: Any, *, mask: Callable[[str, str], str] | None = None) -> str:
    """Return a kept value in words, as lists and files show it; ``mask`` hides contacts by kind."""
    match question:
        case ChoiceQuestion():
            labels = {option.key: option for option in question.options}
            return _SHOWN_JOIN.join(_pick_words(value, labels))
        case RankingQuestion():
            names = {option.key: option.label for option in question.options}
            return " > ".join(names.get(one, one) for one in value["ranked"])
        case MatrixQuestion():
            columns = {one.key: one.label for one in question.columns}
            return "；".join(
                f"{row.label}：{columns.get(value[row.key], value[row.key])}"
                for row in question.rows
                if row.key in value
            )
        case RegionQuestion():
            place = find_place(value)
            return value if place is None else "".join(dict.fromkeys(place.names))
        case ContactQuestion() if mask is not None:
            return mask(question.kind, value)
        case FileQuestion():
            return f"{len(value)} 个文件 files"
        case _:
            return f"{value:g}" if isinstance(value, float) else str(value)


def _pick_words(value: Mapping[str, Any], options: Mapping[str, Any]) -> list[str]:
    words = []
    for pick in value["picks"]:
        option = options.get(pick)
        label = pick if option is None else option.label
        other = value.get("other", "") if option is not None and option.is_other else ""
        words.append(f"{label}（{other}）" if other else label)
    return words
