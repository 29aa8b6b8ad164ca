"""Which pairs are worth comparing, so that the work grows with the people and not with their square.

Records that share a key fall into one block. A key that too many share says too little: its block is
dropped and counted, and finer keys of two fields take its place. So each record meets a bounded number of
others. Letters of names stand sorted and once each in a key: letters doubled or exchanged do not count.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Final

from quanyu.modules.people.matching.model import VALUES_MAX, Record

BLOCK_MAX: Final = 50  # Records that share a key; above it the key is dropped.
KEYS_MAX: Final = 40  # Of one record.
_HEAD: Final = 3  # Letters of a name that are right more often than the whole of it.
_NAME_FIELDS: Final = ("name", "given_name", "surname")


class Blocks:
    """Candidate pairs among records at hand. ``dropped`` counts the blocks that were too large."""

    def __init__(self, records: Sequence[Record], *, block_max: int = BLOCK_MAX) -> None:
        blocks: defaultdict[str, list[int]] = defaultdict(list)
        for place, record in enumerate(records):
            for key in keys(record):
                blocks[key].append(place)
        self.dropped = sum(1 for block in blocks.values() if len(block) > block_max)
        self._blocks = [block for block in blocks.values() if 1 < len(block) <= block_max]

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Yield each pair of places (a < b) of records that share a key, once."""
        seen: set[tuple[int, int]] = set()
        for block in self._blocks:
            for pair in combinations(block, 2):
                if pair not in seen:
                    seen.add(pair)
                    yield pair


def keys(record: Record) -> tuple[str, ...]:
    """Return the keys of a record, at most ``KEYS_MAX``: what says most comes first."""
    return tuple(dict.fromkeys(_keys(record)))[:KEYS_MAX]


def _keys(record: Record) -> Iterator[str]:
    names = _names(record)
    births, cities = _some(record, "birth_date"), [letters(city) for city in _some(record, "city")]
    yield from _numbers(record)
    yield from (f"mail:{letters(user)}:{_digits(user)}" for user in _mail_users(record))
    yield from _whole_names(record)
    yield from (f"nick:{nickname}" for nickname in _some(record, "nickname"))
    for birth in births:
        yield f"born:{birth}"
        yield from (f"born:{birth}:in:{city}" for city in cities)
        yield from (f"born:{birth}:as:{name[:_HEAD]}" for name in names)
        yield from (f"born:{birth[:4]}:named:{letters(name)}" for name in names)
        yield from (f"born:{birth[4:]}:named:{letters(name)}" for name in names)
    for name in names:
        yield f"named:{letters(name)}"
        yield from (f"named:{letters(name)}:in:{city}" for city in cities)
        yield from (f"named:{letters(name)}:at:{host}" for host in _mail_hosts(record))
        yield from (f"named:{letters(name)}:post:{code}" for code in _some(record, "postcode"))
    for user in _mail_users(record):
        yield f"mailed:{letters(_wordy(user))}"
        yield from (f"mail:{_digits(user)}:born:{birth[:4]}" for birth in births if _digits(user))


def _numbers(record: Record) -> Iterator[str]:
    """Both halves of numbers: a digit is wrong in one of them at most."""
    for phone in _some(record, "phone"):
        yield f"phone:{phone[:-4]}"
        yield f"phone_end:{phone[-6:]}"
    for number in _some(record, "id_number"):
        half = len(number) // 2
        yield f"number:{number[:half]}:{len(number)}"
        yield f"number_end:{number[half:]}"
    for address in _some(record, "address"):
        yield f"address:{letters(address)}:{_digits(address)}"


def _whole_names(record: Record) -> Iterator[str]:
    for name in _some(record, "name"):
        yield f"name:{''.join(sorted(name))}"
    for given in _some(record, "given_name"):
        for family in _some(record, "surname"):
            yield f"name:{'+'.join(sorted((letters(given), letters(family))))}"
            yield f"name:{'+'.join(sorted((given[:_HEAD], family[:_HEAD])))}"


def letters(text: str) -> str:
    """Return which letters a text is made of."""
    return "".join(sorted({letter for letter in text if letter.isalpha()}))


def _names(record: Record) -> list[str]:
    return list(dict.fromkeys(name for field in _NAME_FIELDS for name in _some(record, field)))


def _mail_users(record: Record) -> list[str]:
    return [mail.partition("@")[0] for mail in _some(record, "email")]


def _mail_hosts(record: Record) -> Iterable[str]:
    return (letters(mail.partition("@")[2]) for mail in _some(record, "email"))


def _some(record: Record, field: str) -> Sequence[str]:
    return record.get(field, ())[:VALUES_MAX]


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())


def _wordy(text: str) -> str:
    return "".join(letter for letter in text if letter.isalpha())
