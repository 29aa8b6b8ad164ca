"""Build ``data/cn_phone_prefixes.bin`` from the tables of the ``phonenumbers`` package.

Asking that package at run time costs 190 MB and four seconds, because it holds the whole world in
dictionaries. Chinese mobile numbers are told by their first seven digits, so a table of ranges of under 200
KB says the same. Run ``python -m quanyu.modules.people.build_phone_prefixes`` after upgrading the package.
"""

import json
import sys
import zlib
from array import array
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent / "data" / "cn_phone_prefixes.bin"
FIRST, LAST = 1_300_000, 1_999_999


def build() -> bytes:
    """Return the table: names as JSON, then the start of each range and the name it has."""
    from phonenumbers.carrierdata import CARRIER_DATA
    from phonenumbers.geodata import GEOCODE_DATA

    parts = [_ranges(GEOCODE_DATA, 7), _ranges(CARRIER_DATA, 7)]
    header = json.dumps([names for names, _, _ in parts], ensure_ascii=False).encode()
    body = b"".join(
        len(starts).to_bytes(4, "little") + _little(array("I", starts)) + _little(array("H", indexes))
        for _, starts, indexes in parts
    )
    return zlib.compress(len(header).to_bytes(4, "little") + header + body, 9)


def _ranges(data: Any, longest: int) -> tuple[list[str], list[int], list[int]]:
    """Turn prefix -> {language: name} into ranges of seven-digit prefixes with an index into names."""
    names: list[str] = [""]
    index_of = {"": 0}
    starts: list[int] = []
    indexes: list[int] = []
    for prefix in range(FIRST, LAST + 1):
        name = _name(data, str(prefix)[:longest])
        index = index_of.setdefault(name, len(names))
        if index == len(names):
            names.append(name)
        if not indexes or indexes[-1] != index:
            starts.append(prefix)
            indexes.append(index)
    return names, starts, indexes


def _name(data: Any, digits: str) -> str:
    for length in range(len(digits), 0, -1):
        entry = data.get(f"86{digits[:length]}")
        if entry is not None:
            return str(entry.get("zh") or entry.get("en") or "")
    return ""


def _little(values: "array[int]") -> bytes:
    if sys.byteorder == "big":
        values.byteswap()
    return values.tobytes()


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_bytes(build())
    sys.stdout.write(f"{TARGET}: {TARGET.stat().st_size:,} bytes\n")
