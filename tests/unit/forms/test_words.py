"""Words many people wrote; nobody's own."""

from quanyu.modules.forms.words import WORDS_MAX, Written, count_words, words_of


def test_chinese_is_divided_and_what_says_nothing_dropped() -> None:
    chinese = words_of("这款明前龙井的包装很精美，物流也快 13800138000")
    mixed = words_of("The ＴＥＡ is a nice tea! zhang@brand.example v2")

    assert list(chinese) == ["明前", "龙井", "包装", "精美", "物流"]
    assert list(mixed) == ["tea", "nice", "tea", "zhang"]  # Neither numbers nor addresses.


def test_a_word_counts_once_an_answer_and_only_of_three_people() -> None:
    written = [
        Written(1, "包装 包装 精美"),
        Written(2, "包装 物流"),
        Written(3, "包装 精美 物流"),
        Written(3, "包装 精美 物流"),
        Written(b"device", "物流"),
    ]

    # Three answers speak of 精美, of two people.
    assert count_words(written) == [("包装", 4), ("物流", 4)]


def test_a_list_has_an_end() -> None:
    many = " ".join(f"{chr(97 + n // 26) * 3}{chr(97 + n % 26)}" for n in range(60))

    found = count_words(Written(writer, many) for writer in range(3))

    assert len(found) == WORDS_MAX
    assert found == sorted(found)
