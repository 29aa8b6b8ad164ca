"""Anticipated failures of company accounts."""

from quanyu.kernel.errors import Conflict, InvalidInput, NotFound


class CompanyNotFound(NotFound):
    """The brand has no such company."""

    code = "people.company_not_found"


class ExternalIdTaken(Conflict):
    """Another company has this id of the brand's own."""

    code = "people.company_id_taken"


class ImpossibleHierarchy(Conflict):
    """A company would stand above itself, or deeper than a tree of companies may be."""

    code = "people.company_hierarchy"


class ImpossibleMerge(Conflict):
    """Two companies cannot be taken together, or have come apart already."""

    code = "people.company_merge"


class CompanyInUse(Conflict):
    """Something hangs on the company that would lose its hold."""

    code = "people.company_in_use"


class PersonalAttribute(InvalidInput):
    """What the attribute says is about a person: it belongs to a contact, sealed."""

    code = "people.company_attribute_personal"


class UnknownOwner(InvalidInput):
    """Nobody of the brand's staff has this id."""

    code = "people.company_owner_unknown"
