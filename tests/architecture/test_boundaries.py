"""What import-linter's layers cannot say: a module's inner files stay inside the module."""

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "quanyu"
PRIVATE = {"rules", "models", "queries"}
DOORS = {"routes", "subscribers", "jobs"}  # Only the wiring of the application opens these.


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def _foreign_imports(forbidden: set[str], *, may: tuple[str, ...] = ()) -> list[str]:
    found = []
    for path in SOURCE.rglob("*.py"):
        place = path.relative_to(SOURCE).parts
        own = ".".join(("quanyu", *place[:2]))
        for name in _imports(path):
            parts = name.split(".")
            crosses = (
                parts[:2] == ["quanyu", "modules"] and not name.startswith(own + ".") and place[0] not in may
            )
            # quanyu.modules.<module>.<file>
            if crosses and len(parts) > 3 and parts[3] in forbidden and place[1] != parts[2]:
                found.append(f"{'/'.join(place)} imports {name}")
    return found


def test_private_files_of_a_module_are_imported_by_that_module_alone() -> None:
    assert _foreign_imports(PRIVATE) == []


def test_only_the_application_opens_a_modules_doors() -> None:
    assert _foreign_imports(DOORS, may=("app",)) == []


def test_no_statement_reads_the_database_clock() -> None:
    """The clock is injected; a rehearsal would otherwise mix two times."""
    clocks = ("now()", "current_timestamp", "clock_timestamp(", "now64(", "today()")
    offenders = [
        f"{path.relative_to(SOURCE)}: {clock}"
        for path in SOURCE.rglob("*.py")
        for literal in _sql_literals(path)
        for clock in clocks
        if clock in literal
    ]
    assert offenders == []


def _sql_literals(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value.lower()
            if any(word in text for word in ("select ", "insert into", "update ", "delete from")):
                yield text
