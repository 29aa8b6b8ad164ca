"""Learning who leaves: on real customers against published figures, and over which times it is learned."""

import csv
import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from quanyu.modules.insight.churn.contracts import ChurnBasis, ChurnCard, ChurnRefusal, ChurnSettings
from quanyu.modules.insight.churn.fit import learn
from quanyu.modules.insight.churn.rows import Rows
from quanyu.modules.insight.churn.study import band_of, frame_of, too_thin

NOW = datetime(2026, 3, 4, tzinfo=UTC)


Table = tuple[list[str], np.ndarray, np.ndarray]


@pytest.fixture
def telco(shared_data: Path) -> Table:
    """Read columns (tenure first), features with one column per answer, and who left."""
    with gzip.open(shared_data / "data" / "telco_churn" / "telco_churn.csv.gz", "rt") as file:
        rows = list(csv.DictReader(file))
    numbers = ["tenure", "monthly_charges", "total_charges"]
    names = [key for key in rows[0] if key not in {*numbers, "churn", "customer_id", "customerID", ""}]
    columns = {name: np.array([_number(row[name]) for row in rows]) for name in numbers}
    for name in names:
        answers = sorted({row[name] for row in rows})
        if len(answers) <= 6:
            for answer in answers[1:]:
                columns[f"{name}={answer}"] = np.array([float(row[name] == answer) for row in rows])
    left = np.array([row["churn"] == "Yes" for row in rows], dtype=np.int64)
    # How long somebody has stayed, turned round: the longer, the safer.
    columns["tenure"] = columns["tenure"].max() - columns["tenure"]
    return list(columns), np.column_stack(list(columns.values())), left


def _number(text: str) -> float:
    return float(text) if text not in {"", "NA"} else 0.0


@pytest.mark.slow
@pytest.mark.shared
def test_real_customers_are_told_apart_as_well_as_published(telco: Table) -> None:
    names, values, left = telco
    assert (len(left), int(left.sum())) == (7_043, 1_869)
    person = np.arange(len(left))
    some = np.random.default_rng(0).permutation(len(left))
    cut = len(some) * 4 // 5
    learned, tested = (Rows(person[part], values[part], left[part]) for part in (some[:cut], some[cut:]))
    is_log = [False] * len(names)

    found = learn(learned, tested, values[:5], tuple(names), is_log)

    auc = {one.name: one.auc for one in found.quality.models}
    print(f"\ntelco churn: AUC {auc}, chosen {found.quality.chosen}, log loss {found.quality.log_loss}")
    print(f"  baseline log loss {found.quality.base_log_loss}, calibration {found.quality.calibration_error}")
    # Published: logistic regression .845, boosting .836.
    assert auc[found.quality.chosen] > 0.82
    assert auc["logistic"] > 0.82
    assert auc["boosting"] > 0.81
    assert auc[found.quality.chosen] > auc["tenure"] + 0.05
    assert found.quality.calibration_error < 0.05
    assert found.quality.bins[0].lift > 2
    assert found.quality.log_loss < found.quality.base_log_loss


def made_up(people: int, seed: int) -> Rows:
    random = np.random.default_rng(seed)
    values = random.exponential(10.0, (people, 3))
    odds = 1.2 * (np.log1p(values[:, 0]) - 2.0) - 0.8 * (np.log1p(values[:, 1]) - 2.0)
    left = (random.random(people) < 1 / (1 + np.exp(-odds))).astype(np.int64)
    return Rows(np.arange(people), values, left)


def test_what_decides_is_found_and_what_does_not_is_not() -> None:
    learned, tested = made_up(1_500, 1), made_up(1_500, 2)
    now = np.array([[80.0, 1.0, 5.0], [1.0, 80.0, 5.0]])
    found = learn(learned, tested, now, ("silent", "orders", "noise"), [True, True, True])
    quality = found.quality
    telling = {one.feature: one for one in quality.telling}
    assert telling["silent"].raises
    assert not telling["orders"].raises
    assert telling["noise"].auc_lost < 0.02 < telling["orders"].auc_lost
    assert quality.chosen == "logistic"  # The truth is linear in logarithms.
    assert quality.calibration_error < 0.05
    assert sum(one.people for one in quality.bins) == 1_500
    assert found.probabilities[0] > 0.8 > 0.2 > found.probabilities[1]
    assert {place for place, effect in found.reasons[0] if effect > 0} == {0, 1}
    again = learn(learned, tested, now, ("silent", "orders", "noise"), [True, True, True])
    assert (again.quality, again.reasons) == (quality, found.reasons)


def test_the_time_tested_on_lies_after_all_that_was_learned_from() -> None:
    frame = frame_of(ChurnSettings(horizon_days=30), as_of=NOW, history_days=125)
    assert frame is not None
    day = timedelta(days=1)
    assert frame.tested_at == NOW - 30 * day
    assert frame.cut_offs == (NOW - 60 * day, NOW - 90 * day)
    # What came after the last cut-off learned from ends where the time tested on begins.
    assert frame.cut_offs[0] + 30 * day == frame.tested_at
    assert frame.recent == 60
    unchosen = frame_of(ChurnSettings(), as_of=NOW, history_days=45)
    assert unchosen is not None
    assert unchosen.horizon == 14
    assert frame_of(ChurnSettings(), as_of=NOW, history_days=20) is None
    assert frame_of(ChurnSettings(horizon_days=90), as_of=NOW, history_days=269) is None


@pytest.mark.parametrize(
    ("learned", "learned_left", "tested", "tested_left", "why"),
    [
        (0, 0, 500, 100, ChurnRefusal.NO_CUSTOMERS),
        (99, 50, 500, 100, ChurnRefusal.TOO_FEW_PEOPLE),
        (500, 100, 99, 50, ChurnRefusal.TOO_FEW_PEOPLE),
        (500, 19, 500, 100, ChurnRefusal.TOO_ONE_SIDED),
        (500, 100, 500, 481, ChurnRefusal.TOO_ONE_SIDED),
        (500, 100, 500, 100, None),
    ],
)
def test_too_little_is_refused_with_a_reason(
    learned: int, learned_left: int, tested: int, tested_left: int, why: ChurnRefusal | None
) -> None:
    card = ChurnCard(
        basis=ChurnBasis.ORDERS, learned=learned, learned_left=learned_left, tested=tested,
        tested_left=tested_left, least_people=100, least_each=20, seed=1,
    )  # fmt: skip
    assert too_thin(card) is why


def test_bands_are_twenty_points_each() -> None:
    assert [band_of(one) for one in (0.0, 0.1999, 0.2, 0.5, 0.8, 1.0)] == ["1", "1", "2", "3", "5", "5"]
