"""Threat and trusted lists: files in S3 that GuardDuty takes some fifteen minutes to load.

While a list is ACTIVATING, DEACTIVATING or DELETE_PENDING every change of it is refused. One that is
DELETED can be read for another hour, as clients of the service wait for that status. The four kinds
differ in names, quotas and in whether they take domains.
"""

from dataclasses import dataclass, field
from datetime import datetime

from localstack_guardduty.control.clock import CLOCK
from localstack_guardduty.guardduty import errors, list_formats, objects
from localstack_guardduty.guardduty.operations import Answer, Call, operation
from localstack_guardduty.guardduty.pages import page
from localstack_guardduty.guardduty.store import Detector, new_id, now

TRANSITION_SECONDS = 15 * 60
MAX_FILE_BYTES = 35 * 1024 * 1024
DELETED_SECONDS = 60 * 60
DELETED, GONE = "DELETED", "GONE"


@dataclass(frozen=True)
class Kind:
    """One kind of list: its names in the API, how many of them, and how long they may be."""

    name: str
    resource: str
    limit: int
    max_entries: int
    domains: bool = False
    dated: bool = False
    unique: bool = False
    """Whether no two have one name; GuardDuty says so of IP address lists only."""

    @property
    def id_member(self) -> str:
        """The member that carries an id of this kind."""
        return "IpSetId" if self.name == "IPSet" else f"{self.name}Id"


KINDS = (
    Kind("ThreatIntelSet", "threatintelset", limit=6, max_entries=250_000, unique=True),
    Kind("IPSet", "ipset", limit=1, max_entries=2_000, unique=True),
    Kind("ThreatEntitySet", "threatentityset", limit=6, max_entries=250_000, domains=True, dated=True),
    Kind("TrustedEntitySet", "trustedentityset", limit=1, max_entries=2_000, domains=True, dated=True),
)


@dataclass
class EntityList:
    """A list of any kind; `status` holds, until `due`, what leads to `then`."""

    kind: Kind
    id: str
    name: str
    format: str
    location: str
    owner: str | None
    tags: dict[str, str]
    created_at: datetime
    updated_at: datetime
    status: str = "INACTIVE"
    then: str = ""
    due: float = 0.0
    error: str | None = None
    pending_error: str | None = field(default=None, repr=False)

    def begin(self, status: str, then: str, error: str | None = None) -> None:
        """Enters a passing status."""
        self.status, self.then, self.pending_error = status, then, error
        self.due = CLOCK.now() + TRANSITION_SECONDS

    def settle(self) -> None:
        """Leaves a passing status when its time is over."""
        while self.then and CLOCK.now() >= self.due:
            self.status, self.error, self.then = self.then, self.pending_error, ""
            if self.status == DELETED:
                self.then, self.due = GONE, self.due + DELETED_SECONDS


def in_detector(detector: Detector, kind: Kind | None = None) -> list[EntityList]:
    """The lists that exist at this moment, of one kind or of all."""
    return [each for each in _readable(detector, kind) if each.status != DELETED]


def _readable(detector: Detector, kind: Kind | None) -> list[EntityList]:
    for entity_list in list(detector.lists.values()):
        entity_list.settle()
        if entity_list.status == GONE:
            del detector.lists[entity_list.id]
    return [each for each in detector.lists.values() if kind in (None, each.kind)]


def _register(kind: Kind) -> None:
    def exists(call: Call, answer: Answer) -> bool:
        return any(each.id == answer[kind.id_member] for each in in_detector(call.detector, kind))

    operation(f"Create{kind.name}", still_there=exists)(lambda call: _create(kind, call))
    operation(f"Get{kind.name}")(lambda call: _get(kind, call))
    operation(f"List{kind.name}s")(lambda call: _list(kind, call))
    operation(f"Update{kind.name}")(lambda call: _update(kind, call))
    operation(f"Delete{kind.name}")(lambda call: _delete(kind, call))


def _create(kind: Kind, call: Call) -> Answer:
    request, time = call.request, now()
    present = in_detector(call.detector, kind)
    if len(present) >= kind.limit:
        raise errors.limit_exceeded(f"{kind.name}s", kind.limit)
    _check_name(kind, present, request["Name"])
    _check_location(request["Location"])
    entity_list = EntityList(
        kind=kind,
        id=new_id(),
        name=request["Name"],
        format=request["Format"],
        location=request["Location"],
        owner=request.get("ExpectedBucketOwner"),
        tags=dict(request.get("Tags") or {}),
        created_at=time,
        updated_at=time,
    )
    call.detector.lists[entity_list.id] = entity_list
    if request["Activate"]:
        _activate(call, entity_list)
    return {kind.id_member: entity_list.id}


def _get(kind: Kind, call: Call) -> Answer:
    entity_list = _find(kind, call, _readable(call.detector, kind))
    answer = {
        "Name": entity_list.name,
        "Format": entity_list.format,
        "Location": entity_list.location,
        "Status": entity_list.status,
        "Tags": entity_list.tags,
    }
    if entity_list.owner:
        answer["ExpectedBucketOwner"] = entity_list.owner
    if kind.dated:
        answer |= {"CreatedAt": entity_list.created_at, "UpdatedAt": entity_list.updated_at}
        answer |= {"ErrorDetails": entity_list.error} if entity_list.error else {}
    return answer


def _list(kind: Kind, call: Call) -> Answer:
    ids, more = page([each.id for each in in_detector(call.detector, kind)], call.request)
    return {f"{kind.id_member}s": ids, **more}


def _update(kind: Kind, call: Call) -> None:
    entity_list, request = _find(kind, call), call.request
    _refuse_busy(entity_list)
    if request.get("Name") not in (None, entity_list.name):
        _check_name(kind, in_detector(call.detector, kind), request["Name"])
    if request.get("Location") is not None:
        _check_location(request["Location"])
        entity_list.location = request["Location"]
    entity_list.name = request.get("Name") or entity_list.name
    entity_list.owner = request.get("ExpectedBucketOwner") or entity_list.owner
    entity_list.updated_at = now()
    if request.get("Activate"):
        _activate(call, entity_list)
    elif request.get("Activate") is False and entity_list.status != "INACTIVE":
        entity_list.begin("DEACTIVATING", "INACTIVE")


def _delete(kind: Kind, call: Call) -> None:
    entity_list = _find(kind, call)
    _refuse_busy(entity_list)
    entity_list.begin("DELETE_PENDING", DELETED)


def _activate(call: Call, entity_list: EntityList) -> None:
    """Loads the file now and tells the outcome when the time is over."""
    try:
        data = objects.read(call.account, call.region, entity_list.location, entity_list.owner)
        if len(data) > MAX_FILE_BYTES:
            raise list_formats.FormatError(f"the file is larger than {MAX_FILE_BYTES} bytes")
        count = list_formats.entries(entity_list.format, data, entity_list.kind.domains)
        if count > entity_list.kind.max_entries:
            raise list_formats.FormatError(f"{count} entries, {entity_list.kind.max_entries} are allowed")
    except (objects.ObjectError, list_formats.FormatError) as error:
        entity_list.begin("ACTIVATING", "ERROR", str(error))
    else:
        entity_list.begin("ACTIVATING", "ACTIVE")


def _check_name(kind: Kind, present: list[EntityList], name: str) -> None:
    if kind.unique and any(each.name == name for each in present):
        raise errors.BadRequest(f"because a {kind.name} with the given name already exists")


def _check_location(location: str) -> None:
    if objects.split(location) is None:
        raise errors.out_of_range()


def _refuse_busy(entity_list: EntityList) -> None:
    if entity_list.then:
        raise errors.BadRequest(f"because the list is in status {entity_list.status}")


def _find(kind: Kind, call: Call, among: list[EntityList] | None = None) -> EntityList:
    for entity_list in in_detector(call.detector, kind) if among is None else among:
        if entity_list.id == call.request[kind.id_member]:
            return entity_list
    raise errors.no_such_resource()


for _kind in KINDS:
    _register(_kind)
