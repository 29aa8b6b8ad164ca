"""Sentences to drafts by rules, over a corpus in both languages (K4)."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.flows.drafting.journeys import read_journey
from quanyu.flows.drafting.reading import read_segment
from quanyu.flows.drafting.vocabulary import Catalogue, Vocabulary
from quanyu.modules.journeys.errors import InvalidJourney
from quanyu.modules.journeys.graph import parse_definition
from quanyu.modules.segments.askable import read_definition

from .plain import ACCOUNT, TODAY, WORDS, flow, shown


def _corpus(name: str) -> list[tuple[str, str]]:
    lines = (Path(__file__).parent / name).read_text("utf-8").splitlines()
    pairs = [line.split(" -> ") for line in lines if line.strip()]
    return [(said, expected.strip()) for said, expected in pairs]


SEGMENTS = {"zh": _corpus("segments_zh.txt"), "en": _corpus("segments_en.txt")}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_corpus_has_sixty_sentences_a_language(language: str) -> None:
    assert len({said for said, _ in SEGMENTS[language]}) >= 60


@pytest.mark.parametrize(("said", "expected"), [*SEGMENTS["zh"], *SEGMENTS["en"]])
def test_a_sentence_becomes_conditions_and_unknown_words_are_told(said: str, expected: str) -> None:
    reading = read_segment(said, WORDS, TODAY)

    unknown = f"  ?{','.join(reading.unknown)}" if reading.unknown else ""
    assert f"{shown(reading.definition, is_top=True)}{unknown}".strip() == expected
    read_definition(reading.definition)  # What the segments module itself accepts.


@pytest.mark.parametrize(("said", "expected"), _corpus("journeys.txt"))
def test_a_sentence_becomes_a_journey(said: str, expected: str) -> None:
    reading = read_journey(said, WORDS, TODAY, account=ACCOUNT)

    drawn, _, refused = expected.partition(" !!")
    unknown = f"  ?{','.join(reading.unknown)}" if reading.unknown else ""
    assert f"{flow(reading.definition)}{unknown}".strip() == drawn.strip()
    if refused:
        with pytest.raises(InvalidJourney):
            parse_definition(reading.definition)
        assert "no_entry" in reading.notes
    else:
        parse_definition(reading.definition)


def test_a_time_said_once_is_carried_and_said_so() -> None:
    reading = read_segment("最近7天加购未下单", WORDS, TODAY)
    assert reading.notes.codes == ["carried"]
    assert read_segment("30天没下单", WORDS, TODAY).notes.codes == []


def test_months_and_fixed_dates_are_noted() -> None:
    assert "about" in read_segment("最近3个月下单", WORDS, TODAY).notes.codes
    assert "fixed" in read_segment("上个月下过单", WORDS, TODAY).notes.codes
    assert "fixed" in read_segment("生日在本月", WORDS, TODAY).notes.codes


def test_a_value_is_understood_only_where_the_brand_has_it() -> None:
    reading = read_segment("在杭州的沉睡客户", Vocabulary(Catalogue()), TODAY)
    assert (reading.definition, reading.unknown) == ({"kind": "all", "of": []}, ("杭州", "沉睡"))


def test_what_nobody_asked_is_not_sent_without_a_text() -> None:
    reading = read_journey("关注后1天发欢迎消息", WORDS, TODAY, account="")
    assert {"usual_text", "no_account"} <= set(reading.notes)
    assert read_journey("关注后发“你好”", WORDS, TODAY, account=ACCOUNT).notes == ()


_SAID = """
最近30天 下单 至少3次 没 或 且 , ( ) 消费满500元 VIP 标签 杭州 「龙井」 生日 本月 0 9999999999999天
\ue000 \uf8ff \x00 \x01 ordered not in the last 7 days spent over 1e9 between 5 and 3 % 2月30日
首次 99月99日 后 随机 200% 发 如果 否则 关注 -3次 1.5次
"""
_PIECES = st.sampled_from(_SAID.split())


@given(st.lists(_PIECES, max_size=14).map(" ".join) | st.text(max_size=60))
def test_any_text_becomes_something_valid_or_nothing(said: str) -> None:
    """Whatever is typed, what comes back is a tree the segments module accepts, or nothing at all."""
    reading = read_segment(said, WORDS, TODAY)
    if not reading.is_empty:
        read_definition(reading.definition)
    journey: dict[str, Any] = read_journey(said, WORDS, TODAY, account=ACCOUNT).definition
    assert set(journey) >= {"entry", "start", "nodes"}
    assert journey["start"] in journey["nodes"]


def test_a_long_text_is_read_in_time() -> None:
    said = "最近30天下单至少3次且消费满500元或者(杭州," * 40
    assert read_segment(said[:1_000], WORDS, TODAY).definition["of"]
