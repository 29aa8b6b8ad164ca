"""The codes of short links: eight letters nobody guesses, behind the number of the brand."""

import secrets
import string
from typing import Final

from quanyu.kernel.ids import TenantId

ALPHABET: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
CODE_LENGTH: Final = 8  # 62⁸ ≈ 2 · 10¹⁴.
_TENANT_LENGTH_MAX: Final = 6  # Holds every 32-bit number.
_VALUES: Final = {letter: value for value, letter in enumerate(ALPHABET)}


def new_code() -> str:
    """Return a code of a new link."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def token_of(tenant_id: TenantId, code: str) -> str:
    """Return what stands in the address: the brand, then the code."""
    number, digits = int(tenant_id), ""
    while number or not digits:
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits + code


def read_token(text: str) -> tuple[TenantId, str] | None:
    """Return the brand and the code an address names, or ``None`` if it cannot be one of ours."""
    brand, code = text[:-CODE_LENGTH], text[-CODE_LENGTH:]
    if not 1 <= len(brand) <= _TENANT_LENGTH_MAX or len(code) != CODE_LENGTH:
        return None
    if not all(letter in _VALUES for letter in text):
        return None
    number = 0
    for letter in brand:
        number = number * len(ALPHABET) + _VALUES[letter]
    return (
        (TenantId(number), code) if 0 < number < 2**31 and token_of(TenantId(number), code) == text else None
    )
