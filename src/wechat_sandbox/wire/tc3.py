"""TC3-HMAC-SHA256 as the platform checks it. Source: Tencent Cloud API 3.0, 签名方法 v3 (read 2026)."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

_HEADER = re.compile(
    r"TC3-HMAC-SHA256 Credential=([^/\s,]+)/(\d{4}-\d\d-\d\d)/([a-z]+)/tc3_request, ?"
    r"SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """What an Authorization header says."""

    secret_id: str
    date: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str


def read_claim(header: str) -> Claim | None:
    """Read an Authorization header; one of another form is none."""
    found = _HEADER.fullmatch(header.strip())
    return Claim(found[1], found[2], found[3], tuple(found[4].split(";")), found[5]) if found else None


def signature_of(
    claim: Claim, secret_key: str, headers: Mapping[str, str], timestamp: str, body: bytes
) -> str:
    """Return the signature the claim should bear."""
    lines = "".join(f"{name}:{headers.get(name, '').strip().lower()}\n" for name in claim.signed_headers)
    names = ";".join(claim.signed_headers)
    canonical = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{claim.date}/{claim.service}/tc3_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    signed = f"TC3-HMAC-SHA256\n{timestamp}\n{scope}\n{digest}"
    key = _mac(_mac(_mac(b"TC3" + secret_key.encode(), claim.date), claim.service), "tc3_request")
    return hmac.new(key, signed.encode(), hashlib.sha256).hexdigest()


def day_of(timestamp: int) -> str:
    """Return the day a signature made then is for."""
    return datetime.fromtimestamp(timestamp, UTC).date().isoformat()


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
