"""Signing calls to Tencent Cloud: TC3-HMAC-SHA256, for bodies that are posted to ``/``.

Source: Tencent Cloud API 3.0, 签名方法 v3 (read 2026).
"""

import hashlib
import hmac
from datetime import UTC, datetime
from typing import Final

CONTENT_TYPE: Final = "application/json"
_SCHEME: Final = "TC3-HMAC-SHA256"
_SIGNED: Final = "content-type;host"


def authorization(
    *, secret_id: str, secret_key: str, service: str, host: str, body: bytes, at: datetime
) -> str:
    """Return the value of ``Authorization``; ``host`` is as the request's header has it."""
    timestamp = str(int(at.timestamp()))
    date = at.astimezone(UTC).strftime("%Y-%m-%d")
    scope = f"{date}/{service}/tc3_request"
    stated = "\n".join((_SCHEME, timestamp, scope, canonical_hash(host, body)))
    key = f"TC3{secret_key}".encode()
    for part in (date, service, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, stated.encode(), "sha256").hex()
    return f"{_SCHEME} Credential={secret_id}/{scope}, SignedHeaders={_SIGNED}, Signature={signature}"


def canonical_hash(host: str, body: bytes) -> str:
    """Return the digest of the request in canonical form."""
    canonical = "\n".join(
        (
            "POST",
            "/",
            "",
            f"content-type:{CONTENT_TYPE}",
            f"host:{host.lower()}",
            "",
            _SIGNED,
            hashlib.sha256(body).hexdigest(),
        )
    )
    return hashlib.sha256(canonical.encode()).hexdigest()
