"""What choosing and asking a model refuses."""

from quanyu.kernel.errors import AppError, ErrorKind


class NoModel(AppError):
    """No model is chosen."""

    kind = ErrorKind.NOT_FOUND
    code = "drafting.no_model"


class ModelFailed(Exception):
    """The model gave nothing usable; ``reason`` is one of ``words.REASONS``, and nothing of its answer."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
