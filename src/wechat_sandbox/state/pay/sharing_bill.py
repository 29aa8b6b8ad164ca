"""The bill of shared profits. Its columns are not documented; they say what a share order knows."""

from datetime import datetime

from wechat_sandbox.clock import CHINA
from wechat_sandbox.state.pay.bills import write_table
from wechat_sandbox.state.pay.pay import Pay
from wechat_sandbox.state.pay.sharing import Share, ShareOrder, ShareResult, Sharing

COLUMNS = (
    "分账时间",
    "分账发起方",
    "分账方",
    "微信订单号",
    "微信分账单号",
    "分账明细单号",
    "商户分账单号",
    "订单金额(元)",
    "分账接收方",
    "分账金额(元)",
    "业务类型",
    "处理状态",
    "分账描述",
    "备注",
)
SUMS = ("总条数", "分账总金额(元)")


def sharing_bill(pay: Pay, mchid: str, since: float, until: float) -> bytes | None:
    """Return what was given to others in a period, None when nothing was."""
    sharing = Sharing(pay)
    found = [
        (order, share)
        for order in sharing.orders(mchid)
        for share in order.shares
        if since <= share.finish_at < until and share.result is ShareResult.SUCCESS
    ]
    if not found:
        return None
    rows = [_row(sharing, order, share) for order, share in found]
    total = sum(share.amount for _, share in found)
    return write_table(COLUMNS, rows, SUMS, [str(len(found)), f"{total / 100:.2f}"])


def _row(sharing: Sharing, order: ShareOrder, share: Share) -> list[str]:
    payment = sharing.payment(order.mchid, order.transaction_id)
    when = datetime.fromtimestamp(share.finish_at, CHINA).strftime("%Y-%m-%d %H:%M:%S")
    return [
        when,
        order.mchid,
        order.mchid,
        order.transaction_id,
        order.order_id,
        share.detail_id,
        order.out_order_no,
        f"{payment.total / 100:.2f}",
        share.account,
        f"{share.amount / 100:.2f}",
        "分账",
        "分账成功",
        share.description,
        "",
    ]
