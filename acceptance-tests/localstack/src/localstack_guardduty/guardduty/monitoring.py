"""Which ECS clusters runtime monitoring reaches on Fargate: the detector's features and the cluster's tag."""

from localstack_guardduty.guardduty.detectors import RUNTIME
from localstack_guardduty.guardduty.store import STORES, Detector

FARGATE_AGENT = "ECS_FARGATE_AGENT_MANAGEMENT"
TAG = "GuardDutyManaged"


def attaches_agent(account: str, region: str, cluster_tags: dict[str, str]) -> bool:
    """Whether a Fargate task that starts now in a cluster with these tags gets the agent."""
    detector = STORES[account][region].detector
    return detector is not None and is_on(detector) and manages(detector, cluster_tags)


def is_on(detector: Detector) -> bool:
    """Whether runtime monitoring is on at all."""
    return detector.enabled and detector.features[RUNTIME].enabled


def manages(detector: Detector, cluster_tags: dict[str, str]) -> bool:
    """The tag decides; without it, the agent's management for all clusters does."""
    tag = cluster_tags.get(TAG, "").lower()
    if detector.features[RUNTIME].additional[FARGATE_AGENT].enabled:
        return tag != "false"
    return tag == "true"
