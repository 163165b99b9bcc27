"""The log of calls: each request to any service, in the order of arrival."""

import itertools
import threading
from collections import deque
from datetime import UTC, datetime
from typing import Any

from localstack.aws.api import RequestContext
from localstack.http import Response

from localstack_guardduty.guardduty.internal import PRINCIPAL

LIMIT = 200_000
# Its requests and answers are kept whole: they hold what a caller's settings ask for, and the secrets that
# are issued. Of the other services, their own APIs tell what came of a request.
KEPT_WHOLE = "sts"
Entry = dict[str, Any]

_lock = threading.Lock()
_entries: deque[Entry] = deque(maxlen=LIMIT)
_numbers = itertools.count(1)


def is_own(context: RequestContext) -> bool:
    """Whether the emulated GuardDuty made the call, and not a client or another service."""
    parameters = context.internal_request_params or {}
    return parameters.get("service_principal") == PRINCIPAL


def arrived(context: RequestContext) -> None:
    """Logs a call; status and code are filled in by `answered`."""
    if is_own(context):
        return
    entry = {
        "number": next(_numbers),
        "service": context.service.service_name,
        "operation": context.operation.name if context.operation else None,
        "account": context.account_id,
        "region": context.region,
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "internal": context.is_internal_call,
        "status": None,
        "code": None,
    }
    if entry["service"] == KEPT_WHOLE:
        entry["parameters"], entry["answer"] = dict(context.service_request or {}), None
    context.call_log_entry = entry
    with _lock:
        _entries.append(entry)


def answered(context: RequestContext, status: int | None, code: str | None) -> None:
    """Completes the entry of a call; a status of None says that no answer was sent."""
    entry = context.get("call_log_entry")
    if entry is not None:
        entry["status"], entry["code"] = status, code


def on_response(_chain: Any, context: RequestContext, response: Response) -> None:
    """LocalStack's response handler: also logs a call that could not be parsed."""
    if not context.service:
        return
    if context.get("call_log_entry") is None:
        arrived(context)
    entry = context.get("call_log_entry")
    if entry and "answer" in entry:
        entry["answer"] = dict(context.service_response or {})
    error = context.service_exception
    answered(context, response.status_code, getattr(error, "code", None) if error else None)


def select(account: str | None, service: str | None, internal: str | None) -> list[Entry]:
    """The calls of an account, a service, and of clients only if `internal` is "false"."""
    with _lock:
        entries = list(_entries)
    return [
        entry
        for entry in entries
        if account in (None, entry["account"])
        and service in (None, entry["service"])
        and internal in (None, str(entry["internal"]).lower())
    ]


def clear(account: str | None) -> None:
    """Forgets the calls of an account, or all."""
    with _lock:
        kept = [entry for entry in _entries if account not in (None, entry["account"])]
        _entries.clear()
        _entries.extend(kept)
