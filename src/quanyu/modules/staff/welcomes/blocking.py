"""Whom nobody greets: names and companies that spam comes under (WM-7)."""

import unicodedata
from collections.abc import Iterable
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from quanyu.modules.staff.welcomes.contents import Frozen

WORDS_MAX: Final = 500
Word = Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
Words = Annotated[tuple[Word, ...], Field(max_length=WORDS_MAX)]


class WelcomeBlockList(Frozen):
    """Words that a name or a company must not contain; width, case and blanks never matter."""

    names: Words = ()
    companies: Words = ()
    alert: Annotated[
        tuple[Word, ...], Field(max_length=20)
    ] = ()  # Userids told by app message; nobody if empty.

    tag: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_\-]{0,64}$")] = (
        ""  # A corp tag; none if empty.
    )

    @property
    def is_empty(self) -> bool:
        return not self.names and not self.companies


def find_blocked(known: WelcomeBlockList, *, name: str, companies: Iterable[str] = ()) -> str | None:
    """Return the word that blocks, or ``None``. A name that is not known blocks nobody."""
    word = _first_in(known.names, name)
    if word is not None:
        return word
    return next(
        (word for company in companies if (word := _first_in(known.companies, company)) is not None), None
    )


def _first_in(words: Iterable[str], text: str) -> str | None:
    plain = _plain(text)
    return next((word for word in words if plain and _plain(word) in plain), None)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    # Invisible signs are how spam gets past a list like this.
    return "".join(sign for sign in folded if not sign.isspace() and unicodedata.category(sign) != "Cf")
