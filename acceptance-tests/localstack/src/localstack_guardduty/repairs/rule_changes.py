"""Which changes of a rule EventBridge refuses: those that overlap, those of managed rules, one rule too many.

LocalStack's changes take no time, so each is given some: without it two would hardly ever overlap. It also
takes the tags that PutRule gives a rule that exists, where EventBridge ignores them.
"""

import functools
import inspect
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from localstack.aws.api.events import (
    ConcurrentModificationException,
    LimitExceededException,
    ManagedRuleException,
)
from localstack.services.events.models import Rule, events_stores
from localstack.services.events.provider import EventsProvider
from localstack.services.events.utils import extract_event_bus_name

CHANGE_SECONDS = 0.02
MAX_RULES = 300
MAX_RULES_IN_SMALL_REGIONS = 100
SMALL_REGIONS = ("af-south-1", "eu-south-1")
Arguments = dict[str, Any]
Place = tuple[str, str, str, str]
"""Account, region, bus and name of a rule."""

_lock = threading.Lock()
_changing: dict[Place, int] = {}
"""The rules that are being changed, and the thread that does."""


def install() -> None:
    """Wraps every operation that changes a rule."""
    for method in ("put_rule", "delete_rule", "enable_rule", "disable_rule", "put_targets", "remove_targets"):
        _wrap(method, _named)
    for method in ("tag_resource", "untag_resource"):
        _wrap(method, _by_arn)


def set_managed(arguments: Arguments) -> None:
    """POST managed-rule: the service `by` manages `rule` of the default bus; null ends it."""
    place = (arguments["account"], arguments["region"], "default", arguments["rule"])
    rule = _find(place)
    if rule is None:
        raise ValueError(f"account {place[0]} has no rule {place[3]} in {place[1]}")
    rule.managed_by = arguments["by"]


def _wrap(method: str, place_of: Callable[[Arguments], Place | None]) -> None:
    original = getattr(EventsProvider, method)
    signature = inspect.signature(original)

    @functools.wraps(original)
    def change(self: EventsProvider, *positional: Any, **named: Any) -> Any:
        given = signature.bind(self, *positional, **named).arguments
        place = place_of(given)
        if place is None or _changing.get(place) == threading.get_ident():  # part of another change
            return original(self, *positional, **named)
        with _alone(place):
            rule = _find(place)
            if method == "put_rule":
                _check_quota(place, rule)
                # EventBridge ignores the tags of a rule that exists.
                named |= {"tags": None} if rule else {}
            with _forced(rule, given):
                answer = original(self, *positional, **named)
            time.sleep(CHANGE_SECONDS)
            return answer

    setattr(EventsProvider, method, change)


def _named(given: Arguments) -> Place:
    bus = extract_event_bus_name(given.get("event_bus_name"))
    return given["context"].account_id, given["context"].region, bus, given.get("name") or given["rule"]


def _by_arn(given: Arguments) -> Place | None:
    """`arn:aws:events:REGION:ACCOUNT:rule/NAME`, or `rule/BUS/NAME`; None for what is not a rule."""
    parts = given["resource_arn"].split(":", 5)
    kind, *names = parts[-1].split("/")
    if len(parts) < 6 or kind != "rule" or not names:
        return None
    return parts[4], parts[3], names[0] if len(names) > 1 else "default", names[-1]


def _find(place: Place) -> Rule | None:
    account, region, bus, name = place
    found = events_stores[account][region].event_buses.get(bus)
    return found.rules.get(name) if found else None


@contextmanager
def _alone(place: Place) -> Iterator[None]:
    """Refuses a change while another one of the same rule is under way."""
    me = threading.get_ident()
    with _lock:
        if _changing.setdefault(place, me) != me:
            raise ConcurrentModificationException(f"Rule {place[3]} is being modified by another request.")
    try:
        yield
    finally:
        with _lock:
            del _changing[place]


@contextmanager
def _forced(rule: Rule | None, given: Arguments) -> Iterator[None]:
    """Refuses the change of a managed rule without Force."""
    manager = rule.managed_by if rule else None
    if not manager:
        yield
        return
    if not given.get("force"):
        raise ManagedRuleException(
            f"Rule '{rule.name}' is managed by an AWS service can only be modified if force is True."
        )
    rule.managed_by = None
    try:
        yield
    finally:
        rule.managed_by = manager


def _check_quota(place: Place, rule: Rule | None) -> None:
    account, region, bus, _ = place
    found = events_stores[account][region].event_buses.get(bus)
    most = MAX_RULES_IN_SMALL_REGIONS if region in SMALL_REGIONS else MAX_RULES
    if rule is None and found is not None and len(found.rules) >= most:
        raise LimitExceededException("The requested resource exceeds the maximum number allowed.")
