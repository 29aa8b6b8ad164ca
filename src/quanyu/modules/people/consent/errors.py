"""Anticipated failures of consent."""

from quanyu.kernel.errors import Conflict, InvalidInput, NotFound


class PurposeNotFound(NotFound):
    """The brand has no such purpose."""

    code = "people.purpose_not_found"


class ConsentTextNotFound(NotFound):
    """The purpose has no text of this version."""

    code = "people.consent_text_not_found"


class TooManyPurposes(Conflict):
    """The brand has as many purposes as it may."""

    code = "people.too_many_purposes"


class ConsentConflict(Conflict):
    """The operation id was used before for something else."""

    code = "people.consent_conflict"


class ConsentInFuture(InvalidInput):
    """What was said cannot be later than now."""

    code = "people.consent_in_future"
