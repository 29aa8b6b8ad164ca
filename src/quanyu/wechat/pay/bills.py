"""Bills: asked for by day, downloaded within five minutes, checked by their hash.

Source: pay.weixin.qq.com, 下载账单 (read 2026). A day's bill is made from 9:00 of the next day in China
and is to be had for three months. ``hash_value`` is the SHA-1 of the file before it was compressed.
"""

import hashlib
import zlib
from typing import IO, Final, Literal

from quanyu.wechat.errors import OutcomeUnknown
from quanyu.wechat.pay.client import PayClient
from quanyu.wechat.pay.declaring import Answer, Request, pay_call

BILL_BYTES_MAX: Final = 4 * 1024**3  # Of the file, uncompressed.

BillType = Literal["ALL", "SUCCESS", "REFUND", "RECHARGE_REFUND", "ALL_SPECIAL", "SUC_SPECIAL", "REF_SPECIAL"]
AccountType = Literal["BASIC", "OPERATION", "FEES"]


class TradeBillRequest(Request, frozen=True):
    bill_date: str  # yyyy-MM-dd.
    bill_type: BillType = "ALL"
    tar_type: Literal["", "GZIP"] = ""
    sub_mchid: str = ""


class FundFlowBillRequest(Request, frozen=True):
    bill_date: str
    account_type: AccountType = "BASIC"
    tar_type: Literal["", "GZIP"] = ""
    sub_mchid: str = ""


class ProfitSharingBillRequest(Request, frozen=True):
    bill_date: str
    tar_type: Literal["", "GZIP"] = ""
    sub_mchid: str = ""


class BillAnswer(Answer, frozen=True):
    download_url: str
    hash_value: str
    hash_type: str = "SHA1"


TRADE: Final = pay_call("GET", "/v3/bill/tradebill", TradeBillRequest, BillAnswer)
FUND_FLOW: Final = pay_call("GET", "/v3/bill/fundflowbill", FundFlowBillRequest, BillAnswer)
PROFIT_SHARING: Final = pay_call("GET", "/v3/profitsharing/bills", ProfitSharingBillRequest, BillAnswer)


class DamagedBill(OutcomeUnknown):
    """A file whose hash or compression is wrong; another download may be whole."""

    code = "wechat.pay_damaged_bill"


class _Writer:
    """Decompresses, hashes and writes a file while it comes in."""

    def __init__(self, into: IO[bytes], *, compressed: bool) -> None:
        self._into = into
        self._unzip = zlib.decompressobj(zlib.MAX_WBITS | 16) if compressed else None
        # The platform's choice: it guards against accidents, the signed answer and TLS against people.
        self.hash = hashlib.sha1(usedforsecurity=False)
        self.written = 0

    def write(self, chunk: bytes) -> None:
        if self._unzip is None:
            self._keep(chunk)
            return
        rest = chunk
        while rest:  # A bounded piece at a time, so that a small file cannot fill the memory.
            try:
                self._keep(self._unzip.decompress(rest, 1024 * 1024))
            except zlib.error as error:
                raise DamagedBill("the bill cannot be decompressed") from error
            rest = self._unzip.unconsumed_tail

    def _keep(self, piece: bytes) -> None:
        self.written += len(piece)
        if self.written > BILL_BYTES_MAX:
            raise DamagedBill(f"the bill exceeds {BILL_BYTES_MAX} bytes")
        self.hash.update(piece)
        self._into.write(piece)

    def is_whole(self) -> bool:
        return self._unzip is None or self._unzip.eof


async def download_bill(client: PayClient, bill: BillAnswer, into: IO[bytes], *, compressed: bool) -> int:
    """Write the uncompressed file into ``into`` and return its size in bytes.

    Raises:
        DamagedBill: it is not the file the answer named.
        NotSent, OutcomeUnknown, PayRefusal: it did not come.
    """
    writer = _Writer(into, compressed=compressed)
    await client.download(bill.download_url, write=writer.write, bytes_max=BILL_BYTES_MAX)
    if not writer.is_whole() or writer.hash.hexdigest() != bill.hash_value.lower():
        raise DamagedBill("the bill's hash is not the one that was announced")
    return writer.written
