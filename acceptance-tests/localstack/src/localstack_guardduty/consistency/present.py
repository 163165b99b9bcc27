"""What a service answers about one thing at this moment, asked as its clients ask.

It knows no time: what becomes of the answers is for `views`.
"""

import json
from typing import Any
from urllib.parse import quote

from botocore.exceptions import ClientError
from botocore.model import ListShape, Shape, StructureShape
from localstack.aws.api import CommonServiceException, ServiceException

from localstack_guardduty.consistency import names
from localstack_guardduty.consistency.kinds import Kind, Listing
from localstack_guardduty.consistency.names import Fields
from localstack_guardduty.guardduty import internal

Answer = dict[str, Any]
Outcome = Answer | ServiceException
PLACE = ("partition", "account", "region")
PAGE_TOKENS = ("NextToken", "nextToken", "Marker")


def look(kind: Kind, fields: Fields) -> tuple[dict[str, Outcome], dict[str, Any], bool]:
    """The outcome of each read, the thing's element in each list, and whether it is there at all."""
    client = internal.client(kind.service, fields["account"], fields["region"])
    reads = {
        operation: _ask(client, operation, names.write(read.names, fields) | read.whole)
        for operation, read in kind.reads.items()
    }
    first = next(iter(reads.values()), None)
    for operation, read in kind.reads.items():
        if read.is_constant and not isinstance(reads[operation], ServiceException):
            del reads[operation]
    elements = {
        operation: _element(client, operation, listing, fields) for operation, listing in kind.lists.items()
    }
    was_there = not isinstance(first, ServiceException) if kind.reads else any(map(bool, elements.values()))
    if isinstance(first, ServiceException):
        reads |= dict.fromkeys(kind.needs, first)
    return reads, elements, was_there


def is_of(listing: Listing, item: Any, fields: Fields) -> bool:
    """Whether an element of a list is this thing."""
    return bool(names.read(listing.item, {"": item} if "" in listing.item else item, fields))


def _ask(client: Any, operation: str, request: Answer) -> Outcome:
    try:
        answer = getattr(client, _method(client, operation))(**request)
    except ClientError as error:
        told, status = error.response["Error"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        return CommonServiceException(told["Code"], told.get("Message", ""), status, status < 500)
    if "Body" in answer:
        answer["Body"] = answer["Body"].read()
    shape = client.meta.service_model.operation_model(operation).output_shape
    return _undecoded(shape, {name: value for name, value in answer.items() if name != "ResponseMetadata"})


def _undecoded(shape: Shape, value: Any) -> Any:
    """The answer as it was sent: botocore decodes IAM's policy documents, which are texts."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return {name: _undecoded(shape.members[name], each) for name, each in value.items()}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_undecoded(shape.member, each) for each in value]
    return quote(json.dumps(value)) if shape.type_name == "string" and isinstance(value, dict) else value


def _element(client: Any, operation: str, listing: Listing, fields: Fields) -> Any:
    """What the list has of the thing, on whichever page."""
    request = names.write(listing.names, fields) | names.write(listing.whole, fields)
    while True:
        page = _ask(client, operation, request)
        if isinstance(page, ServiceException):
            return None
        for item in page.get(listing.items) or []:
            if is_of(listing, item, fields):
                return item
        more = {token: page[token] for token in PAGE_TOKENS if page.get(token)}
        if not more:
            return None
        request |= more


def _method(client: Any, operation: str) -> str:
    return next(method for method, name in client.meta.method_to_api_mapping.items() if name == operation)
