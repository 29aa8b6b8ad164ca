"""Secrets that name their brand, so that looking one up needs no search across brands."""

import hashlib
import re
import secrets
from typing import Final

from quanyu.kernel.ids import TenantId

_FORM: Final = re.compile(r"^(ql|qs|qw|qi|qr|qa)_(\d{1,9})_([A-Za-z0-9_-]{20,64})$")

LOGIN: Final = "ql"
SESSION: Final = "qs"
WRITE_KEY: Final = "qw"
INVITATION: Final = "qi"
RESET: Final = "qr"
API: Final = "qa"


def make_token(kind: str, tenant_id: TenantId) -> str:
    """Make a new secret of ``kind`` for a brand."""
    return f"{kind}_{tenant_id}_{secrets.token_urlsafe(24)}"


def tenant_of(kind: str, token: str) -> TenantId | None:
    """Return the brand a token names, or ``None`` if it is not of this kind."""
    match = _FORM.match(token)
    return TenantId(int(match[2])) if match and match[1] == kind else None


def digest_of(token: str) -> bytes:
    """Return what is stored instead of the secret; its 144 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).digest()
