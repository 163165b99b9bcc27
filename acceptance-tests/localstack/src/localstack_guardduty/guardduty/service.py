"""Puts the operations together as a LocalStack service.

An operation that no module has is answered by LocalStack with 501, never with an empty success.
"""

import json
from typing import Any

from localstack.aws import handlers
from localstack.aws.api import RequestContext
from localstack.aws.protocol.parser import RequestParserError, create_parser
from localstack.aws.skeleton import Skeleton
from localstack.aws.spec import load_service
from localstack.http import Response
from localstack.services.plugins import Service

from localstack_guardduty.guardduty import (
    coverage,
    detectors,
    errors,
    filters,
    findings,
    lists,
    operations,
    organization,
    samples,
    tags,
)

NAME = "guardduty"
MODULES = (coverage, detectors, filters, findings, lists, organization, samples, tags)


def create() -> Service:
    """The service `guardduty`."""
    assert MODULES, "importing a module registers its operations"
    handlers.modify_service_response.append(NAME, _finish_answer)
    return Service(name=NAME, skeleton=Skeleton(load_service(NAME), operations.dispatch_table()))


def refuse_unreadable_requests() -> None:
    """LocalStack answers a body that it cannot parse with 500, where GuardDuty answers with 400."""
    parser = handlers.parse_service_request
    original = parser.parse_and_enrich

    def parse_and_enrich(context: RequestContext) -> None:
        try:
            original(context)
        except RequestParserError:
            if context.service.service_name != NAME:
                raise
            router = create_parser(context.service, context.protocol)._operation_router
            context.operation, _ = router.match(context.request)
            raise errors.invalid_json() from None

    parser.parse_and_enrich = parse_and_enrich


def _finish_answer(_chain: Any, context: RequestContext, response: Response) -> None:
    """GuardDuty's body names the error's type where other services repeat its code."""
    response.content_type = "application/json"
    if getattr(context.service_exception, "code", None) == errors.BadRequest.code:
        body = json.loads(response.get_data()) | {"__type": errors.BadRequest.Type}
        response.set_data(json.dumps(body))
