"""ECS's errors, with the service's texts."""

from localstack.aws.api import CommonServiceException


def client(message: str) -> CommonServiceException:
    """A request that the present state does not allow."""
    return CommonServiceException("ClientException", message, 400, sender_fault=True)


def invalid(message: str) -> CommonServiceException:
    """A parameter that is wrong."""
    return CommonServiceException("InvalidParameterException", message, 400, sender_fault=True)


def named(code: str, message: str) -> CommonServiceException:
    """An error with a code of its own, for example `ClusterNotFoundException`."""
    return CommonServiceException(code, message, 400, sender_fault=True)
