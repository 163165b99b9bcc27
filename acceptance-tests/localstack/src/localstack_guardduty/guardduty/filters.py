"""Filters: an ordered list of saved searches; a filter's rank is its place in that list.

Ranks have no gaps: one beyond the end is refused, an insertion moves the later ones up.
"""

import re
from typing import Any

from localstack_guardduty.guardduty import criteria, errors
from localstack_guardduty.guardduty.operations import Answer, Call, operation
from localstack_guardduty.guardduty.pages import page
from localstack_guardduty.guardduty.store import Detector, Filter, now

MAX_FILTERS = 100
NAME = re.compile(r"[A-Za-z0-9._-]{3,64}")


def _exists(call: Call, answer: Answer) -> bool:
    return any(saved.name == answer["Name"] for saved in call.detector.filters)


@operation("CreateFilter", still_there=_exists)
def create_filter(call: Call) -> Answer:
    """Inserts the filter at its rank, or at the end when it has none."""
    detector, request, time = call.detector, call.request, now()
    if not NAME.fullmatch(request["Name"]):
        raise errors.invalid("name", "letters, digits, '.', '_' and '-' only")
    if any(saved.name == request["Name"] for saved in detector.filters):
        raise errors.BadRequest("because a filter with the given name already exists")
    if len(detector.filters) >= MAX_FILTERS:
        raise errors.BadRequest("because filter limit has exceeded")
    _check_rank(request, most=len(detector.filters) + 1)
    saved = Filter(
        name=request["Name"],
        description=request.get("Description") or "",
        action=request.get("Action") or "NOOP",
        criteria=_criteria(request["FindingCriteria"]),
        tags=dict(request.get("Tags") or {}),
        created_at=time,
        updated_at=time,
    )
    _place(detector, saved, request.get("Rank"))
    return {"Name": saved.name}


@operation("GetFilter")
def get_filter(call: Call) -> Answer:
    """The filter with its present rank."""
    saved = _find(call)
    return {
        "Name": saved.name,
        "Description": saved.description,
        "Action": saved.action,
        "Rank": call.detector.filters.index(saved) + 1,
        "FindingCriteria": criteria.to_api(saved.criteria),
        "Tags": saved.tags,
        "CreatedAt": saved.created_at,
        "UpdatedAt": saved.updated_at,
        "Version": saved.version,
    }


@operation("ListFilters")
def list_filters(call: Call) -> Answer:
    """The names, in the order of the ranks."""
    names, more = page([saved.name for saved in call.detector.filters], call.request)
    return {"FilterNames": names, **more}


@operation("UpdateFilter")
def update_filter(call: Call) -> Answer:
    """Changes what the request names; criteria are replaced as a whole."""
    saved, request = _find(call), call.request
    _check_rank(request, most=len(call.detector.filters))
    if request.get("FindingCriteria") is not None:
        saved.criteria = _criteria(request["FindingCriteria"])
    if request.get("Description") is not None:
        saved.description = request["Description"]
    saved.action = request.get("Action") or saved.action
    if request.get("Rank"):
        call.detector.filters.remove(saved)
        _place(call.detector, saved, request["Rank"])
    saved.updated_at = now()
    saved.version += 1
    return {"Name": saved.name}


@operation("DeleteFilter")
def delete_filter(call: Call) -> None:
    """Removes the filter; the later ones move down."""
    call.detector.filters.remove(_find(call))


def archives(detector: Detector, finding: dict[str, Any]) -> bool:
    """Whether a filter with the action ARCHIVE matches the finding."""
    return any(
        saved.action == "ARCHIVE" and criteria.matches(saved.criteria, finding) for saved in detector.filters
    )


def _criteria(requested: dict[str, Any]) -> criteria.Criteria:
    parsed = criteria.parse(requested, patterns_allowed=True)
    if not parsed:
        raise errors.invalid("findingCriteria", "at least one criterion is needed")
    return parsed


def _check_rank(request: dict[str, Any], most: int) -> None:
    """A rank is a place among the filters that there are after the operation."""
    if (request.get("Rank") or 1) > most:
        raise errors.out_of_bounds("rank")


def _place(detector: Detector, saved: Filter, rank: int | None) -> None:
    detector.filters.insert(len(detector.filters) if rank is None else rank - 1, saved)


def _find(call: Call) -> Filter:
    for saved in call.detector.filters:
        if saved.name == call.request["FilterName"]:
            return saved
    raise errors.no_such_resource()
