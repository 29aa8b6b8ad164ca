"""``quanyu import`` as a newcomer runs it: a process of its own, no platform running."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from quanyu.infra.embedded_postgres import EmbeddedPostgres
from support.imports import ORDERS_MAP, lines

ROWS = (
    "536365,85123A,HEART,6,2010-12-01 08:26,2.55,17850,United Kingdom",
    "C536379,D,Discount,-1,2010-12-01 09:41,27.50,,United Kingdom",
    "536366,A,Tea,x,2010-12-01 09:41,27.50,,United Kingdom",
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data(scratch: Path) -> Iterator[Path]:
    """A data directory of a deployment that does not exist yet."""
    path = scratch / "import-cli"
    yield path
    if (path / "postgres").exists():
        EmbeddedPostgres(path / "postgres").stop()


def quanyu(data: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "QUANYU_DATA": str(data), "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-c", "from quanyu.app.cli import main; main()", "import", *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def test_a_wrong_map_is_told_before_anything_starts(tmp_path: Path) -> None:
    data = tmp_path / "never-made"
    file, map_file = tmp_path / "orders.csv", tmp_path / "map.toml"
    file.write_text(lines(*ROWS))
    map_file.write_text(ORDERS_MAP.replace("quantity =", "quantum ="))

    answer = quanyu(data, "orders", file, "--map", map_file)

    assert answer.returncode == 2
    assert "map.toml: [lines] quantum: unknown setting; did you mean quantity?" in answer.stderr
    assert "未知的设置" in answer.stderr
    map_file.write_text(ORDERS_MAP)
    assert quanyu(data, "people", file, "--map", map_file).returncode == 2
    assert quanyu(data, "orders", tmp_path / "none.csv", "--map", map_file).returncode == 2
    assert not data.exists()


def test_files_are_imported_by_a_platform_started_for_it(data: Path, tmp_path: Path) -> None:
    file, map_file = tmp_path / "orders.csv", tmp_path / "map.toml"
    map_file.write_text(ORDERS_MAP)
    file.write_text("a,b\n1,2\n")
    wrong = quanyu(data, "orders", file, "--map", map_file)
    assert wrong.returncode == 2
    assert "columns of the map are missing: date, customer" in wrong.stderr
    assert "缺少映射文件中的列" in wrong.stderr

    file.write_text(lines(*ROWS))
    dry = quanyu(data, "orders", file, "--map", map_file, "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert "dry run, nothing written" in dry.stderr
    assert '"order:536365:completed"' in dry.stderr

    first = quanyu(data, "orders", file, "--map", map_file)
    assert first.returncode == 0, first.stderr
    assert counts(first.stderr)["newly written"] == 2
    assert counts(first.stderr)["rows rejected"] == 1
    assert "number.invalid" in first.stderr
    assert "rejects.csv" in first.stderr

    again = quanyu(data, "orders", file, "--map", map_file)
    assert again.returncode == 0, again.stderr
    assert counts(again.stderr)["already there"] == 2
    assert "newly written" not in counts(again.stderr)
    listed = quanyu(data, "list")
    assert listed.stdout.count("completed") == 3
    assert listed.stdout.count("failed") == 1


def counts(text: str) -> dict[str, int]:
    """Read the table of counts by its English labels."""
    found = {}
    for line in text.splitlines():
        label, _, count = line.rstrip().rpartition("  ")
        if count.strip().replace(",", "").isdigit():
            found[" ".join(word for word in label.split() if word.isascii())] = int(
                count.strip().replace(",", "")
            )
    return found
