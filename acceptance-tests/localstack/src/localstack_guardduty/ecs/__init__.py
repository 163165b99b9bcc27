"""Amazon ECS as far as GuardDuty looks at it: clusters, task definitions, services, tasks, tags.

Tasks run at once and only as state. It is written from ECS's API reference because LocalStack's
own backend starts no tasks for a service. Container instances are not emulated.
"""
