"""Checks a request against botocore's GuardDuty model: required, types, enums, lengths, patterns, ranges.

It reads the body as it came, not as LocalStack parsed it, since parsing forgives. It knows no
rule that the model does not state.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from localstack.aws.api import RequestContext

from localstack_guardduty.guardduty import errors

# Patterns that the service is known not to hold against its own ARNs (malware protection plans).
IGNORED_PATTERNS = {"GuardDutyArn"}
SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float, str),
}


def check(context: RequestContext) -> None:
    """Raises `BadRequest` for the first fault of the request in `context`."""
    shape = context.operation.input_shape
    if not isinstance(shape, StructureShape):
        return
    body = _body(context)
    _refuse_unknown(context.operation, body)
    for fault in _faults(shape, _raw_input(shape, body, context.service_request or {}), ""):
        raise fault


def _body(context: RequestContext) -> dict[str, Any]:
    text = context.request.get_data(as_text=True)
    if not text.strip():
        return {}
    try:
        body = json.loads(text)
    except ValueError:
        raise errors.invalid_json() from None
    if not isinstance(body, dict):
        raise errors.invalid_json()
    return body


def _refuse_unknown(operation: OperationModel, body: dict[str, Any]) -> None:
    known = {
        _wire_name(name, member)
        for name, member in operation.input_shape.members.items()
        if "location" not in member.serialization
    }
    if set(body) - known:
        raise errors.invalid_json()


def _raw_input(shape: StructureShape, body: dict[str, Any], parsed: dict[str, Any]) -> dict[str, Any]:
    """Members by their wire name: those of the body as sent, those of the URL as parsed."""
    raw = {}
    for name, member in shape.members.items():
        wire = _wire_name(name, member)
        if "location" in member.serialization:
            raw[wire] = parsed.get(name)
        else:
            raw[wire] = body.get(wire)
    return raw


def _wire_name(name: str, member: Shape) -> str:
    return member.serialization.get("name", name)


def _faults(shape: Shape, value: Any, path: str) -> Iterator[errors.BadRequest]:
    if isinstance(shape, StructureShape):
        yield from _structure_faults(shape, value, path)
    elif isinstance(shape, ListShape):
        yield from _list_faults(shape, value, path)
    elif isinstance(shape, MapShape):
        yield from _map_faults(shape, value, path)
    else:
        yield from _scalar_faults(shape, value, path)


def _structure_faults(shape: StructureShape, value: Any, path: str) -> Iterator[errors.BadRequest]:
    if not isinstance(value, dict):
        yield errors.invalid_json()
        return
    wires = {_wire_name(name, member): (name, member) for name, member in shape.members.items()}
    if set(value) - set(wires):
        yield errors.invalid_json()
    for wire, (name, member) in wires.items():
        place = f"{path}.{wire}" if path else wire
        if value.get(wire) is not None:
            yield from _faults(member, value[wire], place)
        elif name in shape.required_members:
            yield errors.missing(place)


def _list_faults(shape: ListShape, value: Any, path: str) -> Iterator[errors.BadRequest]:
    if not isinstance(value, list):
        yield errors.invalid_json()
        return
    yield from _size_faults(shape, len(value), path, "items")
    for index, item in enumerate(value):
        yield from _faults(shape.member, item, f"{path}[{index}]")


def _map_faults(shape: MapShape, value: Any, path: str) -> Iterator[errors.BadRequest]:
    if not isinstance(value, dict):
        yield errors.invalid_json()
        return
    yield from _size_faults(shape, len(value), path, "entries")
    for key, item in value.items():
        yield from _faults(shape.key, key, f"{path} (key {key})")
        yield from _faults(shape.value, item, f"{path}.{key}")


def _scalar_faults(shape: Shape, value: Any, path: str) -> Iterator[errors.BadRequest]:
    allowed = SCALARS.get(shape.type_name, (object,))
    if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
        yield errors.invalid_json()
        return
    if shape.type_name == "string":
        yield from _string_faults(shape, value, path)
    elif shape.type_name in ("integer", "long", "float", "double"):
        yield from _size_faults(shape, value, path, "")


def _string_faults(shape: Shape, value: str, path: str) -> Iterator[errors.BadRequest]:
    enum = getattr(shape, "enum", None)
    if enum and value not in enum:
        yield errors.invalid(path, f"'{value}' is none of {', '.join(enum)}")
        return
    if not enum:
        yield from _size_faults(shape, len(value), path, "characters")
    pattern = shape.metadata.get("pattern")
    if pattern and shape.name not in IGNORED_PATTERNS and not re.fullmatch(pattern, value):
        yield errors.invalid(path, f"'{value}' does not match {pattern}")


def _size_faults(shape: Shape, size: float, path: str, unit: str) -> Iterator[errors.BadRequest]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if (least is not None and size < least) or (most is not None and size > most):
        bounds = f"{'' if least is None else least}..{'' if most is None else most}"
        yield errors.invalid(path, f"{size} {unit} is not within {bounds}".replace("  ", " "))
