"""What ECS keeps for one account and region. `view` is an object's form in answers."""

import random
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from localstack.services.stores import AccountRegionBundle, BaseStore, LocalAttribute

View = dict[str, Any]
Tags = dict[str, str]


@dataclass
class Task:
    """A task; its status changes when it is stopped and at no other time."""

    view: View
    tags: Tags
    started: float
    """Emulated seconds at which it began to run."""
    has_agent: bool
    has_execution_role: bool

    @property
    def is_running(self) -> bool:
        """Whether it has not been stopped."""
        return self.view["lastStatus"] == "RUNNING"


@dataclass
class Service:
    """A service; `request` is what its next tasks are started from."""

    view: View
    tags: Tags
    request: View

    @property
    def is_active(self) -> bool:
        """Whether it has not been deleted."""
        return self.view["status"] == "ACTIVE"

    @property
    def deployment(self) -> View:
        """The primary deployment."""
        return self.view["deployments"][0]


@dataclass
class Cluster:
    """A cluster with its services and tasks, present and past."""

    view: View
    tags: Tags
    services: dict[str, Service] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    # How many run on container instances: a test says so, as these are not emulated.
    ec2_tasks: int = 0

    @property
    def is_active(self) -> bool:
        """Whether it has not been deleted."""
        return self.view["status"] == "ACTIVE"

    def running(self, service: str | None = None) -> list[Task]:
        """The tasks that run, of one service or of all."""
        group = f"service:{service}"
        return [
            task
            for task in self.tasks.values()
            if task.is_running and (service is None or task.view["group"] == group)
        ]


@dataclass
class Definition:
    """One revision of a task definition."""

    view: View
    tags: Tags


class EcsStore(BaseStore):
    """One account and region."""

    clusters: dict[str, Cluster] = LocalAttribute(default=dict)
    definitions: dict[str, list[Definition]] = LocalAttribute(default=dict)
    settings: dict[str, str] = LocalAttribute(default=dict)


STORES = AccountRegionBundle("ecs", EcsStore)


def now() -> datetime:
    """The time that goes into an answer."""
    time = datetime.now(UTC)
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def new_task_id() -> str:
    """32 hexadecimal digits."""
    return uuid.uuid4().hex


def new_deployment_id() -> str:
    """`ecs-svc/` and 19 digits: also the `startedBy` of its tasks."""
    return f"ecs-svc/{random.randint(10**18, 10**19 - 1)}"
