"""Why a customer or a group was not passed on: a closed set, and which code of the platform means what.

Source of the codes: developer.work.weixin.qq.com, 在职继承 (92125), 离职继承 (94081),
客户群继承 (92127, 95703).
"""

from enum import StrEnum
from typing import Final


class Reason(StrEnum):
    """Why an item is not on its way, or will not be."""

    TOO_OFTEN = "too_often"  # Passed on twice within 90 days already.
    IN_TRANSFER = "in_transfer"  # On the way to somebody already.
    NO_ROOM = "no_room"  # None of those who take over has room left.
    TAKER_FULL = "taker_full"
    TAKER_UNFIT = "taker_unfit"  # Not active, may not have customers, banned or not verified.
    LONG_AWAY = "long_away"  # One of both has not signed in for a year.
    NOT_THEIRS = "not_theirs"  # Not a customer, or not the owner's group, of who hands over.
    NOT_LEFT = "not_left"  # The platform says that who hands over still works here.
    HAS_LEFT = "has_left"  # … or that they have left.
    SAME_PERSON = "same_person"
    UNKNOWN_ID = "unknown_id"
    REFUSED = "refused"  # By the customer.
    DAILY_LIMIT = "daily_limit"  # 300 groups of one owner a day.
    GROUP_FULL = "group_full"
    INHERITED_BEFORE = "inherited_before"  # A group passes on after a leaving once only.
    NO_ANSWER = "no_answer"  # The platform never said how it ended.
    NO_CORP = "no_corp"  # The corp was disconnected meanwhile.
    PLATFORM = "platform"  # Anything else it says; the code is kept beside.


IN_PROGRESS: Final = frozenset({40100, 40129, 90507})
_OF_CODE: Final[dict[int, Reason]] = {
    40031: Reason.TAKER_UNFIT,
    40096: Reason.UNKNOWN_ID,
    40097: Reason.NOT_LEFT,
    40098: Reason.TAKER_UNFIT,
    40099: Reason.TAKER_FULL,
    40100: Reason.IN_TRANSFER,
    40128: Reason.TOO_OFTEN,
    40129: Reason.IN_TRANSFER,
    40130: Reason.SAME_PERSON,
    40131: Reason.NOT_THEIRS,
    40143: Reason.TAKER_UNFIT,
    40205: Reason.LONG_AWAY,
    60111: Reason.TAKER_UNFIT,
    84061: Reason.NOT_THEIRS,
    84074: Reason.TAKER_UNFIT,
    90500: Reason.NOT_LEFT,
    90501: Reason.UNKNOWN_ID,
    90502: Reason.HAS_LEFT,
    90503: Reason.GROUP_FULL,
    90504: Reason.SAME_PERSON,
    90507: Reason.IN_TRANSFER,
    90508: Reason.INHERITED_BEFORE,
    90509: Reason.TOO_OFTEN,
    90510: Reason.DAILY_LIMIT,
}
# Another of those who take over may have more luck.
ABOUT_THE_TAKER: Final = frozenset({Reason.TAKER_FULL, Reason.TAKER_UNFIT, Reason.LONG_AWAY})


def reason_of(code: int) -> Reason:
    """Return what a code of the platform means for one item."""
    return _OF_CODE.get(code, Reason.PLATFORM)
