"""Detectors and their features: one detector an account and region."""

from datetime import datetime
from typing import Any

from localstack_guardduty.guardduty import errors, organization
from localstack_guardduty.guardduty.operations import Answer, Call, operation
from localstack_guardduty.guardduty.pages import page
from localstack_guardduty.guardduty.store import Detector, Feature, Setting, iso, new_id, now

ALWAYS_ON = ("FLOW_LOGS", "CLOUD_TRAIL", "DNS_LOGS")
RUNTIME = "RUNTIME_MONITORING"
EKS_RUNTIME = "EKS_RUNTIME_MONITORING"
ON_BY_DEFAULT = (
    "S3_DATA_EVENTS",
    "EKS_AUDIT_LOGS",
    "EBS_MALWARE_PROTECTION",
    "RDS_LOGIN_EVENTS",
    "LAMBDA_NETWORK_LOGS",
    "AI_PROTECTION",
)
ADDITIONAL = {
    RUNTIME: ("EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT"),
    EKS_RUNTIME: ("EKS_ADDON_MANAGEMENT",),
    "RDS_LOGIN_EVENTS": ("RDS_DATA_RISK",),
}
DEFAULT_FREQUENCY = "SIX_HOURS"


def _exists(call: Call, answer: Answer) -> bool:
    detector = call.store.detector
    return detector is not None and detector.id == answer["DetectorId"]


@operation("CreateDetector", still_there=_exists)
def create_detector(call: Call) -> Answer:
    """Every optional feature that the request does not list is on, except Runtime Monitoring and AI_ANALYST."""
    if call.store.detector is not None:
        raise errors.detector_exists()
    request, time, name = call.request, now(), new_id()
    features = _initial_features(time)
    _apply_features(features, _requested_features(request), time)
    call.store.detector = Detector(
        id=name,
        arn=f"arn:{call.partition}:guardduty:{call.region}:{call.account}:detector/{name}",
        enabled=request["Enable"],
        frequency=request.get("FindingPublishingFrequency") or DEFAULT_FREQUENCY,
        tags=dict(request.get("Tags") or {}),
        created_at=time,
        updated_at=time,
        features=features,
    )
    return {"DetectorId": name}


@operation("GetDetector")
def get_detector(call: Call) -> Answer:
    """The detector with its features; the three foundational ones are always on."""
    detector = call.detector
    return {
        "CreatedAt": iso(detector.created_at),
        "UpdatedAt": iso(detector.updated_at),
        "FindingPublishingFrequency": detector.frequency,
        "ServiceRole": f"arn:{call.partition}:iam::{call.account}:role/aws-service-role/"
        "guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty",
        "Status": _status(detector.enabled),
        "DataSources": _data_sources(detector),
        "Features": _feature_results(detector),
        "Tags": detector.tags,
    }


@operation("ListDetectors")
def list_detectors(call: Call) -> Answer:
    """The detector of this account and region, if there is one."""
    detector = call.store.detector
    names, more = page([detector.id] if detector else [], call.request)
    return {"DetectorIds": names, **more}


@operation("UpdateDetector")
def update_detector(call: Call) -> None:
    """Changes what the request names and keeps everything else, feature by feature."""
    detector, request, time = call.detector, call.request, now()
    wanted = _requested_features(request)
    if wanted:
        organization.check_member(detector, "change its features")
    organization.check_policy(detector, wanted)
    _apply_features(detector.features, wanted, time)
    if request.get("Enable") is not None:
        detector.enabled = request["Enable"]
    detector.frequency = request.get("FindingPublishingFrequency") or detector.frequency
    detector.updated_at = time


@operation("DeleteDetector")
def delete_detector(call: Call) -> None:
    """Deletes the detector and everything under it."""
    organization.check_member(call.detector, "delete its detector")
    call.store.detector = None
    call.store.replays.clear()


def _initial_features(time: datetime) -> dict[str, Feature]:
    features = {name: Feature(True, time) for name in ON_BY_DEFAULT}
    features |= {name: Feature(False, time) for name in (EKS_RUNTIME, RUNTIME, "AI_ANALYST")}
    for name, extras in ADDITIONAL.items():
        features[name].additional = {extra: Setting(False, time) for extra in extras}
    return features


def _requested_features(request: dict[str, Any]) -> list[dict[str, Any]]:
    """The request's features; the deprecated `DataSources` are the same in other words."""
    features = list(request.get("Features") or [])
    sources = request.get("DataSources") or {}
    if sources and features:
        raise errors.invalid("dataSources", "use either dataSources or features, not both")
    scan = sources.get("MalwareProtection", {}).get("ScanEc2InstanceWithFindings", {})
    legacy = {
        "S3_DATA_EVENTS": sources.get("S3Logs", {}).get("Enable"),
        "EKS_AUDIT_LOGS": sources.get("Kubernetes", {}).get("AuditLogs", {}).get("Enable"),
        "EBS_MALWARE_PROTECTION": scan.get("EbsVolumes"),
    }
    return features + [
        {"Name": name, "Status": _status(enabled)} for name, enabled in legacy.items() if enabled is not None
    ]


def _apply_features(features: dict[str, Feature], wanted: list[dict[str, Any]], time: datetime) -> None:
    """Merges `wanted` into `features`; refuses it before anything is changed."""
    _check_features(features, wanted)
    for item in wanted:
        feature = features[item["Name"]]
        if item.get("Status"):
            _switch(feature, item["Status"], time)
        for extra in item.get("AdditionalConfiguration") or []:
            _switch(feature.additional[extra["Name"]], extra["Status"], time)


def _check_features(features: dict[str, Feature], wanted: list[dict[str, Any]]) -> None:
    names = [item.get("Name") for item in wanted]
    for item in wanted:
        name = item.get("Name")
        if name is None or names.count(name) > 1:
            raise errors.invalid("features", "each needs a name of its own")
        for extra in item.get("AdditionalConfiguration") or []:
            if extra.get("Name") not in ADDITIONAL.get(name, ()) or not extra.get("Status"):
                raise errors.invalid(
                    "additionalConfiguration",
                    f"{extra.get('Name')} with a status is not one of feature {name}",
                )
    if RUNTIME in names and EKS_RUNTIME in names:
        raise errors.invalid("features", f"{RUNTIME} and {EKS_RUNTIME} cannot be used together")
    for name, other in ((RUNTIME, EKS_RUNTIME), (EKS_RUNTIME, RUNTIME)):
        turned_on = any(item["Name"] == name and item.get("Status") == "ENABLED" for item in wanted)
        if turned_on and features[other].enabled:
            raise errors.invalid("features", f"{name} cannot be enabled while {other} is")


def _switch(setting: Setting, status: str, time: datetime) -> None:
    enabled = status == "ENABLED"
    if setting.enabled != enabled:
        setting.enabled, setting.updated_at = enabled, time


def _status(enabled: bool) -> str:
    return "ENABLED" if enabled else "DISABLED"


def _feature_results(detector: Detector) -> list[Answer]:
    foundational = [
        {"Name": name, "Status": "ENABLED", "UpdatedAt": detector.created_at} for name in ALWAYS_ON
    ]
    return foundational + [
        {
            "Name": name,
            "Status": _status(feature.enabled),
            "UpdatedAt": feature.updated_at,
            "AdditionalConfiguration": [
                {"Name": extra, "Status": _status(setting.enabled), "UpdatedAt": setting.updated_at}
                for extra, setting in feature.additional.items()
            ],
            **({"ManagedBy": organization.POLICY} if name in detector.managed else {}),
        }
        for name, feature in detector.features.items()
    ]


def _data_sources(detector: Detector) -> Answer:
    on = {"Status": "ENABLED"}
    status = {name: {"Status": _status(feature.enabled)} for name, feature in detector.features.items()}
    return {
        "CloudTrail": on,
        "DNSLogs": on,
        "FlowLogs": on,
        "S3Logs": status["S3_DATA_EVENTS"],
        "Kubernetes": {"AuditLogs": status["EKS_AUDIT_LOGS"]},
        "MalwareProtection": {
            "ScanEc2InstanceWithFindings": {"EbsVolumes": status["EBS_MALWARE_PROTECTION"]}
        },
    }
