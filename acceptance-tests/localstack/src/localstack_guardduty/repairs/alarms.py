"""Answers in CBOR, which the newer SDKs ask CloudWatch for, leave out what the model doesn't know.

LocalStack keeps an alarm's tags with it and puts them into DescribeAlarms; its other serializers skip such members,
the one for CBOR fails.
"""

from typing import Any

from localstack.aws.protocol.serializer import BaseCBORResponseSerializer


def install() -> None:
    """Replaces the serializer of structures."""
    serialize = BaseCBORResponseSerializer._serialize_type_structure

    def known_members(
        self: BaseCBORResponseSerializer,
        serialized: bytearray,
        value: dict[str, Any],
        shape: Any,
        name: str | None = None,
        shape_members: dict[str, Any] | None = None,
    ) -> None:
        members = shape_members or shape.members
        value = {member: content for member, content in value.items() if member in members}
        serialize(self, serialized, value, shape, name, shape_members)

    BaseCBORResponseSerializer._serialize_type_structure = known_members
