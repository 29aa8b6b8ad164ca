"""What a caller of computed attributes may anticipate."""

from quanyu.kernel.errors import Conflict, InvalidInput, NotFound


class InvalidComputed(InvalidInput):
    """A definition is not one this release computes; the message says where and why."""

    code = "insight.invalid_computed_attribute"


class InvalidFormula(InvalidInput):
    """A formula cannot be read, or its types do not fit; ``line`` and ``column`` say where."""

    code = "insight.invalid_formula"


class ComputedNotFound(NotFound):
    """There is no such computed attribute."""

    code = "insight.computed_attribute_not_found"


class ComputedExists(Conflict):
    """Another computed attribute has this key."""

    code = "insight.computed_attribute_exists"


class ComputedInUse(Conflict):
    """Something reads this attribute; the message names what."""

    code = "insight.computed_attribute_in_use"


class TooManyComputed(Conflict):
    """A brand has as many computed attributes as it may."""

    code = "insight.too_many_computed_attributes"


class NothingToPublish(Conflict):
    """There is no draft that differs from what is published."""

    code = "insight.nothing_to_publish"
