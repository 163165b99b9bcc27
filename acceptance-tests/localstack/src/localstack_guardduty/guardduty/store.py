"""What GuardDuty keeps for one account and region: at most one detector, and everything under it."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from localstack.services.stores import AccountRegionBundle, BaseStore, LocalAttribute


@dataclass
class Setting:
    """A feature or an additional configuration: whether it is on, and since when."""

    enabled: bool
    updated_at: datetime


@dataclass
class Feature(Setting):
    """A feature of a detector, with its additional configurations by name."""

    additional: dict[str, Setting] = field(default_factory=dict)


@dataclass
class Filter:
    """A saved filter; its rank is its place in the detector's list."""

    name: str
    description: str
    action: str
    criteria: dict[str, Any]
    tags: dict[str, str]
    created_at: datetime
    updated_at: datetime
    version: int = 1


@dataclass
class Detector:
    """The detector of an account and region."""

    id: str
    arn: str
    enabled: bool
    frequency: str
    tags: dict[str, str]
    created_at: datetime
    updated_at: datetime
    features: dict[str, Feature] = field(default_factory=dict)
    administrator: str | None = None
    """The account that administers this one, as a test has said."""
    managed: set[str] = field(default_factory=set)
    """Features that a policy of the organization manages, as a test has said."""
    filters: list[Filter] = field(default_factory=list)
    lists: dict[str, dict[str, Any]] = field(default_factory=dict)
    findings: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass
class Replay:
    """The answer to a request that carried a client token, for the next time it comes."""

    request: dict[str, Any]
    answer: dict[str, Any]


class GuardDutyStore(BaseStore):
    """One account and region."""

    detector: Detector | None = LocalAttribute(default=None)
    replays: dict[tuple[str, str], Replay] = LocalAttribute(default=dict)
    coverage_overrides: dict[str, dict[str, str]] = LocalAttribute(default=dict)


STORES = AccountRegionBundle("guardduty", GuardDutyStore)


def now() -> datetime:
    """The time that goes into an answer, in whole milliseconds."""
    time = datetime.now(UTC)
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def iso(time: datetime) -> str:
    """`2026-11-20T10:01:10.359Z`, as GuardDuty writes a time into a string member."""
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def new_id() -> str:
    """32 hexadecimal digits, as detectors, lists and findings have."""
    return uuid.uuid4().hex
