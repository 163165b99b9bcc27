"""Faults that a test injects into any service: errors, lost answers, closed connections, delays."""

import itertools
import threading
import time
from dataclasses import dataclass
from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.chain import HandlerChain
from localstack.aws.protocol.serializer import create_serializer
from localstack.http import Response

from localstack_guardduty.control import calls, connection, unprocessed

MODES = ("error", "lost", "close", "hang", "unprocessed", "delay")


@dataclass
class Fault:
    """What happens to the next `times` calls that fit (None is every call)."""

    id: int
    service: str
    operation: str | None
    account: str | None
    region: str | None
    mode: str
    code: str
    message: str
    status: int
    times: int | None
    delay_seconds: float
    items: list[str] | None

    def fits(self, context: RequestContext) -> bool:
        """Whether the fault is meant for this call."""
        return (
            self.times != 0
            and self.service == context.service.service_name
            and self.operation in (None, "*", context.operation.name)
            and self.account in (None, context.account_id)
            and self.region in (None, context.region)
        )


_lock = threading.Lock()
_faults: list[Fault] = []
_ids = itertools.count(1)


def add(arguments: dict[str, Any]) -> Fault:
    """A fault from the control plane's request; refuses a mode that does not exist."""
    mode = arguments["mode"]
    if mode not in MODES:
        raise ValueError(f"mode '{mode}' is none of {', '.join(MODES)}")
    if mode == "unprocessed":
        unprocessed.check(arguments["service"], arguments["operation"])
    fault = Fault(
        id=next(_ids),
        service=arguments["service"],
        operation=arguments.get("operation"),
        account=arguments.get("account"),
        region=arguments.get("region"),
        mode=mode,
        code=arguments.get("code", "ThrottlingException"),
        message=arguments.get("message", "Rate exceeded"),
        status=int(arguments.get("status", 400)),
        times=None if arguments.get("times", 1) is None else int(arguments.get("times", 1)),
        delay_seconds=float(arguments.get("delay_seconds", 0)),
        items=arguments.get("items"),
    )
    with _lock:
        _faults.append(fault)
    return fault


def clear(account: str | None) -> None:
    """Removes the faults of an account, or all."""
    with _lock:
        _faults[:] = [fault for fault in _faults if account not in (None, fault.account)]


def on_request(chain: HandlerChain, context: RequestContext, response: Response) -> None:
    """LocalStack's request handler: logs the call and applies the first fault that fits."""
    if not context.service or not context.operation:
        return
    calls.arrived(context)
    fault = None if calls.is_own(context) else _take(context)
    if fault is not None:
        _apply(fault, chain, context, response)


def on_response(_chain: HandlerChain, context: RequestContext, response: Response) -> None:
    """LocalStack's last response handler: cuts the answer short where a fault says so."""
    if context.get("lose_answer"):
        calls.answered(context, None, "lost")
        connection.cut_short(context, response)


def _take(context: RequestContext) -> Fault | None:
    with _lock:
        for fault in _faults:
            if fault.fits(context):
                fault.times = None if fault.times is None else fault.times - 1
                return fault
    return None


def _apply(fault: Fault, chain: HandlerChain, context: RequestContext, response: Response) -> None:
    if fault.mode == "error":
        error = CommonServiceException(fault.code, fault.message, fault.status, fault.status < 500)
        context.service_exception = error
        serializer = create_serializer(context.service, context.protocol)
        response.update_from(
            serializer.serialize_error_to_response(
                error, context.operation, context.request.headers, context.request_id
            )
        )
        chain.stop()
    elif fault.mode == "lost":
        context.lose_answer = True
    elif fault.mode == "unprocessed":
        unprocessed.apply(fault.code, fault.message, fault.items, chain, context, response)
    else:
        time.sleep(fault.delay_seconds)
        if fault.mode != "delay":
            calls.answered(context, None, fault.mode)
            connection.close(context)
            chain.terminate()
