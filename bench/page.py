"""The table in the documentation, between two markers; the words around it are people's."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.machine import Machine

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"


def rewrite(
    path: Path, rows: Sequence[Sequence[str]], lines: Sequence[Mapping[str, Any]], machine: Machine
) -> None:
    """Put the new table in the place of the old one."""
    before, begin, rest = path.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{path} lacks {BEGIN} or {END}")
    path.write_text(f"{before}{BEGIN}\n{table(rows, lines, machine)}{END}{after}")


def table(rows: Sequence[Sequence[str]], lines: Sequence[Mapping[str, Any]], machine: Machine) -> str:
    """Write the machine, the table, and the stages timed apart."""
    written = [f"Seen on {machine}.", ""]
    if machine.was_busy:
        written += [
            "**Other work loaded the machine during this run: figures are lower than on an idle one.**",
            "",
        ]
    written += ["| bench | figure | yardstick | ratio | aim | |", "|---|---|---|---|---|---|"]
    written += [f"| {' | '.join(row)} |" for row in rows]
    written += ["", "Stages and circumstances, as the benches printed them:", ""]
    for line in lines:
        if line.get("details"):
            written.append(f"- {line['name']}: {_details(line['details'])}")
    return "\n".join(written) + "\n"


def _details(details: Mapping[str, Any]) -> str:
    return "; ".join(f"`{name}` {_value(value)}" for name, value in details.items())


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_value(one)}" for name, one in value.items())
    if isinstance(value, list):
        return " ".join(_value(one) for one in value)
    return f"{value:,}" if isinstance(value, int) else str(value)
