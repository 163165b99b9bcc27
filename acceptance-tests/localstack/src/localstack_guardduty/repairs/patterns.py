"""EventBridge's event patterns: which are valid, and which events they match.

Replaces LocalStack's engine, which accepts malformed patterns, takes `true` for 1, wants a
character for each `*`, and mixes elements of different array items.
"""

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from localstack_guardduty.repairs.pattern_values import (
    OPERATORS,
    PatternError,
    Test,
    compile_alternative,
)

MAX_LENGTH = 2048
OR = "$or"
ABSENT = {"exists": False}
Path = tuple[str, ...]


@dataclass(frozen=True)
class Field:
    """What a pattern asks of one path: one of the tests, or that nothing is there."""

    path: Path
    tests: tuple[Test, ...]
    may_be_absent: bool


@dataclass(frozen=True)
class Leaf:
    """A value of an event; `items` says in which item of which array it stands."""

    value: Any
    items: dict[tuple[Path, int], int]


Alternative = dict[Path, Field]
"""A conjunction: what is asked of each path. A path asked for twice has its last form."""


def check(text: str) -> None:
    """Raises `PatternError` for what PutRule refuses."""
    _compiled(text)


def matches(text: str, event: dict[str, Any]) -> bool:
    """Whether the event fits the pattern; values of one array must come from one item."""
    leaves: dict[Path, list[Leaf]] = {}
    for path, leaf in _leaves(event, (), {}, 0):
        leaves.setdefault(path, []).append(leaf)
    return any(_fits(list(alternative.values()), leaves, {}) for alternative in _compiled(text))


@functools.lru_cache(maxsize=1024)
def _compiled(text: str) -> tuple[Alternative, ...]:
    if len(text) > MAX_LENGTH:
        raise PatternError(f"Event pattern is longer than {MAX_LENGTH} characters")
    try:
        pattern = json.loads(text)
    except ValueError:
        raise PatternError("Filter is not valid JSON") from None
    if not isinstance(pattern, dict):
        raise PatternError("Filter is not an object")
    return tuple(_object(pattern, ()))


def _object(pattern: dict[str, Any], path: Path) -> list[Alternative]:
    """The alternatives of an object: a conjunction of its fields, times what `$or` offers."""
    if not pattern:
        raise PatternError("Empty objects are not allowed")
    found: list[Alternative] = [{}]
    for name, given in pattern.items():
        if name == OR and _is_or(given):
            choices = [choice for each in given for choice in _object(each, path)]
        elif isinstance(given, dict):
            choices = _object(given, (*path, *name.split(".")))
        elif isinstance(given, list):
            field = _field((*path, *name.split(".")), given)
            choices = [{field.path: field}]
        else:
            raise PatternError(f'"{name}" must be an object or an array')
        found = [done | choice for done in found for choice in choices]
    return found


def _is_or(given: Any) -> bool:
    """`$or` is a field like another unless it holds two or more objects of fields."""
    return (
        isinstance(given, list)
        and len(given) > 1
        and all(isinstance(each, dict) and each and not set(each) & set(OPERATORS) for each in given)
    )


def _field(path: Path, given: list[Any]) -> Field:
    if not given:
        raise PatternError("Empty arrays are not allowed")
    tests = tuple(compile_alternative(each) for each in given if not _is_absent(each))
    return Field(path, tests, any(_is_absent(each) for each in given))


def _is_absent(given: Any) -> bool:
    return given == ABSENT and given["exists"] is False


def _leaves(
    node: Any, path: Path, items: dict[tuple[Path, int], int], depth: int
) -> Iterator[tuple[Path, Leaf]]:
    """All values of an event by their path; `depth` counts arrays directly inside arrays."""
    if isinstance(node, dict):
        for name, child in node.items():
            yield from _leaves(child, (*path, *name.split(".")), items, 0)
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from _leaves(child, path, items | {(path, depth): index}, depth + 1)
    else:
        yield path, Leaf(node, items)


def _fits(fields: list[Field], leaves: dict[Path, list[Leaf]], chosen: dict[tuple[Path, int], int]) -> bool:
    """Whether values can be chosen for all fields without contradicting the items in `chosen`."""
    if not fields:
        return True
    field, rest = fields[0], fields[1:]
    present = leaves.get(field.path, [])
    if field.may_be_absent and not present and _fits(rest, leaves, chosen):
        return True
    for leaf in present:
        agrees = all(chosen.get(array, item) == item for array, item in leaf.items.items())
        passes = agrees and any(test(leaf.value) for test in field.tests)
        if passes and _fits(rest, leaves, chosen | leaf.items):
            return True
    return False
