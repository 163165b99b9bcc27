"""Clients for the calls that GuardDuty itself makes to other services of the emulator.

They carry a principal by which the control plane tells them apart: they are neither logged nor
made to fail.
"""

from typing import Any

from localstack.aws.connect import connect_to

PRINCIPAL = "guardduty"


def client(service: str, account: str, region: str) -> Any:
    """A client of `service` in one account and region."""
    clients = connect_to(aws_access_key_id=account, region_name=region)
    source = f"arn:aws:guardduty:{region}:{account}"
    return getattr(clients, service).request_metadata(source_arn=source, service_principal=PRINCIPAL)
