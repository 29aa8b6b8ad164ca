"""What a caller of metrics may anticipate."""

from quanyu.kernel.errors import Conflict, InvalidInput, NotFound


class MetricNotFound(NotFound):
    """There is no such metric."""

    code = "insight.metric_not_found"


class InvalidMetric(InvalidInput):
    """A definition no figure follows from; the message says why."""

    code = "insight.invalid_metric"


class MetricChanged(Conflict):
    """Somebody else changed the metric since it was read."""

    code = "insight.metric_changed"
