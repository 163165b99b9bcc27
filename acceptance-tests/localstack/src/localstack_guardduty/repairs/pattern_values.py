"""The alternatives in an event pattern's arrays: what may stand there, and what matches a value.

A value is a JSON string, number, boolean or null of an event. `true` is not 1, and 1 is 1.0.
"""

import ipaddress
import re
from collections.abc import Callable
from typing import Any

Test = Callable[[Any], bool]
ORDERINGS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
    "=": lambda value, bound: value == bound,
}


class PatternError(Exception):
    """The pattern is not valid; the text is the reason as EventBridge words it."""


def compile_alternative(given: Any) -> Test:
    """The test of one alternative; `{"exists": false}` is not one, since it tests no value."""
    if isinstance(given, dict):
        operator, operand = _single(given)
        if operator not in OPERATORS:
            raise PatternError(f"Unrecognized match type {operator}")
        return OPERATORS[operator](operand)
    if isinstance(given, list):
        raise PatternError("Match value must be String, number, true, false, or null")
    return lambda value: same(value, given)


def same(value: Any, literal: Any) -> bool:
    """Equality as JSON has it: by type, numbers by their value."""
    if is_number(value) and is_number(literal):
        return bool(value == literal)
    return type(value) is type(literal) and value == literal


def is_number(value: Any) -> bool:
    """Whether a JSON value is a number: in Python a boolean would be one too."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _single(given: dict[str, Any]) -> tuple[str, Any]:
    if len(given) != 1:
        raise PatternError("Only one key allowed in match expression")
    return next(iter(given.items()))


def _text(operand: Any, operator: str) -> str:
    if not isinstance(operand, str):
        raise PatternError(f"{operator} match pattern must be a string")
    return operand


def _affix(operator: str, part: Callable[[str, str], bool]) -> Callable[[Any], Test]:
    def build(operand: Any) -> Test:
        if isinstance(operand, dict):
            name, inner = _single(operand)
            if name != "equals-ignore-case":
                raise PatternError(f"Unsupported {operator} match pattern: {name}")
            lower = _text(inner, operator).lower()
            return lambda value: isinstance(value, str) and part(value.lower(), lower)
        text = _text(operand, operator)
        return lambda value: isinstance(value, str) and part(value, text)

    return build


def _ignoring_case(operand: Any) -> Test:
    lower = _text(operand, "equals-ignore-case").lower()
    return lambda value: isinstance(value, str) and value.lower() == lower


def _wildcard(operand: Any) -> Test:
    text, expression, index = _text(operand, "wildcard"), "", 0
    while index < len(text):
        character = text[index]
        if character == "\\":
            index += 1
            if index == len(text) or text[index] not in "*\\":
                raise PatternError(f"Invalid escape character at pos {index}")
            expression += re.escape(text[index])
        elif character == "*":
            if text[index + 1 : index + 2] == "*":
                raise PatternError(f"Consecutive wildcard characters at pos {index}")
            expression += ".*"
        else:
            expression += re.escape(character)
        index += 1
    compiled = re.compile(expression, re.DOTALL)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def _numeric(operand: Any) -> Test:
    if not isinstance(operand, list) or not operand:
        raise PatternError("Value of numeric must be an array.")
    if len(operand) not in (2, 4):
        raise PatternError("Too many elements in numeric expression")
    bounds = list(zip(operand[::2], operand[1::2], strict=True))
    for ordering, bound in bounds:
        if not isinstance(ordering, str) or ordering not in ORDERINGS:
            raise PatternError(f"Unrecognized numeric range operator: {ordering}")
        if not is_number(bound):
            raise PatternError(f"Value of {ordering} must be numeric")
    if len(bounds) == 2:
        _check_range(bounds)
    return lambda value: (
        is_number(value) and all(ORDERINGS[ordering](value, bound) for ordering, bound in bounds)
    )


def _check_range(bounds: list[tuple[str, float]]) -> None:
    (first, bottom), (second, top) = bounds
    if first[0] != ">" or second[0] != "<":
        raise PatternError("Bad numeric range operator")
    if bottom >= top:
        raise PatternError("Bottom must be less than top")


def _cidr(operand: Any) -> Test:
    text = _text(operand, "cidr")
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise PatternError("Malformed CIDR, one '/' required") from None
    if "/" not in text:
        raise PatternError("Malformed CIDR, one '/' required")
    if network.prefixlen == network.max_prefixlen:
        raise PatternError(f"IPv{network.version} mask bits must be < {network.max_prefixlen}")

    def inside(value: Any) -> bool:
        try:
            return isinstance(value, str) and ipaddress.ip_address(value) in network
        except ValueError:
            return False

    return inside


def _anything_but(operand: Any) -> Test:
    if isinstance(operand, dict):
        name, inner = _single(operand)
        if name not in NEGATABLE:
            raise PatternError(f"Unsupported anything-but pattern: {name}")
        if name in ("prefix", "suffix") and "" in _nonempty(inner):
            raise PatternError("Null prefix/suffix not allowed")
        return _none_of([NEGATABLE[name](each) for each in _nonempty(inner)])
    literals = _nonempty(operand)
    kinds = {"number" if is_number(each) else type(each).__name__ for each in literals}
    if not kinds <= {"number", "str"} or len(kinds) != 1:
        raise PatternError("Inside anything but list, either all values are number or string")
    return _none_of([lambda value, literal=literal: same(value, literal) for literal in literals])


def _nonempty(operand: Any) -> list[Any]:
    values = operand if isinstance(operand, list) else [operand]
    if not values:
        raise PatternError("Empty arrays are not allowed")
    return values


def _none_of(tests: list[Test]) -> Test:
    return lambda value: not any(test(value) for test in tests)


def _exists(operand: Any) -> Test:
    if operand is not True:
        raise PatternError("exists match pattern must be either true or false.")
    return lambda value: True


_prefix = _affix("prefix", str.startswith)
_suffix = _affix("suffix", str.endswith)
NEGATABLE: dict[str, Callable[[Any], Test]] = {
    "prefix": _prefix,
    "suffix": _suffix,
    "equals-ignore-case": _ignoring_case,
    "wildcard": _wildcard,
}
OPERATORS: dict[str, Callable[[Any], Test]] = NEGATABLE | {
    "anything-but": _anything_but,
    "numeric": _numeric,
    "cidr": _cidr,
    "exists": _exists,
}
