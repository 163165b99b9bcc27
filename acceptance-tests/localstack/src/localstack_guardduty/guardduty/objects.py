"""Reads a list's file from the emulator's S3, as GuardDuty does with its service-linked role."""

import re

from botocore.exceptions import ClientError
from localstack.services.s3.models import s3_stores

from localstack_guardduty.guardduty import internal

# An endpoint of S3: "s3", or with a region after a dot or a hyphen. AWS documents no dual-stack form for lists.
ENDPOINT = r"s3(?:[.-][a-z]{2,}(?:-[a-z]+)+-\d+)?\.amazonaws\.com(?:\.cn)?"
LOCATIONS = (
    re.compile(r"s3://(?P<bucket>[^/]+)/(?P<key>.+)"),
    re.compile(rf"https?://{ENDPOINT}/(?P<bucket>[^/]+)/(?P<key>.+)"),
    re.compile(rf"https?://(?P<bucket>[^/]+)\.{ENDPOINT}/(?P<key>.+)"),
)


class ObjectError(Exception):
    """The object cannot be read; the text says why."""


def split(location: str) -> tuple[str, str] | None:
    """Bucket and key of a location, or None if it is in no form that GuardDuty takes."""
    for form in LOCATIONS:
        if match := form.fullmatch(location):
            return match["bucket"], match["key"]
    return None


def read(account: str, region: str, location: str, owner: str | None) -> bytes:
    """The object's bytes; `owner` is the account that the bucket must belong to, if given."""
    bucket, key = split(location) or ("", "")
    try:
        content = internal.client("s3", account, region).get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        raise ObjectError(f"s3://{bucket}/{key}: {error.response['Error']['Code']}") from None
    if owner and s3_stores[account][region].global_bucket_map.get(bucket) != owner:
        raise ObjectError(f"s3://{bucket}/{key}: the bucket does not belong to account {owner}")
    return content
