"""Addresses that say who was welcomed: a signed token in the query, no shortener (WM-5).

The parameter is ``qy_w``. Its value is ``<welcome id in base 32>.<12 hex digits of a keyed digest>``: whoever
knows one cannot make another's, and without the platform's key it says nothing about anybody.
"""

import hmac
from typing import Final
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from quanyu.infra.crypto import KeyRing
from quanyu.kernel.ids import InvalidId, decode_id, encode_id

PARAMETER: Final = "qy_w"
_DIGEST_BYTES: Final = 6
_PREFIX: Final = "w"


class WelcomeLinks:
    """Signs and reads the tokens."""

    def __init__(self, keyring: KeyRing) -> None:
        self._keyring = keyring

    def token(self, welcome_id: int) -> str:
        """Return the token of one welcome; the same whenever it is asked."""
        number = encode_id(_PREFIX, welcome_id).removeprefix(f"{_PREFIX}_")
        return f"{number}.{self._digest(welcome_id, self._keyring.blind_version)}"

    def read(self, token: str) -> int | None:
        """Return whose welcome a token is of, or ``None`` if nobody signed it here."""
        number, _, digest = token.partition(".")
        try:
            welcome_id = decode_id(_PREFIX, f"{_PREFIX}_{number}")
        except InvalidId:
            return None
        known = (self._digest(welcome_id, version) for version in self._keyring.blind_versions)
        fits = [hmac.compare_digest(one.encode(), digest.encode()) for one in known]
        return welcome_id if any(fits) else None

    def _digest(self, welcome_id: int, version: int) -> str:
        blind = self._keyring.blind_with(version, "welcome_link", "", str(welcome_id))
        return blind[:_DIGEST_BYTES].hex()


def with_token(address: str, token: str) -> str:
    """Return an address, or a mini program's page, with the token in its query; one already there goes."""
    parts = urlsplit(address)
    # Everything else stays as it was written: other systems sign their queries too.
    kept = [pair for pair in parts.query.split("&") if pair and not _is_ours(pair)]
    query = "&".join([*kept, f"{PARAMETER}={quote(token)}"])
    return urlunsplit(parts._replace(query=query))


def _is_ours(pair: str) -> bool:
    return any(name == PARAMETER for name, _ in parse_qsl(pair, keep_blank_values=True))
