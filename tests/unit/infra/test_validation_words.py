from typing import Annotated, Literal

import pytest
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from quanyu.infra.validation_words import explain_in_chinese


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=2, max_length=4)] = "ab"
    count: Annotated[int, Field(ge=1)] = 1
    kind: Literal["a", "b"] = "a"
    at: AwareDatetime | None = None
    tags: Annotated[list[str], Field(max_length=1)] = []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "x"}, "至少 2 个字符"),
        ({"name": "xxxxx"}, "最多 4 个字符"),
        ({"name": 3}, "应为文字"),
        ({"count": 0}, "应不小于 1"),
        ({"count": "many"}, "应为整数"),
        ({"kind": "c"}, "应为 'a' or 'b' 之一"),
        ({"at": "2026-05-01T09:00:00"}, "时间须带时区，如 +08:00"),
        ({"at": "yesterday"}, "应为时间，如 2026-05-01T09:30:00+08:00"),
        ({"tags": ["a", "b"]}, "最多 1 项，现有 2 项"),
        ({"other": 1}, "没有这个字段"),
    ],
)
def test_what_pydantic_refuses_is_said_in_chinese(given: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        _Form.model_validate(given)
    assert explain_in_chinese(refused.value.errors()[0]) == said


def test_a_kind_without_words_keeps_its_own() -> None:
    assert explain_in_chinese({"type": "value_error", "msg": "Value error, 太早 too early"}) == (
        "Value error, 太早 too early"
    )
    assert explain_in_chinese({"type": "string_too_long", "msg": "too long"}) == "too long"
