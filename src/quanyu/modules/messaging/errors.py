"""Failures a caller of this module may anticipate."""

from quanyu.kernel.errors import Conflict, InvalidInput, NotFound


class InvalidContent(InvalidInput):
    """A message's content has the wrong parts, or Liquid that cannot be parsed."""

    code = "messaging.invalid_content"


class OriginKeyConflict(Conflict):
    """An origin key was used before for another message."""

    code = "messaging.origin_key_conflict"


class TemplateNotFound(NotFound):
    """The brand has no such template in this account."""

    code = "messaging.template_not_found"


class InvalidFilter(InvalidInput):
    """A list was asked for with a filter it does not have."""

    code = "messaging.invalid_filter"
