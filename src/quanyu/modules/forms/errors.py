"""What forms refuse."""

from quanyu.kernel.errors import AppError, Conflict, ErrorKind, InvalidInput, NotFound


class UnknownForm(NotFound):
    """The brand has no such form."""

    code = "forms.unknown_form"


class UnknownAnswer(NotFound):
    """The form has no such answer."""

    code = "forms.unknown_answer"


class UnfitFilter(InvalidInput):
    """Results cannot be narrowed like this; the message says why."""

    code = "forms.unfit_filter"


class TooManyAnswerers(AppError):
    """More people answered than can be kept at once."""

    kind = ErrorKind.TOO_LARGE
    code = "forms.too_many_answerers"


class NoWords(Conflict):
    """Words of this question are not counted: its answers are about one person."""

    code = "forms.no_words"


class UnknownQuestion(NotFound):
    """The form asks no such question, or not of this kind."""

    code = "forms.unknown_question"


class FormUnfit(InvalidInput):
    """The form cannot be published; ``issues`` names each place."""

    code = "forms.unfit"


class FormNotOpen(Conflict):
    """The form takes no answers now; ``state`` says why."""

    code = "forms.not_open"


class FormChanged(Conflict):
    """The form was published anew since the page was opened."""

    code = "forms.changed"


class FormFull(Conflict):
    """No more answers are taken, or not with this option; ``place`` names it."""

    code = "forms.full"


class AlreadyAnswered(Conflict):
    """Whoever answers has done so before."""

    code = "forms.already_answered"


class AnsweredTooFast(Conflict):
    """Nobody reads the form in so short a time; ``wait_s`` says when it may be sent."""

    code = "forms.too_fast"


class WeChatNeeded(Conflict):
    """The form is for people WeChat tells of, and nobody is told."""

    code = "forms.wechat_needed"


class FileRefused(InvalidInput):
    """A file is not taken; ``reason`` says why. Nothing was kept."""

    code = "forms.file_refused"


class UnknownFile(NotFound):
    """The answer has no such file."""

    code = "forms.unknown_file"


class AnswersRefused(InvalidInput):
    """The answers do not follow the form; ``problems`` names each place. Nothing was kept."""

    code = "forms.answers_refused"


class SubmissionConflict(Conflict):
    """This submission id was used before with other answers, or its answer was deleted."""

    code = "forms.submission_conflict"
