"""A case: one call of an SDK, what it is given, and what must come of it."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract.conformance.matching import differences
from contract.conformance.platform import Platform
from contract.conformance.world import World

RECORDED = Path(__file__).parent / "recorded"
_TOKENS = frozenset({"/cgi-bin/token", "/cgi-bin/stable_token", "/cgi-bin/gettoken"})


@dataclass(frozen=True)
class Case:
    """A call with its arguments; ``gives`` and ``then`` say what comes back and what it did."""

    arguments: tuple[Any, ...]
    options: Mapping[str, Any]
    gives: Any
    refused: int | None = None  # The platform's code, where refusing is right.
    then: Callable[[], tuple[Any, Any]] | None = None  # What is so afterwards, and what should be.
    account: str = "shop"


@dataclass(frozen=True)
class OutOfScope:
    """Why a method that the SDK offers is not called."""

    reason: str


def call(
    *arguments: Any,
    given: Any = None,
    gives: Any = None,
    refused: int | None = None,
    then: Callable[[], tuple[Any, Any]] | None = None,
    account: str = "shop",
    **options: Any,
) -> Case:
    """Return a case; ``given`` names what it takes for granted and does not pass on."""
    return Case(arguments, options, gives, refused, then, account)


Build = Callable[[World], Case]
Table = Mapping[str, Build | OutOfScope]


def called(table: Table) -> list[str]:
    """Return the methods of a table that are called."""
    return [name for name, entry in table.items() if not isinstance(entry, OutOfScope)]


def out_of_scope(reason: str, *names: str) -> dict[str, OutOfScope]:
    return dict.fromkeys(names, OutOfScope(reason))


@dataclass(frozen=True)
class Recorder:
    """Compares which endpoints a method reached with what the coverage page is written from."""

    sdk: str
    table: Collection[str]
    save: bool

    def note(self, name: str, paths: list[str]) -> None:
        known = recorded(self.sdk)
        if self.save:
            kept = {one: reached for one, reached in known.items() if one in self.table}
            _write(self.sdk, kept | {name: paths})
        else:
            assert known.get(name) == paths, "the recorded coverage is old: run make sandbox-coverage"


def recorded(sdk: str) -> dict[str, list[str]]:
    """Return which endpoints each method of an SDK reached when that was last written down."""
    file = RECORDED / f"{sdk}.json"
    known: dict[str, list[str]] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return known


def _write(sdk: str, reached: Mapping[str, list[str]]) -> None:
    text = json.dumps(reached, indent=1, sort_keys=True)
    (RECORDED / f"{sdk}.json").write_text(f"{text}\n", encoding="utf-8")


def paths_reached(platform: Platform, before: Mapping[str, int]) -> list[str]:
    """Return the endpoints called since ``before``; fetching a token counts only when nothing else was."""
    reached = {path for path, times in platform.calls().items() if times > before.get(path, 0)}
    return sorted(reached - _TOKENS or reached)


def check(actual: Any, case: Case) -> None:
    """Hold an answer, and the state after it, to what the case says."""
    wrong = differences(actual, case.gives)
    if case.then is not None:
        now, wanted = case.then()
        wrong += differences(now, wanted, "then")
    assert not wrong, "; ".join(wrong)
