"""Publishes events on the default bus of an account and region, as GuardDuty does."""

from typing import Any

from localstack_guardduty.guardduty import internal

SOURCE = "aws.guardduty"
FINDING = "GuardDuty Finding"
ENTRIES_PER_CALL = 10


def publish(account: str, region: str, entries: list[dict[str, Any]]) -> None:
    """Sends entries (`DetailType`, `Detail`, `Time`); a refusal is an error of the emulator."""
    bus = internal.client("events", account, region)
    for start in range(0, len(entries), ENTRIES_PER_CALL):
        batch = [{"Source": SOURCE, **entry} for entry in entries[start : start + ENTRIES_PER_CALL]]
        answer = bus.put_events(Entries=batch)
        if answer["FailedEntryCount"]:
            raise RuntimeError(f"the default event bus refused an event: {answer['Entries']}")
