"""Anticipated failures of tags on people."""

from quanyu.kernel.errors import Conflict, ErrorKind, InvalidInput, NotFound


class TagNotFound(NotFound):
    """The brand has no such tag, or no such group of tags."""

    code = "people.tag_not_found"


class TagNameTaken(Conflict):
    """Another tag of the group, or another group, has the name."""

    code = "people.tag_name_taken"


class TagGroupInUse(Conflict):
    """The group still has tags, or people carry them."""

    code = "people.tag_group_in_use"


class TagInUse(Conflict):
    """Something asks about the tag; deleting it would change the answer silently."""

    code = "people.tag_in_use"


class TooManyTags(Conflict):
    """The brand has as many tags or groups as it may."""

    code = "people.too_many_tags"


class TooManyPeople(InvalidInput):
    """More people than one change may be about."""

    kind = ErrorKind.TOO_LARGE
    code = "people.too_many_to_tag"


class ContradictoryChange(InvalidInput):
    """One change gives two tags of a group where one counts, or asks two things of one tag."""

    code = "people.contradictory_tags"
