"""Files that are fetched in a second step: bills, receipts, flows of coupons."""

import gzip
from dataclasses import dataclass

from wechat_sandbox.state.pay.pay import Pay
from wechat_sandbox.state.shelf import Blobs, Shelf
from wechat_sandbox.wire.pay.errors import PayError

GOOD_FOR_S = 300.0
BILL_PATH = "/v3/billdownload/file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """Leave to fetch one file for a while."""

    token: str
    mchid: str
    blob: str
    expires_at: float


class Downloads:
    """Hands out tickets, and the files for them."""

    def __init__(self, pay: Pay) -> None:
        self._pay = pay
        self._tickets = Shelf(pay.store, "pay_download", Ticket)
        self._blobs = Blobs(pay.store)

    def offer(self, mchid: str, content: bytes, content_type: str, *, at: float, zipped: bool = False) -> str:
        """Keep a file and return the token under which it is fetched."""
        token = self._pay.token("download", 64)
        if zipped:
            # Without a time stamp, so that the same bill is the same file.
            content, content_type = gzip.compress(content, mtime=0), "application/x-gzip"
        self._blobs.put(f"pay:{token}", content, content_type)
        ticket = Ticket(token=token, mchid=mchid, blob=f"pay:{token}", expires_at=at + GOOD_FOR_S)
        self._tickets.put("", token, ticket)
        return token

    def fetch(self, mchid: str, token: str, at: float) -> tuple[bytes, str]:
        """Return a file and its type, or refuse a token that is unknown, old or another merchant's."""
        ticket = self._tickets.find("", token)
        if ticket is None or ticket.mchid != mchid or at > ticket.expires_at:
            raise PayError("INVALID_REQUEST", "下载地址无效或已过期,请重新申请")
        found = self._blobs.find(ticket.blob)
        assert found is not None
        return found
