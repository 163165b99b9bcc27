"""Permissions on a Lambda function: taken one after the other, at once, and by revision."""

import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from refusals import refused
from waiting import until


@pytest.fixture
def permissions(client, account):
    """A client for the permissions of the function `f`: add, remove, and the ids of what there is."""
    functions = client("lambda")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as code:
        code.writestr("index.py", "def handler(event, context):\n    return 1\n")
    functions.create_function(
        FunctionName="f",
        Runtime="python3.13",
        Handler="index.handler",
        Role=f"arn:aws:iam::{account}:role/r",
        Code={"ZipFile": archive.getvalue()},
    )
    # A function that becomes active gets another revision.
    until(lambda: functions.get_function(FunctionName="f")["Configuration"]["State"] == "Active")
    return Permissions(functions)


class Permissions:
    """What a test does with the permissions of the function `f`."""

    def __init__(self, functions):
        self.functions = functions

    def add(self, name, **more):
        """Lets EventBridge in under this id."""
        given = {"Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"} | more
        return self.functions.add_permission(FunctionName="f", StatementId=name, **given)

    def remove(self, name, **more):
        """Takes the permission with this id away."""
        self.functions.remove_permission(FunctionName="f", StatementId=name, **more)

    def ids(self):
        """The ids of all permissions."""
        try:
            policy = self.functions.get_policy(FunctionName="f")["Policy"]
        except self.functions.exceptions.ResourceNotFoundException:
            return []
        return [each["Sid"] for each in json.loads(policy)["Statement"]]

    def revision(self):
        """The revision that GetPolicy tells."""
        return self.functions.get_policy(FunctionName="f")["RevisionId"]


def at_once(*calls):
    with ThreadPoolExecutor(len(calls)) as pool:
        return [done.exception() for done in [pool.submit(call) for call in calls]]


def test_permissions_added_at_once_lose_each_other(permissions):
    errors = at_once(*[lambda name=f"s{number}": permissions.add(name) for number in range(8)])
    assert errors == [None] * 8
    assert 1 <= len(permissions.ids()) < 8


def test_one_after_the_other_all_stay(permissions):
    for number in range(3):
        permissions.add(f"s{number}")
    assert permissions.ids() == ["s0", "s1", "s2"]
    permissions.remove("s1")
    assert permissions.ids() == ["s0", "s2"]


def test_of_two_with_one_revision_the_later_is_refused(permissions):
    permissions.add("first")
    revision = permissions.revision()
    errors = at_once(
        lambda: permissions.add("second", RevisionId=revision),
        lambda: permissions.add("third", RevisionId=revision),
    )
    [error] = [each for each in errors if each]
    assert error.response["Error"]["Code"] == "PreconditionFailedException"
    assert len(permissions.ids()) == 2
    with refused("does not match the latest Revision Id", code="PreconditionFailedException", status=412):
        permissions.remove("first", RevisionId=revision)
    permissions.remove("first", RevisionId=permissions.revision())
    assert "first" not in permissions.ids()


def test_an_id_is_used_once(permissions):
    permissions.add("once")
    with refused("(once) provided already exists", code="ResourceConflictException", status=409):
        permissions.add("once")
    assert permissions.ids() == ["once"]
    with refused("not found in resource policy", code="ResourceNotFoundException", status=404):
        permissions.remove("never")
    assert permissions.ids() == ["once"]
    permissions.remove("once")
    assert permissions.ids() == []


def test_a_policy_of_at_most_20_kilobytes(permissions):
    arn = "arn:aws:events:us-east-1:111122223333:rule/" + "r" * 64
    with refused("is bigger than the limit (20480).", code="PolicyLengthExceededException"):
        for number in range(100):
            permissions.add(f"{number:03}-" + "s" * 90, SourceArn=arn)
    kept = permissions.ids()
    assert 30 < len(kept) < 80 and kept == sorted(kept)
