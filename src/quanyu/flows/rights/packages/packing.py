"""Putting what was gathered into a zip: the data as JSON, a page to read, and files as they were sent."""

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping
from typing import IO, Any, Final, cast

from quanyu.flows.rights.packages.frames import FileFrame, Frame, Row, RowsFrame, to_json
from quanyu.flows.rights.packages.overview import Cover, write_overview
from quanyu.flows.rights.packages.sources.history import EVENTS

FORMAT: Final = "quanyu-personal-data-1"
ORDERS: Final = "orders"
_ORDERED: Final = ("name", "occurred_at", "revenue", "currency", "quantity", "items")

Frames = Callable[[], Iterable[Frame]]  # Reads what was gathered anew, from the beginning.


class Sink(io.RawIOBase):
    """A file that can only be written to, and hands on what was written piece by piece."""

    def __init__(self, keep: Callable[[bytes], None], *, piece: int) -> None:
        super().__init__()
        self._keep = keep
        self._piece = piece
        self._waiting = bytearray()

    def writable(self) -> bool:
        """Say yes; it cannot be read, nor gone about in."""
        return True

    def write(self, content: Any, /) -> int:
        """Take the next bytes."""
        self._waiting += content
        while len(self._waiting) >= self._piece:
            self._keep(bytes(self._waiting[: self._piece]))
            del self._waiting[: self._piece]
        return len(content)

    def finish(self) -> None:
        """Hand on what is left."""
        if self._waiting:
            self._keep(bytes(self._waiting))
            self._waiting.clear()


def pack(frames: Frames, cover: Cover, sink: Sink) -> None:
    """Write the zip. Holds one frame in memory, the page's rows, and the orders."""
    with zipfile.ZipFile(cast(IO[bytes], sink), "w", zipfile.ZIP_DEFLATED) as packed:
        orders: dict[str, list[Row]] = {}
        with packed.open("data.json", "w", force_zip64=True) as file:
            _write_data(file, frames(), cover, orders)
        page = write_overview(cover, frames(), _order_rows(orders))
        packed.writestr("overview.html", page)
        for frame in frames():
            if isinstance(frame, FileFrame):
                packed.writestr(frame.path, frame.content)


def _write_data(file: IO[bytes], frames: Iterable[Frame], cover: Cover, orders: dict[str, list[Row]]) -> None:
    head = {
        "format": FORMAT,
        "package": cover.package,
        "brand": cover.brand,
        "made_at": cover.made_at,
        "gathered": [one.model_dump() for one in cover.gathered],
    }
    file.write((to_json(head)[:-1] + ', "data": {').encode())
    section = ""
    for frame in frames:
        if not isinstance(frame, RowsFrame):
            continue
        for row in frame.rows:
            begins = f'{"]," if section else ""}\n"{frame.section}": [\n'
            file.write((begins if frame.section != section else ",\n").encode() + to_json(row).encode())
            section = frame.section
        if frame.section == EVENTS:
            _note_orders(orders, frame.rows)
    file.write(("]," if section else "").encode() + f'\n"{ORDERS}": '.encode())
    file.write(to_json(_order_rows(orders)).encode() + b"}}\n")


def _note_orders(orders: dict[str, list[Row]], rows: Iterable[Row]) -> None:
    for row in rows:
        if row.get("order_id"):
            told: Mapping[str, Any] = {name: row[name] for name in _ORDERED if row.get(name)}
            orders.setdefault(str(row["order_id"]), []).append(told)


def _order_rows(orders: Mapping[str, list[Row]]) -> list[Row]:
    """Return orders as events tell of them, each with what happened to it in its order."""
    told = {
        order: sorted(rows, key=lambda row: str(row.get("occurred_at", ""))) for order, rows in orders.items()
    }
    ordered = sorted(told.items(), key=lambda one: str(one[1][0].get("occurred_at", "")))
    return [{"order_id": order, "happened": rows} for order, rows in ordered]
