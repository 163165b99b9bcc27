"""How a test says that a call is refused, and with which words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError


@contextmanager
def refused(words: str, code: str = "BadRequestException", status: int = 400) -> Iterator[dict[str, Any]]:
    """The block must raise `code` with a message that contains `words`; yields the answer."""
    answer: dict[str, Any] = {}
    with pytest.raises(ClientError) as caught:
        yield answer
    answer.update(caught.value.response)
    assert answer["Error"]["Code"] == code
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == status
    assert re.search(re.escape(words), answer["Error"]["Message"]), answer["Error"]["Message"]
