"""What a caller of segments may anticipate."""

from quanyu.kernel.errors import Conflict, InvalidInput, NotFound


class InvalidDefinition(InvalidInput):
    """A definition is not a tree this release understands; the message says where and why."""

    code = "segments.invalid_definition"


class SegmentTooHeavy(Conflict):
    """Counting whom the definition selects takes more time or memory than one question may."""

    code = "segments.too_heavy"


class SegmentNotFound(NotFound):
    """There is no such segment in this brand."""

    code = "segments.not_found"


class SegmentNameTaken(Conflict):
    """Another segment of this brand has this name."""

    code = "segments.name_taken"


class SegmentListened(Conflict):
    """Something, such as a running journey, still listens to this segment."""

    code = "segments.listened"


class SegmentAsked(Conflict):
    """Another segment, or the rule of a tag, asks who is in this segment."""

    code = "segments.asked"


class TooManySegments(Conflict):
    """The brand has as many segments as one brand may have."""

    code = "segments.too_many"


class SegmentIsList(Conflict):
    """The segment is a list: its people are uploaded, it has no conditions."""

    code = "segments.is_list"


class SegmentOwned(Conflict):
    """Something else keeps this segment, such as the rule of a tag; change it there."""

    code = "segments.owned"
