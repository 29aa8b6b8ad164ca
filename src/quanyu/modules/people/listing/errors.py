"""Anticipated failures of lists of people."""

from quanyu.kernel.errors import Conflict, ErrorKind, InvalidInput, NotFound


class OrderNotPossible(InvalidInput):
    """People cannot be put in this order: what it reads is sealed."""

    code = "people.order_not_possible"


class FilterTooBroad(InvalidInput):
    """An identifier so many people have cannot be combined with conditions about history."""

    kind = ErrorKind.TOO_LARGE
    code = "people.filter_too_broad"


class ViewNotFound(NotFound):
    """There is no such view, or it is somebody else's."""

    code = "people.view_not_found"


class ViewNameTaken(Conflict):
    """One of the same reader's views has the name."""

    code = "people.view_name_taken"


class TooManyViews(Conflict):
    """The brand keeps as many views as it may."""

    code = "people.too_many_views"
