"""The yardstick of ``bench.linkage``: Splink on DuckDB, set up as its own documentation advises.

It is trained without labels, on the same records: the chance of two strangers agreeing from random pairs, how
often one person's records agree by expectation and maximisation. Its keys are those somebody who knows the
fields would choose; where they pair records alike, what it compares is what we compare.
"""

from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow as pa
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from quanyu.modules.people.matching.model import Record

FIELDS = ("name", "birth_date", "phone", "email", "city", "address")
RANDOM_PAIRS = 2_000_000
SEED = 5
KEEP_FROM = 0.001  # Less likely pairs are of no use to any threshold.

Scored = list[tuple[float, tuple[int, int]]]


def score(records: Sequence[Record]) -> Scored:
    """Train on the records and return which pairs are one person's, and how probably."""
    database = DuckDBAPI(connection=duckdb.connect())
    linker = Linker(database.register(_table(records)), _settings(), log_level="ERROR")
    _train(linker)
    predicted = linker.inference.predict(threshold_match_probability=KEEP_FROM)
    rows = database.duckdb_con.sql(
        f"SELECT match_probability, unique_id_l, unique_id_r FROM {predicted.physical_name}"
    ).fetchall()
    return [(probability, (min(a, b), max(a, b))) for probability, a, b in rows]


def _settings() -> SettingsCreator:
    rarity: dict[str, Any] = {"term_frequency_adjustments": True}
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("name", [0.8, 0.6]).configure(**rarity),
            cl.DateOfBirthComparison("birth_date", input_is_string=True),
            cl.LevenshteinAtThresholds("phone", [1, 2]),
            cl.EmailComparison("email"),
            cl.ExactMatch("city").configure(**rarity),
            cl.JaroWinklerAtThresholds("address", [0.9, 0.8]).configure(**rarity),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("substr(phone, 1, 10)"),
            block_on("substr(phone, -6)"),
            block_on("split_part(email, '@', 1)"),
            block_on("address"),
            block_on("name", "city"),
            block_on("name", "substr(birth_date, 1, 4)"),
            block_on("name", "substr(birth_date, 6)"),
            block_on("birth_date", "city"),
            block_on("birth_date", "substr(name, 1, 1)"),
        ],
    )


def _train(linker: Linker) -> None:
    linker.training.estimate_probability_two_random_records_match(
        [block_on("phone"), block_on("email"), block_on("name", "birth_date")], recall=0.8
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=SEED)
    for rule in (block_on("name"), block_on("birth_date")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)


def _table(records: Sequence[Record]) -> pa.Table:
    columns: dict[str, list[Any]] = {
        field: [next(iter(record.get(field, ())), None) for record in records] for field in FIELDS
    }
    return pa.table({"unique_id": range(len(records)), **columns})
