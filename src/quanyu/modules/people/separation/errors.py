"""Anticipated failures of the identity desk."""

from quanyu.kernel.errors import Conflict, InvalidInput, NotFound


class NotTheirs(InvalidInput):
    """A chosen identifier is not this person's, or nothing would be left of the person."""

    code = "people.not_theirs"


class TooManyPairs(InvalidInput):
    """More pairs of identifiers than one decision should hold apart."""

    code = "people.too_many_pairs"


class DecisionNotFound(NotFound):
    """There is no such decision."""

    code = "people.decision_not_found"


class AlreadyUndone(Conflict):
    """The decision was taken back before."""

    code = "people.already_undone"
