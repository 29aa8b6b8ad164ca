"""Failures a caller of this module may anticipate."""

from quanyu.kernel.errors import Conflict, InvalidInput, NotFound


class ExperimentNotFound(NotFound):
    """This brand has no such experiment."""

    code = "experiments.not_found"


class InvalidExperiment(InvalidInput):
    """What was asked for cannot be tested like this."""

    code = "experiments.invalid"


class WrongStatus(Conflict):
    """The experiment is in a state in which this cannot be done."""

    code = "experiments.wrong_status"


class LayerFull(Conflict):
    """The experiments that run in a layer leave too little of it."""

    code = "experiments.layer_full"


class TooManyExperiments(Conflict):
    """The brand has as many as it may."""

    code = "experiments.too_many"
