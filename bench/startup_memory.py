"""How long the platform takes to its first page, and what it uses while nobody does anything.

Everything a newcomer runs is there: the platform, PostgreSQL, and the sandbox with its simulated brand,
after its month of history has come in. *Warm*: the data directory exists and the programs were read before.
The first page is there when the console's page and the figures on it (``/api/v1/overview``) were both
answered. Memory is the proportional set size of all processes, so that shared pages count once. For the
idle figures the simulated brand's clock runs at a tenth of real time: next to nobody acts.

Run: ``python -m bench.startup_memory`` (Linux: it reads ``/proc``).
"""

import contextlib
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.support import (
    Aim,
    Platform,
    Result,
    postgres_processes,
    report,
    running_platform,
    say,
    scratch_directory,
    start_platform,
)

STARTS = 3
SETTLE_S, MEASURE_S = 45.0, 30.0
HISTORY_LIMIT_S = 300.0
MIB = 2**20


@dataclass(frozen=True, slots=True)
class Use:
    """What all processes use: proportional memory by part, and processor time in percent of one core."""

    memory_mb: dict[str, float]
    cpu_percent: dict[str, float]

    @property
    def total_mb(self) -> int:
        return round(sum(self.memory_mb.values()))


def parts(platform: Platform) -> dict[str, list[psutil.Process]]:
    """Return the processes by what they are."""
    postgres = postgres_processes(platform.data)
    known = {one.pid for one in postgres}
    own = psutil.Process(platform.process.pid)
    children = [one for one in own.children(recursive=True) if one.pid not in known]
    return {"platform": [own], "sandbox": children, "postgres": postgres}


def memory_mb(processes: list[psutil.Process]) -> float:
    """Return the proportional set size of ``processes`` together."""
    taken = 0
    for one in processes:
        with contextlib.suppress(psutil.NoSuchProcess):  # PostgreSQL ends idle ones when it likes.
            taken += one.memory_full_info().pss
    return round(taken / MIB, 1)


def measure_use(platform: Platform) -> Use:
    """Watch for a while; processor time is an average, memory is as it was at the end."""
    before = _processor_s(platform)
    began = time.monotonic()
    time.sleep(MEASURE_S)
    seconds = time.monotonic() - began
    after = _processor_s(platform)
    return Use(
        {name: memory_mb(processes) for name, processes in parts(platform).items()},
        {name: round((after[name] - before[name]) / seconds * 100, 1) for name in after},
    )


def _processor_s(platform: Platform) -> dict[str, float]:
    spent = {}
    for name, processes in parts(platform).items():
        times = [one.cpu_times() for one in processes]
        spent[name] = sum(one.user + one.system + one.children_user + one.children_system for one in times)
    return spent


def seconds_to_first_page(data: Path) -> float:
    """Start, ask until page and figures come, stop; return how long that took."""
    began = time.monotonic()
    platform = start_platform(data, "--demo")
    try:
        platform.wait_until_ready()
        platform.get("/api/v1/overview")
        return time.monotonic() - began
    finally:
        platform.stop()


def wait_for_history(platform: Platform) -> int:
    """Let the month of history come in; return how many events it has."""
    give_up_at = time.monotonic() + HISTORY_LIMIT_S
    before = 0
    while time.monotonic() < give_up_at:
        figures = platform.get("/api/v1/overview")["pipeline"]
        # The living brand goes on acting, so "in" means: little more than a moment ago, and nothing waits.
        if before and figures["lag_events"] < 200 and figures["stored"] - before < 500:
            return int(figures["stored"])
        before = figures["stored"]
        time.sleep(10)
    raise TimeoutError("the simulated brand's history did not come in")


def main() -> None:
    """Measure and print two lines of JSON."""
    with scratch_directory() as place:
        data = place / "data"
        began = time.monotonic()
        with running_platform(data, "--demo") as platform:
            first_start_s = time.monotonic() - began
            events = wait_for_history(platform)
            say(f"history of {events:,} events is in")
            living = measure_use(platform)
        starts = [seconds_to_first_page(data) for _ in range(STARTS)]
        with running_platform(data, "--demo", "--speed", "0.1") as platform:
            platform.get("/api/v1/overview")
            time.sleep(SETTLE_S)
            idle = measure_use(platform)
    report(
        Result(
            name="start to first page, warm",
            figure=round(statistics.median(starts), 2),
            unit="s",
            aim=Aim(figure_max=6),
            details={
                "starts_s": [round(one, 2) for one in starts],
                "first_start_ever_s": round(first_start_s, 2),
            },
        )
    )
    report(
        Result(
            name="idle memory of all processes (PSS)",
            figure=idle.total_mb,
            unit="MB",
            aim=Aim(figure_max=900),
            details={
                "memory_mb": idle.memory_mb,
                "cpu_percent_of_a_core": idle.cpu_percent,
                "living_brand_memory_mb": living.memory_mb,
                "living_brand_cpu_percent_of_a_core": living.cpu_percent,
                "events_in_history": events,
            },
        )
    )


if __name__ == "__main__":
    if not sys.platform.startswith("linux"):
        sys.exit("this bench reads /proc: Linux only")
    main()
