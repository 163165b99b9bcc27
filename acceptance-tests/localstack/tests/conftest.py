"""One server for the whole session, and for each test an account that nobody used before."""

import itertools
import json
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config

from localstack_guardduty.launcher import Server

REGION = "us-east-1"
_numbers = itertools.count(100_000_000_001)


@dataclass
class Control:
    """The control plane of the server."""

    endpoint: str

    def get(self, path: str, **arguments: Any) -> Any:
        """GET with a query string."""
        return self._send("GET", f"{path}?{urllib.parse.urlencode(arguments)}", None)

    def post(self, path: str, **arguments: Any) -> Any:
        """POST with a JSON body."""
        return self._send("POST", path, json.dumps(arguments).encode())

    def delete(self, path: str, **arguments: Any) -> Any:
        """DELETE with a query string."""
        return self._send("DELETE", f"{path}?{urllib.parse.urlencode(arguments)}", None)

    def _send(self, method: str, path: str, body: bytes | None) -> Any:
        request = urllib.request.Request(f"{self.endpoint}/_guardduty/{path}", body, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)


Client = Callable[..., Any]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The server, started once."""
    with Server() as running:
        yield running


@pytest.fixture(scope="session")
def control(server: Server) -> Control:
    """Its control plane."""
    return Control(server.endpoint)


@pytest.fixture
def account() -> str:
    """An account of the test's own."""
    return str(next(_numbers))


@pytest.fixture
def client(server: Server, account: str) -> Client:
    """Makes clients: `client("guardduty")`, also of another region or account."""

    def make(service: str, region: str = REGION, account_id: str = account, **config: Any) -> Any:
        settings = {"retries": {"max_attempts": 0}, "connect_timeout": 5, "read_timeout": 20} | config
        return boto3.client(
            service,
            endpoint_url=server.endpoint,
            region_name=region,
            aws_access_key_id=account_id,
            aws_secret_access_key="test",
            config=Config(parameter_validation=False, **settings),
        )

    return make


@pytest.fixture
def guardduty(client: Client) -> Any:
    """A GuardDuty client of the account, which sends whatever it is given."""
    return client("guardduty")


@pytest.fixture
def detector(guardduty: Any) -> str:
    """The id of a new detector."""
    return guardduty.create_detector(Enable=True)["DetectorId"]
