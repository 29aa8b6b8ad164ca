"""Generated pages are what their generators would write now; no maker of facts is missing from the events."""

import ast
import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from quanyu.modules.channels.translation import USER_INFO_FETCHED

ROOT = Path(__file__).parents[3]
MODULES = ROOT / "src" / "quanyu" / "modules"
KNOWN_MAKERS = {
    "people/profile/service.py",
    "payments/facts.py",
    "channels/facts.py",
    "channels/gateways/facts.py",
    "community/groups/facts.py",
    "channels/mini_programs/people.py",
    "channels/user_info.py",
    "plays/broadcasts/facts.py",
    "experiments/facts.py",
    "forms/facts.py",
    "insight/lifecycle/study.py",
    "journeys/facts.py",
    "messaging/facts.py",
    "people/service.py",
    "people/companies/merging.py",
    "people/consent/rules.py",
    "people/tags/rules.py",
    "segments/rules.py",
    "staff/codes/facts.py",
    "staff/tags/facts.py",
    "staff/welcomes/facts.py",
    "staff/inheritance/facts.py",
    "staff/sidebar/facts.py",
    "staff/customers/facts.py",
    "staff/directory/facts.py",
    "staff/visitors/fans.py",
}


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    return load("generate_event_reference")


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_page_is_current(generator: ModuleType) -> None:
    written = generator.PAGE.read_text(encoding="utf-8")
    assert written == generator.page(), "run .venv/bin/python scripts/generate_event_reference.py"


def test_the_views_are_current() -> None:
    reference = load("generate_warehouse_reference")
    written = reference.PAGE.read_text(encoding="utf-8")
    assert written == reference.page(), "run .venv/bin/python scripts/generate_warehouse_reference.py"


def test_the_sandbox_coverage_is_current() -> None:
    coverage = load("generate_sandbox_coverage")
    written = coverage.PAGE.read_text(encoding="utf-8")
    assert written == coverage.page(), "run .venv/bin/python scripts/generate_sandbox_coverage.py"


def test_every_maker_of_facts_is_asked_for_one_of_each() -> None:
    makers = {
        str(file.relative_to(MODULES))
        for file in MODULES.glob("**/*.py")
        if any(_makes_a_fact(node) for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    }
    assert makers == KNOWN_MAKERS, (
        "let made_facts() of the generator state the new ones, then name the file here"
    )


def test_names_written_out_where_facts_are_made_are_on_the_page(generator: ModuleType) -> None:
    described = {fact.name for fact in generator.made_facts()} | {USER_INFO_FETCHED}
    written = {word for file in KNOWN_MAKERS for word in _own_words(MODULES / file)}
    assert written - described == set()


def _makes_a_fact(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Fact"


def _own_words(file: Path) -> Iterator[str]:
    """Yield the texts that look like ``<this module>.<fact>`` and are not the name of a log line."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    logged = {
        id(argument)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).startswith(("_log.", "log", "get_logger", "work_"))
        for argument in (*node.args, *(keyword.value for keyword in node.keywords))
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in logged:
            continue
        if re.fullmatch(rf"{file.parent.name}\.[a-z_]+", node.value):
            yield node.value
