"""What may be refused in customer groups."""

from quanyu.kernel.errors import Conflict, InvalidInput, NotFound


class UnknownGroup(NotFound):
    """The brand has no such group."""

    code = "community.unknown_group"


class UnknownCorp(NotFound):
    """No such corp is connected."""

    code = "community.unknown_corp"


class UnknownCode(NotFound):
    """The brand has no such group code."""

    code = "community.unknown_code"


class UnknownWelcome(NotFound):
    """The brand has no such group welcome."""

    code = "community.unknown_welcome"


class UnknownInvitation(NotFound):
    """The brand has no such invitation."""

    code = "community.unknown_invitation"


class CodeRefused(InvalidInput):
    """A group code does not fit together; nothing was saved."""

    code = "community.code_refused"


class WelcomeRefused(InvalidInput):
    """A group welcome does not fit together, or there are too many; nothing was saved."""

    code = "community.welcome_refused"


class InvitationRefused(Conflict):
    """The invitation is in no state for this."""

    code = "community.invitation_refused"


class RemindedEnough(Conflict):
    """The platform lets members be reminded of a message three times in 24 hours."""

    code = "community.reminded_enough"
