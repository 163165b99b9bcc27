"""The entry points through which LocalStack finds this package."""

import os
from typing import Any

from localstack.runtime import hooks
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.plugins import Service, aws_provider


@hooks.on_infra_start(priority=100)
def prepare() -> None:
    """Everything that must be in place before the first service loads."""
    from localstack_guardduty import gateway, repairs
    from localstack_guardduty.control import routes
    from localstack_guardduty.guardduty import service

    gateway.use_newest_model()
    gateway.use_ready_catalog()
    gateway.listen_on_loopback_only()
    gateway.end_with_parent()
    routes.install()
    service.refuse_unreadable_requests()
    repairs.install()


@hooks.on_infra_shutdown(priority=1000)
def end() -> None:
    """Ends the process at once: LocalStack's own shutdown takes seconds, and all state is in memory."""
    os._exit(0)


@aws_provider()
def guardduty() -> Service:
    """The GuardDuty API."""
    from localstack_guardduty.guardduty import service

    return service.create()


@aws_provider()
def ecs() -> Service:
    """The part of the ECS API that runs clusters, services and tasks."""
    from localstack_guardduty.ecs import service

    return service.create()


class HostRuntimeExecutorPlugin(RuntimeExecutorPlugin):
    """The runtime that `LAMBDA_RUNTIME_EXECUTOR=host` asks for."""

    name = "host"

    def load(self, *_: Any, **__: Any) -> type:
        """The executor's class."""
        from localstack_guardduty.lambdas.executor import HostRuntimeExecutor

        return HostRuntimeExecutor
