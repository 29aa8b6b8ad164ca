"""What is said in Chinese is punctuated in Chinese."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "quanyu"
# A colon may stand in an address to be filled in; commas and the like may not follow a Chinese sign.
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;!?]")
# What is looked for in somebody's sentence is said to nobody: there, a question mark makes a sign optional.
PATTERN = re.compile(r"\||\\[bds]|\(\?")


def _said(path: Path) -> Iterator[str]:
    """Yield the texts of a file that are not docstrings."""
    tree = ast.parse(path.read_text())
    with_docstrings = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    described = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, with_docstrings) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in described:
            yield node.value


def test_no_half_width_punctuation_follows_a_chinese_sign() -> None:
    found = [
        f"{path.relative_to(SOURCE)}: {text[:60]!r}"
        for path in SOURCE.rglob("*.py")
        for text in _said(path)
        if HALF_WIDTH.search(text) and not PATTERN.search(text)
    ]
    assert found == []
