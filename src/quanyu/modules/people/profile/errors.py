"""Anticipated failures of changing profiles."""

from quanyu.kernel.errors import AppError, ErrorKind


class NotAnAttribute(AppError):
    """This key holds an identifier, or what is computed: neither is set by hand as an attribute."""

    kind = ErrorKind.INVALID
    code = "people.not_an_attribute"


class PolicyNotPossible(AppError):
    """This policy cannot decide about this attribute."""

    kind = ErrorKind.INVALID
    code = "people.policy_not_possible"
