"""Where LocalStack 4.14.0 answers otherwise than AWS, as far as a provider of GuardDuty meets it.

Each module says what it replaces; nothing else of LocalStack is changed.
"""


def install() -> None:
    """Applies all of them; called before the first request."""
    from localstack_guardduty.repairs import (
        alarms,
        delivery,
        machines,
        objects,
        permissions,
        policies,
        policy_limits,
        principals,
        queues,
        rule_changes,
        rules,
        states,
        templates,
    )

    alarms.install()
    delivery.install()
    machines.install()
    objects.install()
    permissions.install()
    policies.install()
    policy_limits.install()
    principals.install()
    queues.install()
    rules.install()
    rule_changes.install()
    states.install()
    templates.install()
