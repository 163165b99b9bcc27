"""Who decides over an account's detector besides the account: its administrator, or an organization's policy.

A test says so through the control plane; there are no member accounts here. What a member account or a policy
refuses is documented, the texts are not: they keep the form of the others.
"""

from typing import Any

from localstack_guardduty.guardduty import errors
from localstack_guardduty.guardduty.operations import Answer, Call, operation
from localstack_guardduty.guardduty.store import Detector

POLICY = "GUARDDUTY_POLICY"


@operation("GetAdministratorAccount")
def get_administrator_account(call: Call) -> Answer:
    """The administrator of this account, if it has one."""
    administrator = call.detector.administrator
    if administrator is None:
        return {}
    return {"Administrator": {"AccountId": administrator, "RelationshipStatus": "Enabled"}}


def check_member(detector: Detector, what: str) -> None:
    """Refuses what only the administrator of a member account may do."""
    if detector.administrator is not None:
        raise errors.BadRequest(f"because a member account cannot {what}")


def check_policy(detector: Detector, wanted: list[dict[str, Any]]) -> None:
    """Refuses to switch a feature that a policy of the organization manages."""
    for item in wanted:
        if item.get("Name") in detector.managed:
            raise errors.BadRequest(f"because the feature {item['Name']} is managed by {POLICY}")
