"""What the command line writes with: words for people on standard error, tables on standard output."""

import sys
from typing import Any, Final

from rich.console import Console

# A table nobody looks at on a screen is cut nowhere: its ids and states are there to be read by programs.
_PIPED_WIDTH: Final = 10_000
# By the parser's own names for what went wrong; the rest is words it did not expect.
_USAGE_ZH: Final = {
    "NoSuchOption": "没有这个选项",
    "MissingParameter": "缺少参数",
    "BadParameter": "参数的值无法使用",
    "BadOptionUsage": "选项缺少值",
}


def console_for_people() -> Console:
    """Return the console of standard error; lines are broken for a screen and nowhere else."""
    return Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())


def console_for_tables() -> Console:
    """Return the console of standard output; tables fit a screen, and are as wide as they need in a pipe."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else _PIPED_WIDTH)


def wrong_usage(error: Any) -> tuple[str, str]:
    """Say in Chinese and English what is wrong with how a command was written."""
    english = error.format_message() if hasattr(error, "format_message") else ""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "quanyu"
    command = path if path.startswith("quanyu") else f"quanyu {path}".strip()
    chinese = _USAGE_ZH.get(type(error).__name__, "没有这样的命令或参数")
    named = getattr(error, "option_name", "") or getattr(getattr(error, "param", None), "name", "") or ""
    chinese = f"{chinese} {named}".strip() if named else chinese
    return f"{chinese};用法见 {command} --help", f"{english.rstrip('.')}; see {command} --help"
