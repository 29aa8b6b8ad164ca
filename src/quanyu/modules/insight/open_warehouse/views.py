"""The documented views, read from ``views.toml``: queries over one brand's rows."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

# The tables behind the views: the engine itself shows a question no other rows of them (see service.py).
TABLES: Final = ("events", "profiles", "segment_membership")
_PIECES: Final = {
    "who": (
        "toUInt32(dictGetOrDefault('{db}.person_canonical', 'canonical', toUInt64(raw.person), raw.person))"
    ),
    "order_number": "if(order_id = '', message_id, order_id)",
    "local_day": "toDate(occurred_at, {{zone:String}})",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type in the engine's words, and what it means."""

    name: str
    type: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class View:
    """One view; ``template`` still lacks the database."""

    name: str
    en: str
    zh: str
    columns: tuple[Column, ...]
    template: str

    def body(self, database: str) -> str:
        """Return its query; ``{tenant:UInt32}`` and its like are left to be bound."""
        return self.template.format(db=f"`{database}`", **_pieces(database))

    @property
    def parameters(self) -> frozenset[str]:
        """What must be bound besides the tenant."""
        return frozenset(name for name in ("zone", "tags", "segments") if f"{{{name}:" in self.body("quanyu"))


@cache
def views() -> dict[str, View]:
    """Return every view by its name, in the order of the file."""
    text = files(__package__).joinpath("views.toml").read_text(encoding="utf-8")
    book: dict[str, Any] = tomllib.loads(text)
    shared: dict[str, Any] = book["shared"]
    found = [
        View(
            name=one["name"],
            en=one["en"],
            zh=one["zh"],
            columns=tuple(Column(*column) for column in _spread(one["columns"], shared)),
            template=one["sql"].strip(),
        )
        for one in book["view"]
    ]
    return {view.name: view for view in found}


def _spread(columns: list[Any], shared: dict[str, Any]) -> list[list[str]]:
    """Put shared columns where their name stands."""
    spread: list[list[str]] = []
    for column in columns:
        if isinstance(column, list):
            spread.append(column)
            continue
        named = shared[column]
        spread.extend(named if isinstance(named[0], list) else [named])
    return spread


@cache
def _pieces(database: str) -> dict[str, str]:
    text = files(__package__).joinpath("views.toml").read_text(encoding="utf-8")
    names = [name for name, *_ in tomllib.loads(text)["shared"]["context"]]
    return {"context": ", ".join(names), **{key: piece.format(db=database) for key, piece in _PIECES.items()}}
