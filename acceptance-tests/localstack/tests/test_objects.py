"""S3 objects with conditions: on writes, on deletes, and what else is kept with an object."""

import itertools
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError
from refusals import refused

_buckets = itertools.count()


@pytest.fixture
def s3(client):
    """An S3 client."""
    return client("s3")


@pytest.fixture
def one(s3):
    """Bucket and key of an object that is not there yet."""
    bucket = f"conditional-{next(_buckets)}"
    s3.create_bucket(Bucket=bucket)
    return {"Bucket": bucket, "Key": "lists/one.txt"}


def body(s3, one):
    return s3.get_object(**one)["Body"].read()


def test_a_write_that_must_be_the_first(s3, one):
    s3.put_object(**one, Body=b"1", IfNoneMatch="*")
    with refused("pre-conditions you specified did not hold", code="PreconditionFailed", status=412):
        s3.put_object(**one, Body=b"2", IfNoneMatch="*")
    assert body(s3, one) == b"1"
    s3.delete_object(**one)
    s3.put_object(**one, Body=b"3", IfNoneMatch="*")


def test_of_writes_at_once_one_is_the_first(s3, one):
    def write(number):
        try:
            s3.put_object(**one, Body=str(number).encode(), IfNoneMatch="*")
        except ClientError as error:
            return error.response["Error"]["Code"]
        return None

    with ThreadPoolExecutor(5) as pool:
        found = list(pool.map(write, range(5)))
    assert sorted(found, key=str) == [None, *["PreconditionFailed"] * 4]
    assert body(s3, one) == str(found.index(None)).encode()


def test_a_write_over_what_one_has_seen(s3, one):
    with refused("does not exist", code="NoSuchKey", status=404):
        s3.put_object(**one, Body=b"1", IfMatch='"0"')
    seen = s3.put_object(**one, Body=b"1")["ETag"]
    s3.put_object(**one, Body=b"2", IfMatch=seen)
    with refused("did not hold", code="PreconditionFailed", status=412):
        s3.put_object(**one, Body=b"3", IfMatch=seen)
    assert body(s3, one) == b"2"


def test_a_delete_during_a_conditional_write(s3, one):
    seen = s3.put_object(**one, Body=b"1")["ETag"]
    with ThreadPoolExecutor(1) as pool:
        conflicts = 0
        for _ in range(20):
            write = pool.submit(s3.put_object, **one, Body=b"2", IfMatch=seen)
            time.sleep(0.01)
            s3.delete_object(**one)
            error = write.exception()
            conflicts += bool(error) and error.response["Error"]["Code"] == "ConditionalRequestConflict"
            if conflicts:
                assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 409
                break
            s3.put_object(**one, Body=b"1")
    assert conflicts


def test_a_delete_of_what_one_has_seen(s3, one):
    with refused("does not exist", code="NoSuchKey", status=404):
        s3.delete_object(**one, IfMatch='"0"')
    with refused("did not hold", code="PreconditionFailed", status=412):
        s3.delete_object(**one, IfMatch="*")
    first = s3.put_object(**one, Body=b"1")["ETag"]
    second = s3.put_object(**one, Body=b"2")["ETag"]
    with refused("did not hold", code="PreconditionFailed", status=412):
        s3.delete_object(**one, IfMatch=first)
    assert body(s3, one) == b"2"
    s3.delete_object(**one, IfMatch=second)
    s3.put_object(**one, Body=b"3")
    s3.delete_object(**one, IfMatch="*")
    s3.delete_object(**one)


def test_metadata(s3, one):
    s3.put_object(**one, Body=b"1", Metadata={"Owner": "me", "id": "a/b=c"})
    assert s3.head_object(**one)["Metadata"] == {"owner": "me", "id": "a/b=c"}
    s3.put_object(**one, Body=b"1")
    assert s3.head_object(**one)["Metadata"] == {}
