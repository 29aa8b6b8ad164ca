"""No table about people without a decision: what an erasure does with it, and what people are shown of it."""

import re
from collections import defaultdict
from pathlib import Path

from quanyu.flows.rights.files import FILES
from quanyu.flows.rights.holdings import HOLDINGS, Fate
from quanyu.infra.data_directory import DataDirectory

MIGRATIONS = Path(__file__).parents[2] / "src" / "quanyu" / "app" / "migrations" / "postgres" / "versions"
_TABLE = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+) \((.*?)\n\s*\)", re.DOTALL)
_ADDED = re.compile(r"ALTER TABLE (\w+)([^;\"]*)")
_ABOUT_PEOPLE = re.compile(
    r"\b((?:\w+_)?person_ids?|person_[ab]|canonical_id|inviter_id|\w*_?token|\w*_?sealed|grams|recipient)"
    r" (?:int|bigint|bytea|int\[\]|bigint\[\])"
)
HOW_TO = """{table} holds {columns}, and nothing says what an erasure does with it.
Say so with one line in src/quanyu/flows/rights/holdings.py:
  erased("{table}", person="<column>")              rows of a person go (blind="…": a column with a token)
  redacted("{table}", person="…", sets="x = NULL")  they stay for figures, without what says something of them
  kept("{table}", "why", person="…")                they stay under an id that stands for nobody any more
  elsewhere("{table}", "why")                       not about customers, or a step takes care
Tables that refer to others come before them. docs/explanation/personal-data.md lists what stays."""


def _columns_about_people() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for file in sorted(MIGRATIONS.glob("*.py")):
        text = file.read_text(encoding="utf-8")
        for table, body in [*_TABLE.findall(text), *_ADDED.findall(text)]:
            found[table].update(_ABOUT_PEOPLE.findall(body))
    return {table: columns for table, columns in found.items() if columns}


def test_every_table_about_people_has_a_decision() -> None:
    decided = {one.table for one in HOLDINGS}
    missing = {table: columns for table, columns in _columns_about_people().items() if table not in decided}
    assert not missing, "\n\n".join(
        HOW_TO.format(table=table, columns=", ".join(sorted(columns))) for table, columns in missing.items()
    )


def test_decisions_are_about_tables_there_are_and_say_why() -> None:
    made = set(re.findall(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)", _all_migrations()))
    assert {one.table for one in HOLDINGS} - made == set()
    for one in HOLDINGS:
        if one.fate in (Fate.KEPT, Fate.ELSEWHERE):
            assert one.why, one.table
        else:
            assert one.people or one.tokens, one.table


def test_every_place_of_files_has_a_decision() -> None:
    places = {name for name, member in vars(DataDirectory).items() if isinstance(member, property)}
    assert {one.place for one in FILES} == places, (
        "Say in src/quanyu/flows/rights/files.py what an erasure does with these files."
    )


def _all_migrations() -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in MIGRATIONS.glob("*.py"))
