"""Conditional deletes and writes of S3 objects.

LocalStack refuses `If-Match` on DeleteObject as S3 did before general purpose buckets took it, and knows no
delete that comes between the two ends of a conditional write, which S3 answers with a conflict.
"""

import functools
import threading
import time
from typing import Any

from localstack.aws.api.s3 import ConditionalRequestConflict, NoSuchKey, PreconditionFailed
from localstack.services.s3.models import S3DeleteMarker
from localstack.services.s3.provider import S3Provider

UPLOAD_SECONDS = 0.02
"""How long a conditional write takes at least: without it no delete would ever come between."""
ANY = "*"
_lock = threading.RLock()
_deletes: dict[tuple[str, str], int] = {}
"""How often each object was deleted."""


def install() -> None:
    """Wraps PutObject and DeleteObject."""
    put, delete = S3Provider.put_object, S3Provider.delete_object

    @functools.wraps(put)
    def put_object(self: S3Provider, context: Any, request: Any) -> Any:
        condition = next((name for name in ("IfNoneMatch", "IfMatch") if request.get(name)), None)
        if condition is None:
            return put(self, context, request)
        place = (request["Bucket"], request["Key"])
        before = _deletes.get(place, 0)
        time.sleep(UPLOAD_SECONDS)
        if _deletes.get(place, 0) != before:
            raise ConditionalRequestConflict(
                "The conditional request cannot succeed due to a conflicting operation against this "
                "resource.",
                Condition={"IfNoneMatch": "If-None-Match", "IfMatch": "If-Match"}[condition],
                Key=request["Key"],
            )
        return put(self, context, request)

    @functools.wraps(delete)
    def delete_object(
        self: S3Provider, context: Any, bucket: str, key: str, if_match: str | None = None, **named: Any
    ) -> Any:
        with _lock:
            if if_match:
                _check(self, context, bucket, key, if_match)
            answer = delete(self, context, bucket, key, **named)
            _deletes[bucket, key] = _deletes.get((bucket, key), 0) + 1
            return answer

    S3Provider.put_object, S3Provider.delete_object = put_object, delete_object


def _check(provider: S3Provider, context: Any, bucket: str, key: str, wanted: str) -> None:
    """Refuses the delete unless the object is there, and is the one that the ETag is of."""
    _, found = provider._get_cross_account_bucket(context, bucket)
    existing = found.objects.get(key)
    if isinstance(existing, S3DeleteMarker):
        existing = None
    if existing is None and wanted != ANY:
        raise NoSuchKey("The specified key does not exist.", Key=key)
    if existing is None or wanted not in (ANY, existing.etag, f'"{existing.etag}"'):
        raise PreconditionFailed(
            "At least one of the pre-conditions you specified did not hold", Condition="If-Match"
        )
