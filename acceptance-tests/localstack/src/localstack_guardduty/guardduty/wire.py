"""From a finding's wire form (camelCase JSON, as in an event) to the members that an answer needs."""

from datetime import UTC, datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from localstack.aws.spec import load_service


def finding_to_api(finding: dict[str, Any]) -> dict[str, Any]:
    """The finding with the model's member names; what the model does not know is left out."""
    return _convert(load_service("guardduty").shape_for("Finding"), finding)


def _convert(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape):
        members = {
            name: (member, value.get(member.serialization.get("name", name)))
            for name, member in shape.members.items()
        }
        return {name: _convert(*member) for name, member in members.items() if member[1] is not None}
    if isinstance(shape, ListShape):
        return [_convert(shape.member, item) for item in value]
    if isinstance(shape, MapShape):
        return {key: _convert(shape.value, item) for key, item in value.items()}
    if shape.type_name == "timestamp":
        return _time(value)
    return value


def _time(value: float | str) -> datetime:
    if isinstance(value, str):
        return datetime.fromisoformat(value)
    return datetime.fromtimestamp(value, UTC)
