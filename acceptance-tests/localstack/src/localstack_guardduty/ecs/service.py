"""Puts the operations together as a LocalStack service.

An operation that no module has is answered by LocalStack with 501, never with an empty success.
"""

from localstack.aws.skeleton import Skeleton
from localstack.aws.spec import load_service
from localstack.services.plugins import Service

from localstack_guardduty.ecs import clusters, definitions, operations, services, settings, tags, tasks

MODULES = (clusters, definitions, services, settings, tags, tasks)


def create() -> Service:
    """The service `ecs`."""
    assert MODULES, "importing a module registers its operations"
    return Service(name="ecs", skeleton=Skeleton(load_service("ecs"), operations.dispatch_table()))
