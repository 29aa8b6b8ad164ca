"""The score of two records, and which are compared: the same however they are put."""

from hypothesis import given
from hypothesis import strategies as st

from quanyu.modules.people.matching.blocking import BLOCK_MAX, KEYS_MAX, Blocks, keys
from quanyu.modules.people.matching.model import FIELDS, CountedValues, Model, Record

_VALUES = {
    "name": ["王小明", "王晓明", "李雷", "韩梅梅", "欧阳娜娜", "li lei"],
    "birth_date": ["1990-05-17", "1990-05-18", "1985-01-01", "not a date", "19"],
    "phone": ["+8613800138000", "+8613800138001", "+8613911110000"],
    "email": ["lilei@qq.com", "li.lei@163.com", "@", "x@"],
    "address": ["中山路 1 号", "1 号 中山路", "解放路 20 号"],
    "city": ["杭州", "宁波"],
}
records: st.SearchStrategy[Record] = st.fixed_dictionaries(
    {},
    optional={
        field: st.lists(st.sampled_from(values) | st.text(min_size=1, max_size=6), min_size=1, max_size=3)
        for field, values in _VALUES.items()
    },
)


@given(st.lists(records, min_size=2, max_size=8))
def test_a_score_is_the_same_both_ways_round_and_a_probability(found: list[Record]) -> None:
    model = Model(CountedValues(found))
    for one in found:
        for other in found:
            score, agreements = model.compare(one, other)
            back, turned = model.compare(other, one)
            assert 0 <= score <= 1
            assert (score, sorted(agreements)) == (back, sorted(turned))
            assert {agreement.field for agreement in agreements} <= FIELDS.keys()


@given(st.lists(records, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_records_changes_neither_pairs_nor_scores(found: list[Record], random) -> None:  # type: ignore[no-untyped-def]
    places = list(range(len(found)))
    random.shuffle(places)
    shuffled = [found[place] for place in places]
    compared = set(Blocks(found).pairs())
    assert all(a < b for a, b in compared)
    assert compared == {
        (min(places[a], places[b]), max(places[a], places[b])) for a, b in Blocks(shuffled).pairs()
    }
    one, other = Model(CountedValues(found)), Model(CountedValues(shuffled))
    for a, b in compared:
        assert one.compare(found[a], found[b]) == other.compare(found[a], found[b])


@given(records)
def test_a_record_meets_its_like_and_has_a_bounded_number_of_keys(record: Record) -> None:
    assert len(keys(record)) <= KEYS_MAX
    assert bool(list(Blocks([record, record]).pairs())) == bool(keys(record))
    assert list(Blocks([record] * (BLOCK_MAX + 1)).pairs()) == []
