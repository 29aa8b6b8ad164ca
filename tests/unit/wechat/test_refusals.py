"""The table of error codes: complete, in two languages, and with an action for each."""

import pytest

from quanyu.wechat.errors import PlatformRefusal, QuotaExceeded, refusal
from quanyu.wechat.refusal_codes import CODES
from quanyu.wechat.refusals import Action, Dialect, explain, known_codes
from quanyu.wechat.wecom.archive_codes import CODES as ARCHIVE_CODES
from quanyu.wechat.wecom.refusal_codes import CODES as WECOM_CODES

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


# The same of WeCom: developer.work.weixin.qq.com, 全局错误码.
WECOM = """
6000 40001 40003-40009 40013 40014 40029 40031 40032 40035 40056 40058 40063 40066 40068 40071 40072 40091
40096-40100 40126 40128-40131 40143 40144 40201 40204 40205 41001 41002 41004 41006 41009-41011 41019 41035
41037-41055 41056-41065 41067-41091 41093-41096 41098 41099 41200 41201 41210 42001 42003 42022 42052
44001 45001 45002 45007-45009 45024 45026 45029 45033 45035 45036 46003 46004 48001 48002 48004-48007 49008
50001-50003 50100 60003-60008 60011 60020 60021 60102-60106 60111 60112 60123-60125 60129 60140 60251-60253
81013 81017 82001-82004 84014 84015 84061 84074 84084 90500-90511 95000-95002 95004-95007 95013-95016 95018
95019 95021 95026 95027 95030 95031 95033 301002 301052-301061 701008 845001-845003
"""


def codes_of(table: str) -> list[int]:
    ends = [one.split("-") for one in table.split()]
    return [-1, *(code for end in ends for code in range(int(end[0]), int(end[-1]) + 1))]


def test_every_code_of_the_platform_s_table_is_explained() -> None:
    assert [code for code in codes_of(GLOBAL) if code not in known_codes()] == []
    assert [code for code in codes_of(WECOM) if code not in known_codes(Dialect.WECOM)] == []


@pytest.mark.parametrize(
    ("table", "dialect"),
    [(CODES, Dialect.OPEN), (WECOM_CODES, Dialect.WECOM), (ARCHIVE_CODES, Dialect.ARCHIVE)],
)
def test_no_code_stands_twice(table: str, dialect: Dialect) -> None:
    codes = [line.split("|")[0] for line in table.strip().splitlines()]

    assert len(codes) == len(set(codes)) == len(known_codes(dialect))


@pytest.mark.parametrize(
    ("dialect", "code"), [(dialect, code) for dialect in Dialect for code in known_codes(dialect)]
)
def test_each_has_words_in_both_languages(dialect: Dialect, code: int) -> None:
    known = explain(code, dialect)

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


@pytest.mark.parametrize(
    ("code", "action"),
    [
        (-1, Action.RETRY),
        (40001, Action.GIVE_UP),
        (40014, Action.REFRESH),
        (42001, Action.REFRESH),
        (45009, Action.BACK_OFF),
        (45035, Action.RETRY),
        (41063, Action.RETRY),
        (41210, Action.QUOTA),
        (84061, Action.GIVE_UP),
    ],
)
def test_what_helps_at_wecom_where_the_same_numbers_mean_something_else(code: int, action: Action) -> None:
    error = refusal(code, "the platform's words", path="/p", dialect=Dialect.WECOM)

    assert error.action is action
    assert isinstance(error, QuotaExceeded) == (action in (Action.BACK_OFF, Action.QUOTA))
    assert error.message_zh.startswith("企业微信接口拒绝：")


def test_an_unknown_code_keeps_the_platform_s_words() -> None:
    error = refusal(999999, "brand new", path="/p")

    assert isinstance(error, PlatformRefusal)
    assert (error.meaning, error.meaning_zh) == ("brand new", "brand new")
    assert (error.rid, error.fields) == ("", {})
