"""What a Chinese mobile number tells without being kept: its carrier and its region, by prefix."""

import json
import sys
import zlib
from array import array
from bisect import bisect_right
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

_MOBILE_PREFIX: Final = "+861"


class PhoneFacts(NamedTuple):
    """Empty where the prefix is not known. Numbers may have been carried to another operator since."""

    carrier: str
    region: str


class _Table(NamedTuple):
    names: list[str]
    starts: "array[int]"
    indexes: "array[int]"

    def find(self, prefix: int) -> str:
        place = bisect_right(self.starts, prefix) - 1
        return self.names[self.indexes[place]] if place >= 0 else ""


def phone_facts(e164: str) -> PhoneFacts:
    """Return carrier and region of a number in E.164; both empty for other countries and landlines."""
    if not e164.startswith(_MOBILE_PREFIX) or len(e164) != 14:
        return PhoneFacts("", "")
    return _facts_of_prefix(int(e164[3:10]))


@lru_cache(maxsize=4096)
def _facts_of_prefix(prefix: int) -> PhoneFacts:
    regions, carriers = _tables()
    return PhoneFacts(carrier=carriers.find(prefix), region=regions.find(prefix))


@cache
def _tables() -> tuple[_Table, _Table]:
    raw = zlib.decompress((files(__package__) / "data" / "cn_phone_prefixes.bin").read_bytes())
    header_end = 4 + int.from_bytes(raw[:4], "little")
    all_names = json.loads(raw[4:header_end])
    offset = header_end
    tables = []
    for names in all_names:
        count = int.from_bytes(raw[offset : offset + 4], "little")
        starts = _array("I", raw[offset + 4 : offset + 4 + 4 * count])
        indexes = _array("H", raw[offset + 4 + 4 * count : offset + 4 + 6 * count])
        offset += 4 + 6 * count
        tables.append(_Table(names, starts, indexes))
    return tables[0], tables[1]


def _array(kind: str, raw: bytes) -> "array[int]":
    values = array(kind)
    values.frombytes(raw)
    if sys.byteorder == "big":
        values.byteswap()
    return values
