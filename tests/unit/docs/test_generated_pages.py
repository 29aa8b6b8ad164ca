"""The page of events is what its generator would write now, and no fact of a module is missing from it."""

import ast
import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[3]
MODULES = ROOT / "src" / "quanyu" / "modules"
# Words of the same form that name no fact: subscribers, sources of attributes.
_NOT_FACTS = {"channels.followers", "messaging.windows", "messaging.receipts", "insight.rfm"}


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    path = ROOT / "scripts" / "generate_event_reference.py"
    spec = importlib.util.spec_from_file_location("generate_event_reference", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_page_is_current(generator: ModuleType) -> None:
    written = generator.PAGE.read_text(encoding="utf-8")
    assert written == generator.page(), "run .venv/bin/python scripts/generate_event_reference.py"


def test_every_fact_is_on_the_page(generator: ModuleType) -> None:
    described = {fact.name for fact in generator.made_facts()}
    stated = {word for file in MODULES.glob("*/*.py") for word in _fact_names(file)}
    assert stated - described == set()


def _fact_names(file: Path) -> Iterator[str]:
    """Yield the texts of a file that look like ``<module>.<fact>`` and are no log event or error code."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    others = {id(node) for owner in ast.walk(tree) for node in _other_uses(owner)}
    # The module "events" states nothing itself, and its name is also the table's.
    modules = "|".join(
        folder.name for folder in MODULES.iterdir() if folder.is_dir() and folder.name != "events"
    )
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in others:
            continue
        if re.fullmatch(rf"(?:{modules})\.[a-z_]+", node.value) and node.value not in _NOT_FACTS:
            yield node.value


def _other_uses(owner: ast.AST) -> Iterator[ast.AST]:
    match owner:
        case ast.Call(func=ast.Attribute(attr="debug" | "info" | "warning" | "error" | "exception")):
            yield from owner.args
        case ast.Call(func=ast.Attribute(attr="blind" | "seal" | "open") | ast.Name(id="get_logger" | "log")):
            yield from owner.args
        case ast.Assign(targets=[ast.Name(id="code")]) if owner.value:
            yield owner.value
