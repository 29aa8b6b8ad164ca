"""What the log calls the callbacks that staff reads; see ``channels/wecom``."""

from typing import Final

PREFIX: Final = "wechat.wecom."
CUSTOMER_ADDED: Final = f"{PREFIX}customer_added"
CUSTOMER_HALF_ADDED: Final = f"{PREFIX}customer_half_added"
CUSTOMER_EDITED: Final = f"{PREFIX}customer_edited"
CUSTOMER_DELETED_BY_STAFF: Final = f"{PREFIX}customer_deleted_by_staff"
STAFF_DELETED_BY_CUSTOMER: Final = f"{PREFIX}staff_deleted_by_customer"
CUSTOMER_DETAILS_FETCHED: Final = f"{PREFIX}customer_details_fetched"
STAFF_JOINED: Final = f"{PREFIX}staff_joined"
STAFF_CHANGED: Final = f"{PREFIX}staff_changed"
STAFF_LEFT: Final = f"{PREFIX}staff_left"
DEPARTMENT: Final = f"{PREFIX}department_"
INHERITED: Final = "DELETE_BY_TRANSFER"  # ``properties.source`` of a deletion by which a customer moved on.
