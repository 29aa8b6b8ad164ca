"""Clusters of people whose groups are known: found again, told in words, and the same from run to run."""

import numpy as np
import pytest

from quanyu.modules.insight.clusters.contracts import ClusterRefusal, ClusterSettings, Feature
from quanyu.modules.insight.clusters.fit import Clustered, cluster, recognise
from quanyu.modules.insight.clusters.selection import Compared, select

FEATURES = (Feature.ORDERS, Feature.SPENT, Feature.QUIET_DAYS)
# Orders, spent, days of silence: those who buy often, those who spend much at once, those who left.
KINDS = ((20.0, 900.0, 3.0), (2.0, 3000.0, 20.0), (1.0, 40.0, 300.0))
EACH = 120


def shoppers(seed: int, *, first: int = 1, odd: int = 0) -> Compared:
    random = np.random.default_rng(seed)
    rows = [np.array(kind) * random.lognormal(0.0, 0.15, (EACH, 3)) for kind in KINDS]
    rows.append(np.tile([5.0, 1e9, 1.0], (odd, 1)))
    values = np.vstack(rows)
    return Compared(np.arange(first, first + len(values)), values, FEATURES, 0)


@pytest.fixture(scope="module")
def found() -> Clustered:
    return cluster(shoppers(1, odd=2), None, {}, None)


def labels_of(found: Clustered, people: Compared) -> dict[int, str]:
    ids = [one.id for one in found.card.clusters]
    return {
        int(person): ids[place]
        for person, place in zip(people.person, found.places, strict=True)
        if place >= 0
    }


def test_groups_that_are_there_are_found_and_told_in_words(found: Clustered) -> None:
    card = found.card
    assert (card.refusal, card.k, card.outliers, card.people) == (None, 3, 2, 3 * EACH + 2)
    best = next(one for one in card.tried if one.k == 3)
    assert best.silhouette > 0.5
    assert best.stability > 0.95
    assert sorted(one.people for one in card.clusters) == [EACH, EACH, EACH]
    for place in range(3):  # Everybody of a kind is together.
        assert len(set(found.places[place * EACH : (place + 1) * EACH].tolist())) == 1
    assert found.places[-2:].tolist() == [-1, -1]
    names = {card.clusters[found.places[place * EACH]].name.zh for place in range(3)}
    assert len(names) == 3
    often = card.clusters[found.places[0]]
    assert ("买得勤" in often.name.zh, "uys often" in often.name.en) == (True, True)
    assert often.stand_out[0].feature is Feature.ORDERS
    assert 15 < often.medians[Feature.ORDERS] < 25


def test_the_same_input_gives_the_same_clusters(found: Clustered) -> None:
    again = cluster(shoppers(1, odd=2), None, {}, 3)
    assert again.card.clusters == found.card.clusters
    assert again.places.tolist() == found.places.tolist()


def test_a_group_that_stays_keeps_id_and_name(found: Clustered) -> None:
    people = shoppers(1, odd=2)
    before = labels_of(found, people)
    # The same people behave a little differently, and one in ten changes places.
    later = shoppers(2, odd=0)
    moved = later.values.copy()
    moved[: EACH // 10] = later.values[EACH : EACH + EACH // 10]
    second = cluster(Compared(later.person, moved, FEATURES, 0), found.card, before, 3)
    assert {one.id: one.name for one in second.card.clusters} == {
        one.id: one.name for one in found.card.clusters
    }
    assert not any(one.is_new for one in second.card.clusters)
    after = labels_of(second, later)
    assert sum(before[one] != after[one] for one in after) == EACH // 10
    assert all(before[one] == after[one] for one in after if one > EACH // 10)


def test_people_nobody_knows_make_new_groups(found: Clustered) -> None:
    before = labels_of(found, shoppers(1, odd=2))
    strangers = cluster(shoppers(3, first=10_000), found.card, before, 3)
    assert {one.id for one in strangers.card.clusters} == {"c4", "c5", "c6"}
    assert strangers.card.last_number == 6
    assert len({one.name.zh for one in strangers.card.clusters}) == 3


def test_pairs_are_those_that_overlap_most(found: Clustered) -> None:
    # Old c1 is split: the larger part keeps its id, the other is new; c2 and c3 change places.
    person = np.arange(90)
    old = {one: ("c1" if one < 50 else "c2" if one < 70 else "c3") for one in range(90)}
    places = np.array([0 if one < 10 else 1 if one < 50 else 3 if one < 70 else 2 for one in range(90)])
    ids, last = recognise(person, places, 4, found.card, old)
    assert (ids, last) == (["c4", "c1", "c3", "c2"], 4)


def test_it_refuses_where_there_is_nothing_to_find() -> None:
    random = np.random.default_rng(5)
    cloud = Compared(
        np.arange(600), np.exp(random.normal(3.0, 0.5, (600, 5))),
        (*FEATURES, Feature.VIEWS, Feature.AGE_DAYS), 0,
    )  # fmt: skip
    refused = cluster(cloud, None, {}, None)
    assert (refused.card.refusal, refused.card.k, len(refused.places)) == (
        ClusterRefusal.NOTHING_STANDS_OUT, None, 0,
    )  # fmt: skip
    assert len(refused.card.tried) == 9
    same = Compared(np.arange(300), np.ones((300, 3)), FEATURES, 0)
    told = cluster(same, None, {}, None).card
    assert (told.refusal, told.constant) == (ClusterRefusal.TOO_FEW_FEATURES, FEATURES)


def test_whoever_cannot_be_compared_is_counted() -> None:
    columns = [[1, 2, 3], [5, 1, 9], [1, 1, 0], [3.0, 1.0, 0.0], [9.0, 2.0, 4.0]]
    buyers = select(columns, (Feature.ORDERS, Feature.ACTIVE_DAYS))
    assert (buyers.person.tolist(), buyers.too_little) == ([1], 2)
    everybody = select(columns, (Feature.VIEWS, Feature.ACTIVE_DAYS))
    assert (everybody.person.tolist(), everybody.too_little) == ([1, 3], 1)
    assert select([[], [], [], [], []], (Feature.VIEWS, Feature.ACTIVE_DAYS)).person.tolist() == []


def test_a_feature_counts_once() -> None:
    assert ClusterSettings(features=(Feature.VIEWS, Feature.VIEWS, Feature.ORDERS)).features == (
        Feature.VIEWS, Feature.ORDERS,
    )  # fmt: skip
