"""Anticipated failures of people."""

from quanyu.kernel.errors import ErrorKind, InvalidInput, NotFound


class PersonNotFound(NotFound):
    """There is no such person in this brand."""

    code = "people.not_found"


class UnusableIdentifier(InvalidInput):
    """An identifier is blocked or malformed: it can name nobody."""

    code = "people.unusable_identifier"


class IdentifierNotFound(NotFound):
    """No person has this identifier."""

    code = "people.identifier_not_found"


class TooManyWrites(InvalidInput):
    """More attributes in one call than a transaction should hold."""

    kind = ErrorKind.TOO_LARGE
    code = "people.too_many_writes"
