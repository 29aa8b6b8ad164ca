"""How far the figures look, and how much history they ask for. Free of libraries that take long to load."""

from datetime import date, timedelta
from typing import Final

EPOCH: Final = date(1970, 1, 1)
HORIZON_DAYS: Final = 365  # Expected purchases and value.
QUARTERS: Final = 4  # Value is discounted at the middle of each.
YEARLY_DISCOUNT: Final = 0.1
SOON_DAYS: Final = 90  # The chance of a purchase.
NEXT_DAYS_MAX: Final = 1095  # A next purchase further away than this is not given a date.
LEAST_REPEAT_BUYERS: Final = 100
LEAST_TO_CHECK: Final = 50  # Repeat buyers before the hold-out period, and purchases in it.
LEAST_DAYS: Final = 60
HOLDOUT_DAYS_MAX: Final = 182
HOLDOUT_SHARE: Final = 3  # A third of the history is kept back, at most that.


def cut_of(first_day: int, as_of: int) -> int:
    """Return the last day before the hold-out period."""
    return as_of - min(HOLDOUT_DAYS_MAX, max(0, as_of - first_day) // HOLDOUT_SHARE)


def day_of(number: int) -> date:
    """Return the day a whole number of days after 1970 begins."""
    return EPOCH + timedelta(days=number)
