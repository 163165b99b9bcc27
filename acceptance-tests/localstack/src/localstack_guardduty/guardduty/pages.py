"""Pages of a list: `MaxResults` and `NextToken`."""

import base64
import binascii
from typing import Any

from localstack_guardduty.guardduty import errors

DEFAULT_SIZE = 50


def page[T](
    items: list[T], request: dict[str, Any], size: int = DEFAULT_SIZE
) -> tuple[list[T], dict[str, str]]:
    """The items of the page asked for, and `{"NextToken": ...}` if there are more."""
    start = _start(request.get("NextToken"))
    end = start + (request.get("MaxResults") or size)
    more = {"NextToken": base64.urlsafe_b64encode(str(end).encode()).decode()} if end < len(items) else {}
    return items[start:end], more


def _start(token: str | None) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token))
    except (ValueError, binascii.Error):
        raise errors.invalid("nextToken", "it is not one that this operation gave out") from None
