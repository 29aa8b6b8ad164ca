"""What can go wrong with a payment, as far as a caller may anticipate it."""

from quanyu.kernel.errors import AppError, Conflict, ErrorKind, InvalidInput, NotFound


class UnknownMerchant(NotFound):
    """The brand has no such merchant."""

    code = "payments.unknown_merchant"


class UnknownPayment(NotFound):
    """The brand has no such payment."""

    code = "payments.unknown_payment"


class UnknownRefund(NotFound):
    """The brand has no such refund."""

    code = "payments.unknown_refund"


class KeyUsed(Conflict):
    """The caller's key was used before with other content."""

    code = "payments.key_used"


class NotPayable(Conflict):
    """The payment is paid, closed, being closed, or has expired."""

    code = "payments.not_payable"


class NotRefundable(Conflict):
    """Nothing was paid, or more would be given back than was paid."""

    code = "payments.not_refundable"


class OutcomeOpen(AppError):
    """The platform did not say what became of the call; it is found out. Asking again is safe."""

    kind = ErrorKind.UNAVAILABLE
    code = "payments.outcome_open"


class MissingPayer(InvalidInput):
    """This kind of payment needs the payer's openid, or the address of the payer's machine."""

    code = "payments.missing_payer"
