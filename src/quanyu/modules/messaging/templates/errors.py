"""What can go wrong with message templates."""

from quanyu.kernel.errors import AppError, ErrorKind


class MessageTemplateNotFound(AppError):
    """This brand has no such template."""

    kind = ErrorKind.NOT_FOUND
    code = "messaging.message_template_not_found"


class TooManyTemplates(AppError):
    """The brand has as many as it may."""

    kind = ErrorKind.CONFLICT
    code = "messaging.too_many_templates"
