"""Write ``docs/reference/warehouse.md`` from the documented views themselves."""

import sys
from pathlib import Path
from string import Template
from typing import Final

from quanyu.modules.insight.open_warehouse.service import FILE_ROWS_MAX, MEMORY_BYTES, ROWS_MAX, TIME_S
from quanyu.modules.insight.open_warehouse.views import View, views

PAGE: Final = Path(__file__).parents[1] / "docs/reference/warehouse.md"
_WORDS: Final = Path(__file__).with_name("warehouse_words.md")


def page() -> str:
    """Return the page."""
    head = Template(_WORDS.read_text(encoding="utf-8")).substitute(
        rows=f"{ROWS_MAX:,}",
        file_rows=f"{FILE_ROWS_MAX:,}",
        seconds=f"{TIME_S:.0f}",
        gib=MEMORY_BYTES // 1024**3,
    )
    return "\n".join([head, *(_section(view) for view in views().values())])


def _section(view: View) -> str:
    rows = "\n".join(f"| `{one.name}` | {one.type} | {one.en} | {one.zh} |" for one in view.columns)
    return f"""### `{view.name}`

{view.en} {view.zh}

| column | type | meaning | 含义 |
|---|---|---|---|
{rows}
"""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")
