"""How a function becomes an operation: the call it gets, and what happens before and after it.

Before: the request is held against the model, and a client token seen before is answered as before.
After: the answer is kept under the token. All of it under the stores' lock.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from localstack.aws.api import RequestContext

from localstack_guardduty.guardduty import errors, events, model
from localstack_guardduty.guardduty.store import STORES, Detector, GuardDutyStore, Replay
from localstack_guardduty.lock import LOCK

Answer = dict[str, Any]


@dataclass
class Call:
    """One request: who asks, where, and for what (members in the model's names)."""

    account: str
    region: str
    partition: str
    request: dict[str, Any]
    events: list[dict[str, Any]] = field(default_factory=list)
    """What is published on the event bus once the lock is free."""

    @property
    def store(self) -> GuardDutyStore:
        """The stored state of this account and region."""
        return STORES[self.account][self.region]

    @property
    def detector(self) -> Detector:
        """The detector that the request names; refuses one that is not this account's."""
        detector = self.store.detector
        if detector is None or detector.id != self.request["DetectorId"]:
            raise errors.not_owned()
        return detector


Operation = Callable[[Call], Answer | None]
OPERATIONS: dict[str, Operation] = {}
StillThere = Callable[[Call, Answer], bool]
STILL_THERE: dict[str, StillThere] = {}


def operation(name: str, still_there: StillThere | None = None) -> Callable[[Operation], Operation]:
    """Registers a function as the operation `name`.

    `still_there` says whether what an earlier answer told of exists yet; a create with a client
    token is then idempotent for as long as it does.
    """

    def register(function: Operation) -> Operation:
        OPERATIONS[name] = function
        if still_there:
            STILL_THERE[name] = still_there
        return function

    return register


def dispatch_table() -> dict[str, Callable[[RequestContext, Any], Answer]]:
    """What LocalStack calls for each operation."""
    return {name: _serve(name, function) for name, function in OPERATIONS.items()}


def _serve(name: str, function: Operation) -> Callable[[RequestContext, Any], Answer]:
    def serve(context: RequestContext, request: dict[str, Any] | None) -> Answer:
        model.check(context)
        call = Call(context.account_id, context.region, context.partition, dict(request or {}))
        with LOCK:
            answer = _replayed(name, call)
            if answer is None:
                answer = copy.deepcopy(function(call)) or {}
                _remember(name, call, answer)
        events.publish(call.account, call.region, call.events)
        return answer

    return serve


def _replayed(name: str, call: Call) -> Answer | None:
    replay = call.store.replays.get((name, call.request.get("ClientToken") or ""))
    if replay is None or not STILL_THERE[name](call, replay.answer):
        return None
    if replay.request != call.request:
        raise errors.token_reused()
    return copy.deepcopy(replay.answer)


def _remember(name: str, call: Call, answer: Answer) -> None:
    token = call.request.get("ClientToken")
    if token and name in STILL_THERE:
        call.store.replays[name, token] = Replay(copy.deepcopy(call.request), copy.deepcopy(answer))
