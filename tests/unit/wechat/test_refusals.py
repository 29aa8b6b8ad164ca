"""The table of error codes: complete, in two languages, and with an action for each."""

import pytest

from quanyu.wechat.errors import PlatformRefusal, QuotaExceeded, refusal
from quanyu.wechat.refusal_codes import CODES
from quanyu.wechat.refusals import Action, explain, known_codes

# The codes of the platform's global table and of the families in use; a-b is a range.
GLOBAL = """
40001-40014 40016-40033 40035 40037 40039 40048 40050-40055 40059 40060 40065 40066 40097 40102 40114 40125
40129 40130 40132 40137 40152 40155 40159 40163-40165 40169 40200-40204 40212 40225 40226 40243 40246
41001-41009 41018 41030 41039 42001-42003 42007 42010 43001-43005 43019 43100 43101 43104 43107 43108
44001-44004 44990 44991 44993 45001-45011 45015 45028 45029 45035 45047 45056-45059 45062 45064-45067 45072
45080 45081 45083 45084 45113 45157-45159 45162 45166 45168 46001-46004 47001 47003 47009 47501-47504
48001-48006 48008 48021 48022 49003 50001 50002 50004 50005 50007 53404-53406 53500-53505 53600
61004 61007 61010 61016 61451-61458 61500 61501 61503 61504 63002 65301 65303-65314 65316 65317 65320
65400-65414 65416 65417 70000 76001-76004 76021 76022 80067 85079 85096 85400-85403 85405-85408
87007-87009 87014 87020 88000 88001 88003 89002 89300 89503-89507 9410009
"""


def codes_of(table: str) -> list[int]:
    ends = [one.split("-") for one in table.split()]
    return [-1, *(code for end in ends for code in range(int(end[0]), int(end[-1]) + 1))]


def test_every_code_of_the_platform_s_table_is_explained() -> None:
    missing = [code for code in codes_of(GLOBAL) if code not in known_codes()]

    assert missing == []


def test_no_code_stands_twice() -> None:
    codes = [line.split("|")[0] for line in CODES.strip().splitlines()]

    assert len(codes) == len(set(codes)) == len(known_codes())


@pytest.mark.parametrize("code", known_codes())
def test_each_has_words_in_both_languages(code: int) -> None:
    known = explain(code)

    assert known.meaning.isascii()
    assert len(known.meaning) > 5
    assert not known.meaning_zh.isascii()


@pytest.mark.parametrize(
    ("code", "action"),
    [
        (-1, Action.RETRY),
        (40001, Action.REFRESH),
        (40014, Action.REFRESH),
        (42001, Action.REFRESH),
        (45011, Action.BACK_OFF),
        (45009, Action.QUOTA),
        (61503, Action.RETRY),
        (48001, Action.GIVE_UP),
        (70000, Action.GIVE_UP),
        (999999, Action.GIVE_UP),
    ],
)
def test_what_helps(code: int, action: Action) -> None:
    error = refusal(code, "the platform's words", path="/p")

    assert error.action is action
    assert isinstance(error, QuotaExceeded) == (action in (Action.BACK_OFF, Action.QUOTA))


def test_an_unknown_code_keeps_the_platform_s_words() -> None:
    error = refusal(999999, "brand new", path="/p")

    assert isinstance(error, PlatformRefusal)
    assert (error.meaning, error.meaning_zh) == ("brand new", "brand new")
    assert (error.rid, error.fields) == ("", {})
