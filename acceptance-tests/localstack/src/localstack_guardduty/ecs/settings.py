"""Account settings: kept for the whole account and region, whichever principal asks."""

from localstack_guardduty.ecs.operations import Answer, Call, operation, page

PAGE = 10
DEFAULTS = {
    "containerInsights": "disabled",
    "containerInstanceLongArnFormat": "enabled",
    "fargateTaskRetirementWaitPeriod": "7",
    "guardDutyActivate": "off",
    "serviceLongArnFormat": "enabled",
    "tagResourceAuthorization": "off",
    "taskLongArnFormat": "enabled",
}


@operation("PutAccountSetting")
@operation("PutAccountSettingDefault")
def put_account_setting(call: Call) -> Answer:
    """Sets one setting."""
    call.store.settings[call.request["name"]] = call.request["value"]
    return {"setting": _setting(call, call.request["name"], call.request["value"])}


@operation("ListAccountSettings")
def list_account_settings(call: Call) -> Answer:
    """The settings that were set; with `effectiveSettings` also the defaults of the others."""
    request = call.request
    settings = (DEFAULTS if request.get("effectiveSettings") else {}) | call.store.settings
    found = [
        _setting(call, name, value)
        for name, value in sorted(settings.items())
        if request.get("name") in (None, name) and request.get("value") in (None, value)
    ]
    selected, more = page(found, request, PAGE)
    return {"settings": selected, **more}


def _setting(call: Call, name: str, value: str) -> Answer:
    principal = f"arn:{call.partition}:iam::{call.account}:root"
    return {"name": name, "value": value, "principalArn": principal, "type": "user"}
