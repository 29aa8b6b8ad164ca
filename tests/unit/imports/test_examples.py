"""What we show works: every example map reads, every example file imports without a reject."""

from pathlib import Path

import pytest

from quanyu.flows.imports.faults import Fault, Reason
from quanyu.flows.imports.mapfile import read_map
from support.imports import prepared_file

ROOT = Path(__file__).parents[3]
MAPS = sorted((ROOT / "examples" / "maps").glob("*.toml"))


@pytest.mark.parametrize("path", MAPS, ids=lambda path: path.stem)
def test_every_example_map_can_be_read(path: Path) -> None:
    import_map, _ = read_map(path)
    assert import_map.columns()


@pytest.mark.parametrize(
    ("name", "events"),
    [
        ("people", {"Identify": 3}),
        ("events", {"Store Visited": 2, "Tea Tasted": 1}),
        ("orders", {"Order Completed": 2, "Order Refunded": 1}),
    ],
)
def test_every_example_file_imports_without_a_reject(
    tmp_path: Path, name: str, events: dict[str, int]
) -> None:
    file = ROOT / "examples" / "maps" / f"{name}.csv"

    manifest, _ = prepared_file(file, tmp_path / "job", file.with_suffix(".toml").read_text(encoding="utf-8"))

    assert (manifest.rows_rejected, manifest.events_by_name) == (0, events)


def test_the_reference_lists_every_reason() -> None:
    text = (ROOT / "docs" / "reference" / "import-map.md").read_text(encoding="utf-8")
    missing = [
        reason
        for reason in Reason
        if f"| `{reason}` | {Fault(reason).message_zh} | {Fault(reason).message_en} |" not in text
    ]
    assert missing == []
