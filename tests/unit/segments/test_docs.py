"""Every example in the documents is a definition this release reads."""

import json
import re
from pathlib import Path

import pytest

from quanyu.modules.insight.classes import CLASSES
from quanyu.modules.segments.tree import parse_definition

DOCS = Path(__file__).parents[3] / "docs" / "reference"
EXAMPLES = [
    pytest.param(block, id=f"{page}-{index}")
    for page in ("segments.md", "rfm.md")
    for index, block in enumerate(re.findall(r"```json\n(.*?)```", (DOCS / page).read_text(), re.DOTALL))
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_are_definitions(example: str) -> None:
    parse_definition(json.loads(example))


def test_the_table_of_classes_is_the_one_in_use() -> None:
    rows = re.findall(
        r"\| (high|low) \| (high|low) \| (high|low) \| `(\w+)` \| (\S+) \| ([^|]+) \|",
        (DOCS / "rfm.md").read_text(),
    )
    table = {(r == "high", f == "high", m == "high"): (code, zh, en) for r, f, m, code, zh, en in rows}
    assert table == {key: (each.code, each.zh, each.en) for key, each in CLASSES.items()}
