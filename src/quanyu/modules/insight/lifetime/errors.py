"""What a caller of customer lifetime may anticipate."""

from quanyu.kernel.errors import InvalidInput


class UnknownBand(InvalidInput):
    """There is no such band."""

    code = "insight.unknown_band"
