"""The console's words: every event has a name in both languages, and Chinese sentences use Chinese marks."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
WORDS = ROOT / "web" / "src" / "i18n"
CHINESE = "\u3400-\u9fff"
_DOCS = sorted([*(ROOT / "docs").glob("**/*.md"), ROOT / "README.md", ROOT / "src/wechat_sandbox/README.md"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_event_name_has_words(language: str) -> None:
    described = tomllib.loads((ROOT / "scripts" / "event_words.toml").read_text(encoding="utf-8"))
    names = {
        name
        for section in ("commerce", "wechat", "mini_program", "wecom", "facts")
        for name in described[section]
    }
    calls = {"Page Viewed", "Screen Viewed", "Identify", "Group", "Alias"}
    table = (WORDS / language / "events.ts").read_text(encoding="utf-8")

    assert set(re.findall(r'^  "event\.([^"]+)": "[^"]+",$', table, re.MULTILINE)) == names | calls


@pytest.mark.parametrize("file", sorted((WORDS / "zh").glob("*.ts")), ids=lambda file: file.name)
def test_the_consoles_chinese_uses_chinese_marks(file: Path) -> None:
    texts = re.findall(r'(?::|^)\s*(?:"([^"\n]*)"|\'([^\'\n]*)\'),?$', file.read_text("utf-8"), re.MULTILINE)
    wrong = [text for pair in texts for text in pair if is_chinese(text) and half_width_marks(text)]
    assert wrong == []


def test_the_chinese_readme_uses_chinese_marks() -> None:
    readme = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")
    wrong = [line for line in prose(readme) if is_chinese(line) and half_width_marks(line)]
    assert wrong == []


@pytest.mark.parametrize("page", _DOCS, ids=lambda page: str(page.relative_to(ROOT)))
def test_chinese_sentences_among_english_use_chinese_marks(page: Path) -> None:
    cells = [cell for line in prose(page.read_text(encoding="utf-8")) for cell in line.split(" | ")]
    wrong = [cell for cell in cells if is_mostly_chinese(cell) and half_width_marks(cell)]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("一切都是事件,先写入日志", [","]),
        ("共 {count} 条,其中 {before} 条", [","]),
        ("名称(可选)", ["(", ")"]),
        ("选择 Linux,macOS", [","]),
        ("用 `a, b` 打开 https://example.com:80/，共 12,345 人，8:30 开始。", []),
        ('你好{{ person.nickname | default: "" }}，欢迎！', []),
        ("见[指南](docs/guides/import.md)。", []),
    ],
)
def test_marks_are_told_from_code_links_and_numbers(text: str, marks: list[str]) -> None:
    assert half_width_marks(text) == marks


def is_chinese(text: str) -> bool:
    """Whether there is Chinese in it."""
    return re.search(f"[{CHINESE}]", text) is not None


def is_mostly_chinese(text: str) -> bool:
    """Whether it is a Chinese sentence, rather than an English one that names Chinese things."""
    signs, words = re.findall(f"[{CHINESE}]", text), re.findall(r"\b[A-Za-z]{2,}\b", without_code(text))
    return len(signs) >= 8 and len(signs) > 4 * len(words)


def half_width_marks(text: str) -> list[str]:
    """Return the half-width marks of a Chinese text, apart from those of code, addresses and figures."""
    return re.findall(r"(?<!\d)[,;:!?]|[,;:!?](?!\d)|[()]", without_code(text))


def without_code(text: str) -> str:
    """Put a sign in the place of code, templates, link targets and addresses."""
    code = r"\{\{.*?\}\}|\{[^}]*\}|`[^`]*`|<[^>]*>|https?://[\w./:{}-]*|(?<= )[:,](?= )"
    return re.sub(r"!(?=\[)|(?<=\])\([^)]*\)", "", re.sub(code, "字", text))


def prose(page: str) -> Iterator[str]:
    """Yield the lines that are not in a block of code."""
    is_code = False
    for line in page.splitlines():
        if line.lstrip().startswith("```"):
            is_code = not is_code
        elif not is_code and not line.startswith(("|---", "|:--")):
            yield line
