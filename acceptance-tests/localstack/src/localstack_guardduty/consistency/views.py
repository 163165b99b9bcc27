"""What readers still see of a thing after a write: what the service answered before it.

Only clients are kept in the past: writes and the services' own calls work on the latest state.
"""

import fnmatch
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext, ServiceException
from localstack.aws.chain import HandlerChain
from localstack.aws.protocol.serializer import create_serializer
from localstack.http import Response

from localstack_guardduty.consistency import names, present
from localstack_guardduty.consistency.kinds import KINDS, Kind, Listing, Read, Refusal
from localstack_guardduty.consistency.names import Fields, Members
from localstack_guardduty.consistency.present import Answer, Outcome

PHASES = ("create", "update", "delete")
DEFAULT_PHASES = ("create", "update")
_lock = threading.Lock()


@dataclass(frozen=True)
class Delay:
    """Which writes are seen late, and how late: by so many reads of each operation, or seconds, or both."""

    account: str
    region: str | None
    kind: str
    reads: int | None
    seconds: float | None
    after: tuple[str, ...]

    def fits(self, kind: str, context: RequestContext) -> bool:
        """Whether a write of this kind in `context` is seen late."""
        here = KINDS[kind].is_global or self.region in (None, context.region)
        return self.account == context.account_id and here and _is_of(kind, self.kind)


@dataclass
class View:
    """The past of one thing: what each read answered, and which element each list had of it."""

    kind: Kind
    fields: Fields
    delay: Delay
    reads: dict[str, Outcome]
    elements: dict[str, Any]
    was_there: bool
    is_deletion: bool
    left: dict[Any, tuple[int | None, float | None]] = field(default_factory=dict)

    def begin(self, former: "View | None") -> None:
        """From now on readers see this past; a read that has not come out of a former one yet stays there."""
        seconds = self.delay.seconds
        start = (self.delay.reads, None if seconds is None else time.monotonic() + seconds)
        self.left = dict.fromkeys([*self.reads, *self.elements, *self.kind.refusals], start)
        for operation in former.left if former else ():
            if former.is_past(operation):
                self.left[operation] = former.left[operation]
                for mine, theirs in ((self.reads, former.reads), (self.elements, former.elements)):
                    mine |= {operation: theirs[operation]} if operation in theirs else {}

    def is_past(self, operation: Any) -> bool:
        """Whether the next such read still sees the past."""
        reads, until = self.left.get(operation, (0, None))
        return reads != 0 and (until is None or time.monotonic() < until)

    def take(self, operation: Any) -> bool:
        """The same, and counts that read."""
        with _lock:
            if not self.is_past(operation):
                return False
            reads, until = self.left[operation]
            self.left[operation] = (None if reads is None else reads - 1, until)
            return True


def _is_of(kind: str, pattern: str) -> bool:
    """S3 is strongly consistent: an object is late only where it is named."""
    return fnmatch.fnmatchcase(kind, pattern) and (pattern != "*" or not kind.startswith("s3:"))


Key = tuple[str, str, str, tuple[tuple[str, str], ...]]
_delays: list[Delay] = []
_views: dict[Key, View] = {}


def add(arguments: Answer) -> Answer:
    """POST consistency: `account`, `kind` (`*` is all), `reads` or `seconds` or both; `region`, `after`."""
    kind, after = arguments["kind"], arguments.get("after", DEFAULT_PHASES)
    if not fnmatch.filter(KINDS, kind):
        raise ValueError(f"kind '{kind}' is none of {', '.join(sorted(KINDS))}")
    if not set(after) <= set(PHASES):
        raise ValueError(f"after is a list of {', '.join(PHASES)}")
    reads, seconds = arguments.get("reads"), arguments.get("seconds")
    if reads is None and seconds is None:
        raise ValueError("reads or seconds says how long")
    delay = Delay(
        account=arguments["account"],
        region=arguments.get("region"),
        kind=kind,
        reads=None if reads is None else int(reads),
        seconds=None if seconds is None else float(seconds),
        after=tuple(after),
    )
    with _lock:
        _delays.append(delay)
    return {"kinds": fnmatch.filter(KINDS, kind)}


def clear(arguments: Answer) -> None:
    """DELETE consistency: of `account`, or all; everything is seen at once."""
    account = arguments.get("account")
    with _lock:
        _delays[:] = [delay for delay in _delays if account not in (None, delay.account)]
        for key in [key for key in _views if account in (None, key[1])]:
            del _views[key]


def on_request(chain: HandlerChain, context: RequestContext, response: Response) -> None:
    """LocalStack's request handler: answers from the past, or remembers the present before a write."""
    if not _concerns(context):
        return
    outcome = _past_answer(context)
    if outcome is None:
        context.seen_late = list(_before(context))
        return
    _answer(context, response, outcome)
    chain.stop()


def on_response(_chain: HandlerChain, context: RequestContext, response: Response) -> None:
    """LocalStack's response handler: begins the views of a write, and corrects answers from the past."""
    if not _concerns(context) or response.status_code >= 300:
        return
    for name, view in context.get("seen_late") or []:
        _begin(name, view, context)
    answer = dict(context.service_response or {}) if isinstance(context.service_response, dict) else {}
    if _correct(context, answer):
        _answer(context, response, answer)


def _concerns(context: RequestContext) -> bool:
    """Whether a client calls whose account a delay is set for."""
    return bool(
        context.service
        and context.operation
        and not context.is_internal_call
        and any(delay.account == context.account_id for delay in list(_delays))
    )


def _named(kind: Kind, members: Members, context: RequestContext, given: Any = None) -> list[Fields]:
    """The things that the request, or `given`, names."""
    given = context.service_request or {} if given is None else given
    found = names.read(members, given, _place(context))
    return [_own(kind, each) for each in found]


def _place(context: RequestContext) -> Fields:
    """The fields that a template may have and no request names."""
    return {"partition": context.partition, "account": context.account_id, "region": context.region}


def _own(kind: Kind, fields: Fields) -> Fields:
    """The fields that tell one thing of the kind from another."""
    return kind.defaults | {
        name: value
        for name, value in fields.items()
        if name not in present.PLACE and not name.startswith("_")
    }


def _key(name: str, fields: Fields, context: RequestContext) -> Key:
    region = "" if KINDS[name].is_global else context.region
    return name, context.account_id, region, tuple(sorted(fields.items()))


# Before and after a write.


def _before(context: RequestContext) -> Iterator[tuple[str, View]]:
    operation = context.operation.name
    for name, kind in KINDS.items():
        members = kind.writes.get(operation, kind.deletes.get(operation))
        if kind.service != context.service.service_name or members is None:
            continue
        delay = next((each for each in reversed(_delays) if each.fits(name, context)), None)
        for fields in _named(kind, members, context) if delay else ():
            yield name, _look(kind, fields, delay, context)


def _begin(name: str, view: View, context: RequestContext) -> None:
    """Starts a view, unless this sort of write is seen at once; a deletion then ends the former one."""
    if view.kind.answered and context.operation.name in view.kind.writes:
        for fields in _named(view.kind, view.kind.answered, context, context.service_response):
            view.fields = view.fields | fields
    key = _key(name, view.fields, context)
    phase = "delete" if view.is_deletion else "update" if view.was_there else "create"
    with _lock:
        if phase in view.delay.after:
            view.begin(_views.get(key))
            _views[key] = view
        elif view.is_deletion:
            _views.pop(key, None)


def _look(kind: Kind, fields: Fields, delay: Delay, context: RequestContext) -> View:
    """What is read of the thing at this moment."""
    reads, elements, was_there = present.look(kind, _place(context) | fields)
    is_deletion = context.operation.name in kind.deletes
    return View(kind, fields, delay, reads, elements, was_there, is_deletion)


# Reads.


def _active(context: RequestContext) -> list[View]:
    """The views of this account, and of this region where the kind has regions."""
    with _lock:
        return [
            view
            for (_, account, region, _), view in _views.items()
            if account == context.account_id and region in ("", context.region)
        ]


def _past_answer(context: RequestContext) -> Outcome | None:
    """The whole answer of a read, if it is for a thing that is still seen in its past."""
    service, operation = context.service.service_name, context.operation.name
    for view in _active(context):
        kind = view.kind
        if (service, operation) in kind.refusals:
            refusal = kind.refusals[service, operation]
            if view.fields in _named(kind, refusal.names, context) and view.take((service, operation)):
                return _refused(refusal, view, context)
        if service != kind.service:
            continue
        read = kind.reads.get(operation) or Read(kind.needs.get(operation, {}))
        about = operation in view.reads and not read.part and view.fields in _named(kind, read.names, context)
        if about and view.take(operation):
            return _chosen(read, view.reads[operation], context)
    return None


def _refused(refusal: Refusal, view: View, context: RequestContext) -> ServiceException:
    fields = _place(context) | view.fields
    message = names.write({"message": refusal.message}, fields)["message"]
    return CommonServiceException(refusal.code, message, 400, True)


def _chosen(read: Read, outcome: Outcome, context: RequestContext) -> Outcome:
    """The entries of the remembered answer that this request asks for."""
    if read.chosen is None or isinstance(outcome, ServiceException):
        return outcome
    member, choice = read.chosen
    wanted = context.service_request.get(choice) or []
    entries = {name: value for name, value in outcome.get(member, {}).items() if {name, "All"} & set(wanted)}
    return outcome | {member: entries}


def _correct(context: RequestContext, answer: Answer) -> bool:
    """Puts the past of some things into an answer about several; says whether anything changed."""
    operation, changed = context.operation.name, False
    for view in _active(context):
        kind = view.kind
        if kind.service != context.service.service_name:
            continue
        read, listing = kind.reads.get(operation), kind.lists.get(operation)
        if read and read.part and view.fields in _named(kind, read.names, context):
            changed |= view.take(operation) and _put_part(read.part, view.reads[operation], answer)
        elif listing and any(
            named.items() <= view.fields.items() for named in _named(kind, listing.names, context)
        ):
            changed |= view.take(operation) and _put_element(listing, view, operation, context, answer)
    return changed


def _put_part(part: tuple[str, str], past: Outcome, answer: Answer) -> bool:
    member, entry = part
    before = {} if isinstance(past, ServiceException) else past.get(member, {})
    now = dict(answer.get(member) or {})
    if entry not in now and entry not in before:
        return False
    answer[member] = {name: value for name, value in now.items() if name != entry}
    answer[member] |= {entry: before[entry]} if entry in before else {}
    return True


def _put_element(
    listing: Listing, view: View, operation: str, context: RequestContext, answer: Answer
) -> bool:
    """Puts the thing as it was in the place of what it is now, or leaves it out."""
    past, fields = view.elements[operation], _place(context) | view.fields
    items = list(answer.get(listing.items) or [])
    positions = [index for index, item in enumerate(items) if present.is_of(listing, item, fields)]
    if positions:
        items[positions[0] : positions[0] + 1] = [] if past is None else [past]
    elif past is not None and view.is_deletion:
        items.append(past)
    else:
        return False
    answer[listing.items] = items
    answer |= {listing.count: len(items)} if listing.count else {}
    if listing.missing and past is None:
        member, words = listing.missing
        answer[member] = [*(answer.get(member) or []), names.write(words, fields)]
    return True


def _answer(context: RequestContext, response: Response, outcome: Outcome) -> None:
    serializer = create_serializer(context.service, context.protocol)
    place = (context.operation, context.request.headers, context.request_id)
    if isinstance(outcome, ServiceException):
        context.service_exception = outcome
        response.update_from(serializer.serialize_error_to_response(outcome, *place))
    else:
        context.service_response = outcome
        response.update_from(serializer.serialize_to_response(outcome, *place))
