"""Finding criteria: which are valid, and which finding they match.

A finding is the JSON of its wire form. The fields come from the model's own documentation of
CreateFilter, so that a newer model brings newer fields.
"""

import functools
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from localstack.aws.spec import load_service

from localstack_guardduty.guardduty import errors

MAX_VALUES = 50
LONG_NAMES = {
    "Eq": "Equals",
    "Neq": "NotEquals",
    "Gt": "GreaterThan",
    "Gte": "GreaterThanOrEqual",
    "Lt": "LessThan",
    "Lte": "LessThanOrEqual",
}
PATTERNS = ("Matches", "NotMatches")
INT32 = range(-(2**31), 2**31)
ISO_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)")

Condition = dict[str, Any]
Criteria = dict[str, Condition]


def parse(finding_criteria: dict[str, Any] | None, patterns_allowed: bool) -> Criteria:
    """The conditions by field, in their long names; refuses what the service refuses."""
    criteria = {}
    for field, condition in ((finding_criteria or {}).get("Criterion") or {}).items():
        if field not in fields():
            raise errors.invalid("findingCriteria", f"'{field}' is not a field to filter by")
        criteria[field] = _condition(field, condition, patterns_allowed)
    return criteria


def to_api(criteria: Criteria) -> dict[str, Any]:
    """As GetFilter answers: with the deprecated short names beside the long ones."""
    short_names = {long: short for short, long in LONG_NAMES.items()}
    answer: Criteria = {}
    for field, condition in criteria.items():
        short = {
            short_names[name]: value
            for name, value in condition.items()
            if name in short_names and (isinstance(value, list) or value in INT32)
        }
        answer[field] = short | condition
    return {"Criterion": answer}


def matches(criteria: Criteria, finding: dict[str, Any]) -> bool:
    """Whether the finding meets every condition of every field."""
    return all(
        TESTS[name](list(_values(finding, field.split("."))), operand)
        for field, condition in criteria.items()
        for name, operand in condition.items()
    )


@functools.cache
def fields() -> frozenset[str]:
    """Names of all fields that findings can be filtered by."""
    request = load_service("guardduty").shape_for("CreateFilterRequest")
    text = request.members["FindingCriteria"].documentation
    return frozenset(re.findall(r"<li>\s*<p>\s*([A-Za-z][A-Za-z0-9.]+)", text))


def _condition(field: str, condition: Condition, patterns_allowed: bool) -> Condition:
    long: Condition = {}
    for name, value in condition.items():
        if value is not None:
            long[LONG_NAMES.get(name, name)] = value
    if not any(value != [] for value in long.values()):
        raise errors.invalid("findingCriteria", f"'{field}' has no condition")
    for name, value in long.items():
        if isinstance(value, list) and len(value) > MAX_VALUES:
            raise errors.invalid("findingCriteria", f"'{field}' has more than {MAX_VALUES} values")
        if name in PATTERNS and not patterns_allowed:
            raise errors.invalid("findingCriteria", f"'{field}': {name} is for filters only")
    return long


def _values(node: Any, path: list[str]) -> Iterator[Any]:
    if isinstance(node, list):
        for item in node:
            yield from _values(item, path)
    elif not path:
        if node is not None:
            yield node
    elif isinstance(node, dict):
        yield from _values(node.get(path[0]), path[1:])


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _number(value: Any) -> float | None:
    """A number as it is, a time as milliseconds since the epoch, anything else as nothing."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str) and ISO_TIME.fullmatch(value):
        return datetime.fromisoformat(value).timestamp() * 1000
    return None


def _any_equal(values: list[Any], wanted: list[str]) -> bool:
    return any(_text(value) in wanted for value in values)


def _any_like(values: list[Any], patterns: list[str]) -> bool:
    literal = [pattern.replace("[", "[[]") for pattern in patterns]
    return any(fnmatchcase(_text(value), pattern) for value in values for pattern in literal)


def _compare(test: Callable[[float, float], bool]) -> Callable[[list[Any], int], bool]:
    def compare(values: list[Any], bound: int) -> bool:
        numbers = [number for value in values if (number := _number(value)) is not None]
        return any(test(number, bound) for number in numbers)

    return compare


TESTS: dict[str, Callable[[list[Any], Any], bool]] = {
    "Equals": _any_equal,
    "NotEquals": lambda values, unwanted: not _any_equal(values, unwanted),
    "Matches": _any_like,
    "NotMatches": lambda values, patterns: not _any_like(values, patterns),
    "GreaterThan": _compare(lambda number, bound: number > bound),
    "GreaterThanOrEqual": _compare(lambda number, bound: number >= bound),
    "LessThan": _compare(lambda number, bound: number < bound),
    "LessThanOrEqual": _compare(lambda number, bound: number <= bound),
}
