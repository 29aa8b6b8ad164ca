"""The page of event outcomes names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "reference" / "event-outcomes.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_every_test_the_page_names_exists() -> None:
    named = NAMED.findall(PAGE.read_text(encoding="utf-8"))
    assert len(named) >= 25

    missing = [
        f"{path}::{test}"
        for path, test in named
        if not re.search(rf"def {test}\(", (ROOT / path).read_text(encoding="utf-8"))
    ]

    assert missing == []


def test_every_outcome_of_the_tables_with_a_proof_names_one() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    unproved, is_proved = [], False
    for line in lines:
        if line.startswith("| event"):
            is_proved = "proof" in line
        elif is_proved and line.startswith("| ") and not NAMED.search(line):
            unproved.append(line)

    assert unproved == []
