"""What people did themselves, as against what was done to them or noted about them."""

from typing import Final

from quanyu.modules.insight.warehouse_queries import CANONICAL

# Of the platforms' events, those a person causes; docs/reference/understanding.md lists them.
PLATFORM_ACTS: Final = (
    "wechat.official_account.followed",
    "wechat.official_account.scanned",
    "wechat.official_account.message_received",
    "wechat.official_account.menu_clicked",
    "wechat.official_account.menu_viewed",
    "wechat.official_account.menu_mini_program_opened",
    "wechat.official_account.location_reported",
    "wechat.official_account.subscribe_message_answered",
    "wechat.official_account.service_session_entered",
    "wechat.mini_program.logged_in",
    "wechat.mini_program.phone_number_given",
    "wechat.mini_program.message_received",
    "wechat.mini_program.service_session_entered",
    "wechat.mini_program.subscribe_message_answered",
    "wechat.wecom.customer_added",
    "wechat.wecom.link_chat_started",
)
ORDERED: Final = "Order Completed"
# What shops and warehouses do with an order is not the customer's act.
_NOT_THEIRS: Final = ("Order Refunded", "Order Updated", "Order Cancelled")

_PLATFORM_LIST: Final = ", ".join(f"'{name}'" for name in PLATFORM_ACTS)
_NOT_LIST: Final = ", ".join(f"'{name}'" for name in _NOT_THEIRS)
# Our own facts (source quanyu) state what the brand did.
ACTS: Final = (
    "tenant_id = {tenant:UInt32} AND person != 0 AND source != 'quanyu' "
    "AND kind IN ('track', 'page', 'screen') "
    f"AND (NOT startsWith(name, 'wechat.') OR name IN ({_PLATFORM_LIST})) AND name NOT IN ({_NOT_LIST})"
)
UP_TO: Final = "occurred_at <= fromUnixTimestamp64Milli({as_of_ms:Int64}, 'UTC')"
# An order counts once something was paid for.
IS_ORDER: Final = (
    f"(name = '{ORDERED}' AND (ifNull(revenue, 0) > 0 "
    "OR arrayExists((price, quantity) -> price > 0 AND quantity > 0, `items.price`, `items.quantity`)))"
)
ORDER_KEY: Final = "if(order_id = '', message_id, order_id)"
WHO: Final = f"toUInt32({CANONICAL})"
# Local days as whole numbers from 1970.
DAY: Final = "toInt32(toDate32(occurred_at, {zone:String}))"
