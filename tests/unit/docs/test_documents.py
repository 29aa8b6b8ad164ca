"""What the documents say exists: links, commands, settings, metrics. Both READMEs say the same."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer.main
from prometheus_client import REGISTRY

import quanyu.app.application  # noqa: F401 - registers every metric
import wechat_sandbox.cli
from quanyu.app import cli
from quanyu.app.settings import Settings
from support.markdown import anchors_of, code_blocks, headings_of, links_of

ROOT = Path(__file__).parents[3]
REFERENCE = ROOT / "docs" / "reference"
README, README_ZH = ROOT / "README.md", ROOT / "README.zh-CN.md"
PAGES = sorted(
    page
    for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("src/**/README.md"))
    if page.is_file()
)
COMMANDS: dict[str, Any] = {
    "quanyu": typer.main.get_command(cli.app),
    "wechat-sandbox": typer.main.get_command(wechat_sandbox.cli.app),
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in links_of(page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors_of(target.read_text(encoding="utf-8"))):
            broken.append(link)
    assert broken == []


def test_every_page_is_found_from_the_index() -> None:
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / link).resolve() for link in links_of(index.read_text(encoding="utf-8"))}
    pages = {page for page in PAGES if page.is_relative_to(ROOT / "docs")} - {index}
    assert pages - linked == set()


def test_both_readmes_have_the_same_sections_pictures_and_commands() -> None:
    english, chinese = README.read_text(encoding="utf-8"), README_ZH.read_text(encoding="utf-8")

    assert [level for level, _ in headings_of(english)] == [level for level, _ in headings_of(chinese)]
    assert _pictures(english) == _pictures(chinese)
    assert [_without_comments(one) for one in code_blocks(english)] == [
        _without_comments(one) for one in code_blocks(chinese)
    ]
    assert _status(english) == _status(chinese)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    lines = [line for block in code_blocks(text) for line in _command_lines(block)]
    lines += re.findall(r"`((?:make|quanyu|wechat-sandbox) [^`]+)`", text)
    unknown = [line for line in lines if not _exists(line)]
    assert unknown == []


def test_every_command_and_option_has_its_line() -> None:
    page = (REFERENCE / "cli.md").read_text(encoding="utf-8")
    missing = [
        word
        for path, command in _commands(COMMANDS["quanyu"], "quanyu")
        for word in (path.rpartition(" ")[2], *(names[0] for names in _options(command)))
        if word not in page
    ]
    assert missing == []


def test_every_setting_has_its_line() -> None:
    asked: set[str] = set()

    class Environment(dict[str, str]):
        def get(self, key: str, default: str = "") -> str:  # type: ignore[override]
            asked.add(key)
            return default

    Settings.from_env(Environment())
    page = (REFERENCE / "settings.md").read_text(encoding="utf-8")
    assert {name for name in asked if f"`{name}`" not in page and f"`${name}" not in page} == set()


def test_the_table_of_metrics_is_the_one_in_use() -> None:
    page = (REFERENCE / "metrics.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `(quanyu_\w+)` \| (\w+) \|", page, re.MULTILINE))
    in_use = {
        family.name + ("_total" if family.type == "counter" else ""): family.type
        for family in REGISTRY.collect()
        if family.name.startswith("quanyu_")
    }
    assert listed == in_use


def _pictures(text: str) -> list[str]:
    return [re.sub(r"\.(en|zh)\.png", ".png", path) for path in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text)]


def _without_comments(block: str) -> list[str]:
    return [re.sub(r"\s+# .*", "", line) for line in block.splitlines()]


def _status(text: str) -> list[tuple[str, str]]:
    words = {"第一步": "first slice", "计划中": "planned", "可用": "works"}
    rows = re.findall(r"^\| ([A-O]) [^|]+\| ([^|]+) \|", text, re.MULTILINE)
    return [(area, words.get(state, state)) for area, state in rows]


def _command_lines(block: str) -> list[str]:
    joined = block.replace("\\\n", " ")
    found = re.findall(
        r"(?:^|[\s(\"])(?:\$ )?(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?((?:make|quanyu|wechat-sandbox) [^\n|)#]+)",
        joined,
    )
    return [line.strip() for line in found]


def _exists(line: str) -> bool:
    program, *words = line.split()
    if program == "make":
        targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
        return {word for word in words if re.fullmatch(r"[a-z-]+", word)} <= targets
    command = COMMANDS[program]
    while hasattr(command, "commands") and words and re.fullmatch(r"[a-z][a-z-]*(\\?\|[a-z-]+)*", words[0]):
        names = re.split(r"\\?\|", words.pop(0))
        if not set(names) <= set(command.commands):
            return False
        command = command.commands[names[0]]
    if "--" in words:
        words = words[: words.index("--")]  # What follows belongs to another program.
    given = {word.partition("=")[0] for word in words if word.startswith("--")}
    known = {name for names in _options(command) for name in names}
    return given <= known | {"--help", "--install-completion"}


def _commands(command: Any, path: str) -> list[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        return [(path, command)]
    return [found for name, one in command.commands.items() for found in _commands(one, f"{path} {name}")]


def _options(command: Any) -> list[list[str]]:
    """Return the spellings of each option, the plain one first."""
    named = ([*parameter.opts, *parameter.secondary_opts] for parameter in command.params)
    return [names for names in named if names[0].startswith("--")]
