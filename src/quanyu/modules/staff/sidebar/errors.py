"""What the page beside chats may answer instead of what was asked."""

from quanyu.kernel.errors import AppError, ErrorKind, InvalidInput, NotFound


class NotSignedIn(AppError):
    """The page was not opened by a member, or their session has ended: sign in through WeCom."""

    kind = ErrorKind.UNAUTHENTICATED
    code = "sidebar.not_signed_in"


class SignInRefused(AppError):
    """WeCom came back with something that does not sign anybody in."""

    kind = ErrorKind.FORBIDDEN
    code = "sidebar.sign_in_refused"


class NotTheirCustomer(NotFound):
    """The member does not serve this customer, nor did they; whether somebody does is not told."""

    code = "sidebar.not_their_customer"


class ForeignAddress(InvalidInput):
    """A page to be signed is not one of ours."""

    code = "sidebar.foreign_address"
