"""``python -m bench [NAME …]``: run benches one after the other; all of them rewrite the table in the docs.

Every bench is a module that prints its results as lines of JSON and tells by its exit code whether its answer
was right. Each runs in a process of its own: none inherits another's memory, loop or embedded engine.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.machine import Machine, look_at_machine
from bench.page import rewrite

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "explanation" / "performance.md"
BENCHES = (
    "events_http",
    "single_event_door",
    "callback_codec",
    "callback_door",
    "reply_waits",
    "client_sends",
    "messages",
    "governor",
    "welcomes",
    "journey_wakes",
    "journey_replay",
    "segments",
    "large_brand",
    "behaviour",
    "lifetime",
    "linkage",
    "startup_memory",
)
LIMIT_S = 1_800.0
console = Console(stderr=True)

Line = dict[str, Any]


def run(name: str) -> list[Line]:
    """Run one bench and return its lines; one that fails has a figure of zero."""
    command = [sys.executable, "-m", f"bench.{name}"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, timeout=LIMIT_S, check=False)
    lines = [json.loads(line) for line in done.stdout.decode().splitlines() if line.startswith("{")]
    if done.returncode and not any("wrong" in line.get("details", {}) for line in lines):
        lines.append(
            {"name": name, "figure": 0, "unit": "", "aim": "", "details": {"failed": done.returncode}}
        )
    return lines


def show(lines: Sequence[Line], machine: Machine) -> None:
    """Print the table."""
    table = Table(title=str(machine))
    for column in ("bench", "figure", "yardstick", "ratio", "aim", ""):
        table.add_column(column, overflow="fold")
    for line in lines:
        table.add_row(*(cell.replace("*", "") for cell in cells(line)))
    Console().print(table)


def cells(line: Line) -> tuple[str, str, str, str, str, str]:
    """Return what the table says of one result."""
    yardstick = f"{number(line['yardstick'])} ({line['yardstick_name']})" if line.get("yardstick") else "–"
    return (
        line["name"],
        f"{number(line['figure'])} {line['unit']}",
        yardstick,
        number(line["ratio"]) if line.get("ratio") is not None else "–",
        str(line.get("aim") or "–"),
        {True: "met", False: "**missed**", None: "–"}[line.get("met")],
    )


def number(value: float) -> str:
    """Write a figure as people read it."""
    return f"{value:,.0f}" if abs(value) >= 1_000 or value == int(value) else f"{value:,.2f}"


def main() -> int:
    """Run what was asked for; return 0 unless an answer was wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHES)}; default: all")
    names = parser.parse_args().names or list(BENCHES)
    unknown = set(names) - set(BENCHES)
    if unknown:
        parser.error(f"no bench is called {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    start = os.getloadavg()
    lines: list[Line] = []
    for name in names:
        began = time.monotonic()
        console.print(f"[cyan]→[/] bench.{name}")
        found = run(name)
        lines += found
        console.print(f"  [dim]{time.monotonic() - began:.0f} s[/]")
        for line in found:
            print(json.dumps(line, ensure_ascii=False), flush=True)
    machine = look_at_machine(start)
    show(lines, machine)
    broken = [line["name"] for line in lines if "failed" in line.get("details", {})]
    if broken:
        console.print(f"[red]✗[/] {', '.join(broken)} did not run; the page stays as it was")
    elif set(names) == set(BENCHES):
        rewrite(PAGE, [cells(line) for line in lines], lines, machine)
        console.print(f"[green]✓[/] {PAGE.relative_to(ROOT)}")
    return int(any(not line["figure"] for line in lines))


if __name__ == "__main__":
    sys.exit(main())
