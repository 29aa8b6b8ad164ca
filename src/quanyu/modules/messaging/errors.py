"""Failures a caller of this module may anticipate."""

from quanyu.kernel.errors import Conflict, InvalidInput, NotFound


class InvalidContent(InvalidInput):
    """A message's content has the wrong parts, or Liquid that cannot be parsed."""

    code = "messaging.invalid_content"


class OriginKeyConflict(Conflict):
    """An origin key was used before for another message."""

    code = "messaging.origin_key_conflict"


class LaneNotFound(NotFound):
    """Nothing was ever planned for this account, so there is no sending to change."""

    code = "messaging.lane_not_found"


class MessageNotFound(NotFound):
    """The brand has no such message."""

    code = "messaging.message_not_found"
