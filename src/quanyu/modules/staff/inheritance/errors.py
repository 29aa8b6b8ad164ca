"""What a caller of inheritance may anticipate."""

from quanyu.kernel.errors import Conflict, InvalidInput, NotFound


class UnknownInheritance(NotFound):
    """The brand has no such plan."""

    code = "inheritance.unknown"


class WrongState(Conflict):
    """A plan cannot do that in the state it is in."""

    code = "inheritance.wrong_state"


class UnknownMember(InvalidInput):
    """Somebody named is no member of the company."""

    code = "inheritance.unknown_member"


class NothingToPassOn(InvalidInput):
    """No customer and no group fits what was asked for."""

    code = "inheritance.nothing"


class TooMany(InvalidInput):
    """More customers than one plan may hold."""

    code = "inheritance.too_many"
