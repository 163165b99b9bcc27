"""GuardDuty's errors: nearly all are `BadRequestException`, told apart by their text.

The texts marked (seen) were read in answers of AWS; the others keep the same form.
"""

from localstack.aws.api import ServiceException


class BadRequest(ServiceException):
    """HTTP 400 as GuardDuty answers it; `Type` is the member of that name in the body."""

    code = "BadRequestException"
    status_code = 400
    sender_fault = True
    Type = "InvalidInputException"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The request is rejected {reason}.")


def not_owned() -> BadRequest:
    """No such detector in this account and region (seen)."""
    return BadRequest("because the input detectorId is not owned by the current account")


def no_such_resource() -> BadRequest:
    """The detector has no filter, list or finding of that name (seen)."""
    return BadRequest("since no such resource found")


def detector_exists() -> BadRequest:
    """A second detector in an account and region (seen)."""
    return BadRequest("because a detector already exists for the current account")


def invalid_json() -> BadRequest:
    """The body is not the JSON that the operation takes (seen)."""
    return BadRequest("because the JSON could not be processed")


def out_of_range() -> BadRequest:
    """A value that the model allows and the service does not (seen)."""
    return BadRequest("because an invalid or out-of-range value is specified as an input parameter")


def out_of_bounds(parameter: str) -> BadRequest:
    """A number for which there is no place at present (seen)."""
    return BadRequest(f"because the parameter {parameter} is out-of-bounds")


def invalid(parameter: str, why: str) -> BadRequest:
    """A value that breaks the model or a documented rule; names the parameter."""
    return BadRequest(f"because the parameter {parameter} has an invalid value: {why}")


def missing(parameter: str) -> BadRequest:
    """A required parameter is absent."""
    return BadRequest(f"because the required parameter {parameter} is missing")


def limit_exceeded(what: str, limit: int) -> BadRequest:
    """One more than the account's quota in this region."""
    return BadRequest(f"because the current account has reached the limit of {limit} {what}")


def token_reused() -> BadRequest:
    """A client token that was used for another request before."""
    return BadRequest("because the clientToken was already used with different parameters")
