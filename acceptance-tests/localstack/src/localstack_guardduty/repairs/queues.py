"""A queue's name is taken for a minute after its deletion.

LocalStack knows that wait by the real clock only, and only where its configuration asks for it.
"""

import functools
from typing import Any

from localstack.aws.api.sqs import QueueDeletedRecently
from localstack.services.sqs.provider import SqsProvider
from localstack.services.sqs.utils import parse_queue_url

from localstack_guardduty.control.clock import CLOCK

WAIT_SECONDS = 60
_deleted: dict[tuple[str, str, str], float] = {}
"""Account, region and name of a queue, and the emulated second in which it was deleted."""


def install() -> None:
    """Wraps CreateQueue and DeleteQueue."""
    create, delete = SqsProvider.create_queue, SqsProvider.delete_queue

    @functools.wraps(create)
    def create_queue(self: SqsProvider, context: Any, queue_name: str, *more: Any, **named: Any) -> Any:
        deleted = _deleted.get((context.account_id, context.region, queue_name))
        if deleted is not None and CLOCK.now() < deleted + WAIT_SECONDS:
            raise QueueDeletedRecently(
                "You must wait 60 seconds after deleting a queue before you can create another with the same "
                "name."
            )
        return create(self, context, queue_name, *more, **named)

    @functools.wraps(delete)
    def delete_queue(self: SqsProvider, context: Any, queue_url: str, **named: Any) -> None:
        delete(self, context, queue_url, **named)
        account, region, name = parse_queue_url(queue_url)
        _deleted[account, region or context.region, name] = CLOCK.now()

    SqsProvider.create_queue, SqsProvider.delete_queue = create_queue, delete_queue
