"""What a rule of retention can be refused for."""

from quanyu.kernel.errors import Conflict, InvalidInput


class KeptForGood(Conflict):
    """The platform itself reads events of this name without a window."""

    code = "events.kept_for_good"


class RetentionInUse(Conflict):
    """Somebody asks for events further back than the rule keeps them."""

    code = "events.retention_in_use"


class InvalidRetention(InvalidInput):
    """A rule that cannot hold."""

    code = "events.invalid_retention"
