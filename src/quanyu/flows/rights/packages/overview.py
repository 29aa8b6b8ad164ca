"""The page of a package: what was found where, and the rows themselves as far as anybody reads them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any, Final
from zoneinfo import ZoneInfo

from quanyu.flows.rights.packages.contracts import Gathered, PackageLanguage
from quanyu.flows.rights.packages.frames import Frame, Row, RowsFrame, to_json
from quanyu.flows.rights.packages.words import COLUMNS, PAGE, SECTIONS, STORES

SHOWN_MAX: Final = 200  # Rows of a section; all of them are in the data.
_CELL_MAX: Final = 600
_STYLE: Final = (
    "body{font:15px/1.6 system-ui,sans-serif;margin:0 auto;max-width:1100px;padding:24px 16px;color:#1f2328;"
    "background:#fff}h1{font-size:24px}h2{font-size:18px;margin-top:32px}p{color:#57606a}"
    ".rows{overflow-x:auto}table{border-collapse:collapse}td,th{border:1px solid #d0d7de;padding:4px 8px;"
    "text-align:left;vertical-align:top;overflow-wrap:anywhere}th{background:#f6f8fa;white-space:nowrap}"
    "td{min-width:90px;max-width:420px}a{color:#0969da}"
    "@media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}p{color:#9198a1}"
    "th{background:#161b22}td,th{border-color:#30363d}a{color:#4493f8}}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """What a package says of itself."""

    package: str
    brand: str
    zone: str
    language: PackageLanguage
    made_at: datetime
    gathered: tuple[Gathered, ...]


def write_overview(cover: Cover, frames: Iterable[Frame], orders: Sequence[Row]) -> str:
    """Return the page in the language of the package; it needs no script and nothing from elsewhere."""
    words, language = PAGE[cover.language], cover.language
    shown: dict[str, list[Row]] = {}
    counts: dict[str, int] = {}
    for frame in frames:
        if isinstance(frame, RowsFrame) and frame.rows:
            counts[frame.section] = counts.get(frame.section, 0) + len(frame.rows)
            kept = shown.setdefault(frame.section, [])
            kept += frame.rows[: SHOWN_MAX - len(kept)]
    if orders:
        counts["orders"], shown["orders"] = len(orders), list(orders[:SHOWN_MAX])
    at = cover.made_at.astimezone(ZoneInfo(cover.zone))
    title = words["title"].format(brand=cover.brand)
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(words['lead'].format(at=f'{at:%Y-%m-%d %H:%M}', package=cover.package))}</p>",
        _contents(cover, counts),
        *(_section(name, rows, counts[name], cover) for name, rows in shown.items()),
    ]
    return (
        f'<!doctype html><html lang="{"zh-CN" if language is PackageLanguage.ZH else "en"}">'
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style>{''.join(parts)}</html>"
    )


def _contents(cover: Cover, counts: Mapping[str, int]) -> str:
    words, stores = PAGE[cover.language], STORES[cover.language]
    where: dict[str, list[str]] = {}
    for one in cover.gathered:
        if one.rows:
            where.setdefault(one.section, []).append(f"{stores[one.store]} {one.rows}")
    where.setdefault("orders", [words["from_events"]])
    lines = "".join(
        f'<tr><td><a href="#{escape(name)}">{escape(_title(name, cover.language))}</a></td>'
        f"<td>{count}</td><td>{escape(' · '.join(where.get(name, ())))}</td></tr>"
        for name, count in counts.items()
    )
    nothing = sorted({_title(one.section, cover.language) for one in cover.gathered} - {
        _title(name, cover.language) for name in counts
    })  # fmt: skip
    head = "".join(f"<th>{escape(words[name])}</th>" for name in ("what", "rows", "where"))
    return (
        f"<h2>{escape(words['contents'])}</h2><div class=rows><table><tr>{head}</tr>{lines}</table></div>"
        f"<p>{escape(words['nothing'].format(names=words['comma'].join(nothing)))}</p>"
    )


def _section(name: str, rows: Sequence[Row], count: int, cover: Cover) -> str:
    words, named = PAGE[cover.language], COLUMNS[cover.language]
    columns = list(dict.fromkeys(column for row in rows for column in row))
    head = "".join(f"<th>{escape(named.get(one, one))}</th>" for one in columns)
    zone = ZoneInfo(cover.zone)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(_cell(row.get(one), zone))}</td>" for one in columns) + "</tr>"
        for row in rows
    )
    more = f"<p>{escape(words['more'].format(shown=len(rows), count=count))}</p>" if count > len(rows) else ""
    return (
        f'<h2 id="{escape(name)}">{escape(_title(name, cover.language))} ({count})</h2>{more}'
        f"<div class=rows><table><tr>{head}</tr>{body}</table></div>"
    )


def _title(name: str, language: PackageLanguage) -> str:
    return SECTIONS[language].get(name, name)


def _cell(value: Any, zone: ZoneInfo) -> str:
    if value is None:
        return ""
    text = _instant(value, zone) if isinstance(value, str) else to_json(value)
    return text if len(text) <= _CELL_MAX else f"{text[:_CELL_MAX]}…"


def _instant(text: str, zone: ZoneInfo) -> str:
    """Return an instant in the brand's own time, and any other text as it is."""
    if len(text) < 19 or text[10:11] != "T":
        return text
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return text if at.tzinfo is None else f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
