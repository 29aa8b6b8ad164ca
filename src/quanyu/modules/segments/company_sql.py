"""How belonging to companies becomes SQL: the copy of contacts of now, with what their companies say."""

from typing import Final

from quanyu.modules.events.asking.readings import Parameters, comparison_sql, read_json
from quanyu.modules.segments.conditions.company import OfCompany

_WHO: Final = "toUInt32(dictGetOrDefault('person_canonical', 'canonical', toUInt64(person), person))"


def contacts_sql(node: OfCompany, parameters: Parameters) -> str:
    """Return the query for the bitmap of people who are such a contact."""
    tests = ["tenant_id = {tenant:UInt32}", "deleted = 0"]
    if node.roles:
        tests.append(f"hasAny(roles, {parameters.bind(list(node.roles), 'Array(String)')})")
    if node.number is not None:
        tests.append(f"has(segments, {parameters.bind(node.number, 'UInt64')})")
    tests += [comparison_sql(read_json("says", test.key), test, parameters) for test in node.where]
    return f"SELECT groupBitmapState({_WHO}) FROM company_contact FINAL WHERE {' AND '.join(tests)}"  # noqa: S608
