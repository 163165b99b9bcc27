"""The control plane: JSON over HTTP under `/_guardduty/`, beside the AWS APIs."""

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from localstack.aws import handlers
from localstack.http import Request, Response
from localstack.services.edge import ROUTER

from localstack_guardduty.consistency import views
from localstack_guardduty.control import calls, connection, faults, unprocessed
from localstack_guardduty.control.clock import CLOCK
from localstack_guardduty.ecs import clusters
from localstack_guardduty.guardduty import control as guardduty
from localstack_guardduty.repairs import rule_changes

Arguments = dict[str, Any]


def install() -> None:
    """Adds the routes to LocalStack's edge router, and the handlers to its chain."""
    connection.install()
    for handler in (faults.on_request, views.on_request):
        handlers.serve_custom_service_request_handlers.append(handler)
    for handler in (views.on_response, calls.on_response, unprocessed.on_response, faults.on_response):
        handlers.run_custom_response_handlers.append(handler)
    for path, methods in ROUTES.items():
        for method, function in methods.items():
            ROUTER.add(f"/_guardduty/{path}", _endpoint(function), methods=[method])


def _endpoint(function: Callable[[Arguments], Any]) -> Callable[..., Response]:
    def serve(request: Request, **_: Any) -> Response:
        try:
            body = request.get_data(as_text=True)
            arguments = request.args.to_dict() | (json.loads(body) if body else {})
            answer, status = function(arguments) or {}, 200
        except (ValueError, KeyError, TypeError) as error:
            answer, status = {"error": f"{type(error).__name__}: {error}"}, 400
        return Response(json.dumps(answer, default=str), status, content_type="application/json")

    return serve


def read_clock(_: Arguments) -> Arguments:
    """GET clock: the rate and the emulated seconds since the start."""
    return CLOCK.state()


def set_clock(arguments: Arguments) -> Arguments:
    """POST clock: `rate` in emulated seconds per second, `advance_seconds` to jump."""
    rate = arguments.get("rate")
    CLOCK.set(None if rate is None else float(rate), float(arguments.get("advance_seconds", 0)))
    return CLOCK.state()


def add_fault(arguments: Arguments) -> Arguments:
    """POST faults: what shall happen to which calls."""
    return asdict(faults.add(arguments))


def clear_faults(arguments: Arguments) -> None:
    """DELETE faults: those of `account`, or all."""
    faults.clear(arguments.get("account"))


def list_calls(arguments: Arguments) -> Arguments:
    """GET calls: by `account`, `service`, and `internal=false` for those of clients only."""
    selected = calls.select(arguments.get("account"), arguments.get("service"), arguments.get("internal"))
    return {"calls": selected}


def clear_calls(arguments: Arguments) -> None:
    """DELETE calls: those of `account`, or all."""
    calls.clear(arguments.get("account"))


def read_server(_: Arguments) -> Arguments:
    """GET server: which process answers, so that a launcher knows its own child."""
    return {"pid": os.getpid()}


ROUTES: dict[str, dict[str, Callable[[Arguments], Any]]] = {
    "server": {"GET": read_server},
    "clock": {"GET": read_clock, "POST": set_clock},
    "faults": {"POST": add_fault, "DELETE": clear_faults},
    "calls": {"GET": list_calls, "DELETE": clear_calls},
    "consistency": {"POST": views.add, "DELETE": views.clear},
    "findings": {"POST": guardduty.inject_finding},
    "administrator": {"POST": guardduty.set_administrator},
    "managed": {"POST": guardduty.set_managed},
    "managed-rule": {"POST": rule_changes.set_managed},
    "ec2-tasks": {"POST": clusters.set_ec2_tasks},
    "coverage": {"POST": guardduty.override_coverage, "DELETE": guardduty.clear_coverage},
}
