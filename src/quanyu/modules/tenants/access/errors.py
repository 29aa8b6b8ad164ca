"""Anticipated refusals around members, roles and signing in."""

from quanyu.kernel.errors import AppError, ErrorKind


class OutOfReach(AppError):
    """The caller would give, or act on, more than they may do themselves."""

    kind = ErrorKind.FORBIDDEN
    code = "access.out_of_reach"


class LastOwner(AppError):
    """The brand would be left without an active owner."""

    kind = ErrorKind.CONFLICT
    code = "access.last_owner"


class UnknownMember(AppError):
    """The brand has no such member."""

    kind = ErrorKind.NOT_FOUND
    code = "access.unknown_member"


class UnfitMember(AppError):
    """The deed does not fit the member's state."""

    kind = ErrorKind.CONFLICT
    code = "access.unfit_member"


class EmailTaken(AppError):
    """Another member of the brand has this e-mail address."""

    kind = ErrorKind.CONFLICT
    code = "access.email_taken"


class InvalidEmail(AppError):
    """This is no e-mail address."""

    code = "access.invalid_email"


class UnknownRole(AppError):
    """The brand has no such role."""

    kind = ErrorKind.NOT_FOUND
    code = "access.unknown_role"


class RoleTaken(AppError):
    """Another role of the brand has this name."""

    kind = ErrorKind.CONFLICT
    code = "access.role_taken"


class RoleInUse(AppError):
    """Somebody has the role."""

    kind = ErrorKind.CONFLICT
    code = "access.role_in_use"


class LimitReached(AppError):
    """The brand has as many of these as there may be."""

    kind = ErrorKind.CONFLICT
    code = "access.limit_reached"


class InvalidLink(AppError):
    """An invitation or a link that resets a password was used, revoked or replaced, or has expired."""

    kind = ErrorKind.NOT_FOUND
    code = "access.invalid_link"


class UnfitPassword(AppError):
    """A password is too short, too common, or the e-mail address."""

    code = "access.unfit_password"


class WrongCredentials(AppError):
    """E-mail address and password do not go together; which of them is wrong stays open."""

    kind = ErrorKind.UNAUTHENTICATED
    code = "access.wrong_credentials"


class WrongPassword(AppError):
    """Somebody signed in gave a wrong password of their own."""

    kind = ErrorKind.FORBIDDEN
    code = "access.wrong_password"


class TooManyAttempts(AppError):
    """Too many failed sign-ins; ``retry_after_s`` says how long to wait."""

    kind = ErrorKind.RATE_LIMITED
    code = "access.too_many_attempts"

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(
            f"too many failed attempts; try again in {retry_after_s} seconds",
            message_zh=f"失败次数过多，请在 {retry_after_s} 秒后再试",
            retry_after_s=retry_after_s,
        )
        self.retry_after_s = retry_after_s


class PersonOnly(AppError):
    """This is for somebody signed in to the console, about their own account."""

    kind = ErrorKind.FORBIDDEN
    code = "access.person_only"


class UnknownToken(AppError):
    """The caller has no such API token."""

    kind = ErrorKind.NOT_FOUND
    code = "access.unknown_token"


class UnknownSession(AppError):
    """The account has no such session."""

    kind = ErrorKind.NOT_FOUND
    code = "access.unknown_session"
