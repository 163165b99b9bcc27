"""Amazon GuardDuty for LocalStack, with the Amazon ECS that it watches and faults for tests.

Start it with ``python -m localstack_guardduty``. The parts:

- ``launcher``, ``__main__``: one server as a child process, gone when its parent is.
- ``plugin``: the entry points through which LocalStack finds everything else.
- ``guardduty``: the GuardDuty API, written from its documentation and checked by botocore's model.
- ``ecs``: clusters, services and tasks that really run (as state; no container is started).
- ``repairs``: what LocalStack 4.14.0 gets wrong on the way from a finding to a stopped task.
- ``lambdas``: functions in Python, as processes.
- ``control``: faults, the log of calls and the clock, under ``/_guardduty/``.
"""
