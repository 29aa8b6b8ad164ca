"""What drafting refuses."""

from quanyu.kernel.errors import AppError


class NotUnderstood(AppError):
    """Nothing could be made of the words."""

    code = "drafting.not_understood"
