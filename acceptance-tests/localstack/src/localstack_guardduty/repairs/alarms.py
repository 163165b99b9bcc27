"""Tags of alarms, and answers in CBOR, which the newer SDKs ask CloudWatch for.

LocalStack keeps the tags given to PutMetricAlarm with the alarm, where ListTagsForResource doesn't look, and
puts them into DescribeAlarms, where the model has none; its other serializers skip such members, the one for
CBOR fails.
"""

import functools
from typing import Any

from localstack.aws.protocol.serializer import BaseCBORResponseSerializer
from localstack.services.cloudwatch.provider_v2 import CloudwatchProvider
from localstack.utils.aws import arns


def install() -> None:
    """Replaces the serializer of structures, and adds to PutMetricAlarm and DeleteAlarms."""
    _skip_unknown_members()
    _keep_tags()


def _keep_tags() -> None:
    put, delete = CloudwatchProvider.put_metric_alarm, CloudwatchProvider.delete_alarms

    def arn(context: Any, name: str) -> str:
        return arns.cloudwatch_alarm_arn(name, context.account_id, context.region)

    def put_metric_alarm(self: CloudwatchProvider, context: Any, request: Any) -> None:
        store, alarm = self.get_store(context.account_id, context.region), arn(context, request["AlarmName"])
        tags = request.get("Tags") if alarm not in store.alarms else None
        put(self, context, request)
        if tags:
            store.TAGS.tag_resource(alarm, tags)

    def delete_alarms(self: CloudwatchProvider, context: Any, alarm_names: Any, **others: Any) -> None:
        delete(self, context, alarm_names, **others)
        store = self.get_store(context.account_id, context.region)
        for name in alarm_names:
            store.TAGS.tags.pop(arn(context, name), None)

    CloudwatchProvider.put_metric_alarm = functools.wraps(put)(put_metric_alarm)
    CloudwatchProvider.delete_alarms = functools.wraps(delete)(delete_alarms)


def _skip_unknown_members() -> None:
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
