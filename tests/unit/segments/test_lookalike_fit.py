"""Learning what a seed is like: on real customers, on chance, and the figures told of it."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from quanyu.modules.segments.lookalike.contracts import FeatureKind, LookalikeWarning
from quanyu.modules.segments.lookalike.features import Feature
from quanyu.modules.segments.lookalike.fit import learn
from quanyu.modules.segments.lookalike.judging import quality_of, reasons_of, warnings_of, wilson
from quanyu.modules.segments.lookalike.rows import Triplets


def _told(values: np.ndarray) -> Triplets:
    row, column = np.nonzero(values)
    return Triplets(row, column, values[row, column])


@pytest.mark.slow
@pytest.mark.shared
def test_real_customers_alike_are_found(shared_data: Path) -> None:
    """Of customers who left, three tenths are the seed; the others who left are the people like them."""
    with gzip.open(shared_data / "data" / "telco_churn" / "telco_churn.csv.gz", "rt") as file:
        rows = list(csv.DictReader(file))
    features, columns = [], []
    for key in rows[0]:
        texts = [row[key] for row in rows]
        if key in {"tenure", "monthly_charges"}:
            numbers = np.array([float(text) for text in texts])
            quarters = np.quantile(numbers, (0.25, 0.5, 0.75))
            one = Feature(FeatureKind.NUMBER, key, center=quarters[1], spread=quarters[2] - quarters[0])
            features.append(one)
            columns.append(one.made(numbers))
        elif key != "churn" and len(set(texts)) <= 6:
            for value in sorted(set(texts)):
                features.append(Feature(FeatureKind.ATTRIBUTE, key, value))
                columns.append(np.array([float(text == value) for text in texts]))
    values, left = np.column_stack(columns), np.array([row["churn"] == "Yes" for row in rows])
    random = np.random.default_rng(5)
    is_seed = np.zeros(len(rows), dtype=np.int64)
    is_seed[random.choice(np.flatnonzero(left), 560, replace=False)] = 1
    others = np.flatnonzero(is_seed == 0)
    wanted = int(left[others].sum())

    learned = learn(_told(values), is_seed, len(features), wanted / len(others))

    scores = values[others] @ learned.weights
    precision = left[others][np.argsort(-scores)[:wanted]].mean()
    base = left[others].mean()
    quality = quality_of(learned)
    print(f"\ntelco churn: {wanted} found, precision {precision:.3f} against {base:.3f} at random")
    print(f"  told before: AUC {quality.auc}, share found {quality.asked.found}, lift {quality.asked.lift}")
    assert precision > 2.5 * base
    # The others who left are like the seed, so what the test foretold of the seed comes true of them.
    assert precision == pytest.approx(quality.asked.found, abs=0.04)
    assert quality.lift_low < precision / base < quality.lift_high
    assert quality.auc > 0.75
    reasons = reasons_of(features, learned.weights, _told(values), is_seed)
    assert ("contract", "Month-to-month") in [(one.name, one.value) for one in reasons[:3]]
    assert sum(one.effect for one in reasons) <= 1


def test_chance_separates_nothing_and_says_so() -> None:
    random = np.random.default_rng(1)
    values = random.normal(size=(400, 30))
    is_seed = (np.arange(400) % 4 == 0).astype(np.int64)
    learned = learn(_told(values), is_seed, 30, 0.1)
    quality = quality_of(learned)
    assert LookalikeWarning.NOTHING_SEPARATES in warnings_of(quality, seed=100, asked_share=0.1)
    assert 0.3 < quality.auc < 0.7


def test_a_rule_in_disguise_is_called_one() -> None:
    random = np.random.default_rng(2)
    values = random.normal(size=(300, 6))
    is_seed = (np.arange(300) % 5 == 0).astype(np.int64)
    values[:, 3] = is_seed
    quality = quality_of(learn(_told(values), is_seed, 6, 0.6))
    assert quality.best_single_auc == 1.0
    assert quality.asked.found == 1.0
    assert warnings_of(quality, seed=60, asked_share=0.6) == (
        LookalikeWarning.ONE_THING_DECIDES, LookalikeWarning.MOST_OF_BASE,
    )  # fmt: skip
    assert warnings_of(quality, seed=49, asked_share=0.6)[0] is LookalikeWarning.SEED_SMALL


def test_people_who_cannot_be_told_apart_are_found_as_by_chance() -> None:
    """With nothing but ties, the first tenth holds a tenth: levels count in part."""
    values = np.ones((200, 1))
    is_seed = (np.arange(200) % 2 == 0).astype(np.int64)
    quality = quality_of(learn(_told(values), is_seed, 1, 0.1))
    assert (quality.auc, quality.asked.found, quality.asked.lift) == (0.5, 0.1, 1.0)


def test_figures_read_back_as_measured() -> None:
    count = Feature(FeatureKind.EVENT_COUNT, "Viewed")
    recency = Feature(FeatureKind.EVENT_RECENCY, "Viewed")
    number = Feature(FeatureKind.NUMBER, "age", center=30.0, spread=10.0)
    for feature, raw in ((count, 7.0), (recency, 45.0), (number, 62.0), (number, 11.0)):
        assert feature.read_back(float(feature.made(np.array([raw]))[0])) == pytest.approx(raw)
    assert Feature(FeatureKind.TAG, "1").read_back(1.0) is None


def test_the_interval_is_wilsons() -> None:
    """Known answer: 8 of 10 lie in 0.490 to 0.943."""
    low, high = wilson(0.8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert wilson(1.0, 10)[1] == 1.0
