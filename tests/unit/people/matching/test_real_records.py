"""Linkage of public records, against the figures published with them."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import pytest

from quanyu.modules.people.matching.blocking import Blocks
from quanyu.modules.people.matching.comparing import plain
from quanyu.modules.people.matching.model import SUGGEST_MIN, CountedValues, Model, Record

pytestmark = pytest.mark.slow

Pairs = set[tuple[int, int]]
_FEBRL = {
    "given_name": "given_name", "surname": "surname", "birth_date": "date_of_birth",
    "id_number": "soc_sec_id", "street_number": "street_number", "city": "suburb", "postcode": "postcode",
}  # fmt: skip
_SPLINK = {
    "given_name": "first_name", "surname": "surname", "birth_date": "dob", "city": "city", "email": "email",
}  # fmt: skip


class Quality(NamedTuple):
    precision: float
    recall: float
    f1: float


class Figures(NamedTuple):
    coverage: float  # Of the true pairs so many are compared.
    pairs: Quality
    people: Quality  # Of the pairs that accepting every suggestion makes one person.


@pytest.mark.parametrize(
    # The floors are above the baseline the README gives for set 3: P .9991, R .9818, F1 .9904.
    ("number", "true_pairs", "coverage", "precision", "recall", "f1"),
    [
        (1, 500, 1.0, 1.0, 1.0, 1.0),
        (2, 1_934, 0.999, 0.999, 0.999, 0.999),
        (3, 6_538, 0.999, 0.9995, 0.997, 0.998),
    ],
)
def test_febrl(
    shared_data: Path,
    number: int,
    true_pairs: int,
    coverage: float,
    precision: float,
    recall: float,
    f1: float,
) -> None:
    with gzip.open(shared_data / "data" / "febrl" / f"dataset{number}.csv.gz", "rt") as file:
        rows = [{key.strip(): value.strip() for key, value in row.items()} for row in csv.DictReader(file)]
    records = [
        {**_record(row, _FEBRL), "address": (plain(f"{row['address_1']} {row['address_2']}"),)}
        for row in rows
    ]
    truth = _pairs_of([row["rec_id"].split("-")[1] for row in rows])
    assert len(truth) == true_pairs
    found = _figures(records, truth)
    _tell(f"febrl {number}", found, "set 3: P .9991 R .9818 F1 .9904")
    assert found.coverage >= coverage
    assert found.pairs.precision >= precision
    assert found.pairs.recall >= recall
    assert found.pairs.f1 >= f1


def test_splink_fake_1000(shared_data: Path) -> None:
    # A field in seven is empty and much of the rest is misspelt: many pairs have nothing in common
    # that would say more than chance, and only a third record tells that they belong together.
    with (shared_data / "data" / "splink_fake_1000" / "fake_1000.csv").open() as file:
        rows = list(csv.DictReader(file))
    truth = _pairs_of([row["cluster"] for row in rows])
    assert len(truth) == 2_031
    found = _figures([_record(row, _SPLINK) for row in rows], truth)
    _tell("splink fake 1000", found, "none in figures: compare with the cluster column")
    assert found.coverage >= 0.95
    assert found.pairs.precision >= 0.985
    assert found.pairs.recall >= 0.86
    assert found.pairs.f1 >= 0.92
    assert found.people.f1 >= 0.92


def _record(row: Mapping[str, str], columns: Mapping[str, str]) -> Record:
    values = {field: plain(row[column]) for field, column in columns.items()}
    return {field: (value,) for field, value in values.items() if value}


def _figures(records: list[Record], truth: Pairs) -> Figures:
    candidates = set(Blocks(records).pairs())
    matches = Model(CountedValues(records)).matches(records, candidates, at_least=SUGGEST_MIN)
    found = {(match.a, match.b) for match in matches}
    return Figures(
        coverage=len(candidates & truth) / len(truth),
        pairs=_quality(found, truth),
        people=_quality(_joined(found, len(records)), truth),
    )


def _quality(found: Pairs, truth: Pairs) -> Quality:
    right = len(found & truth)
    precision, recall = right / len(found), right / len(truth)
    return Quality(precision, recall, 2 * precision * recall / (precision + recall))


def _joined(pairs: Iterable[tuple[int, int]], count: int) -> Pairs:
    group = list(range(count))
    for a, b in pairs:
        one, other = group[a], group[b]
        if one != other:
            group = [one if member == other else member for member in group]
    return _pairs_of([str(member) for member in group])


def _pairs_of(entities: list[str]) -> Pairs:
    members: dict[str, list[int]] = defaultdict(list)
    for place, entity in enumerate(entities):
        members[entity].append(place)
    return {pair for group in members.values() for pair in combinations(group, 2)}


def _tell(name: str, found: Figures, published: str) -> None:
    print(
        f"\n{name}: compared {found.coverage:.4f} of true pairs; "
        f"P {found.pairs.precision:.4f} R {found.pairs.recall:.4f} F1 {found.pairs.f1:.4f}; "
        f"people F1 {found.people.f1:.4f}; published: {published}"
    )
