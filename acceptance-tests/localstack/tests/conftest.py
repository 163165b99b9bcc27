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


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """The session of most clients: they are costly to make, so each test only changes their account."""
    return boto3.Session(aws_access_key_id=str(next(_numbers)), aws_secret_access_key="test")


@pytest.fixture
def account(session: boto3.Session) -> str:
    """An account of the test's own, which the session's clients act for from now on."""
    session.get_credentials().access_key = str(next(_numbers))
    return session.get_credentials().access_key


@pytest.fixture(scope="session")
def clients(server: Server, session: boto3.Session) -> Client:
    """Makes a client, or takes the one that was made before."""
    made: dict[tuple[Any, ...], Any] = {}

    def make(service: str, region: str, **config: Any) -> Any:
        key = (service, region, *config.items())
        if key not in made:
            made[key] = _client(session, server.endpoint, service, region, config)
        return made[key]

    return make


@pytest.fixture
def client(server: Server, clients: Client, account: str) -> Client:
    """Clients of the test's account: `client("guardduty")`; or of another with `account_id`."""

    def make(service: str, region: str = REGION, account_id: str = account, **config: Any) -> Any:
        if account_id == account:
            return clients(service, region, **config)
        other = boto3.Session(aws_access_key_id=account_id, aws_secret_access_key="test")
        return _client(other, server.endpoint, service, region, config)

    return make


def _client(session: boto3.Session, endpoint: str, service: str, region: str, config: dict[str, Any]) -> Any:
    """A client that sends whatever it is given, once."""
    settings = {"retries": {"max_attempts": 0}, "connect_timeout": 5, "read_timeout": 20} | config
    return session.client(
        service,
        endpoint_url=endpoint,
        region_name=region,
        config=Config(parameter_validation=False, **settings),
    )


@pytest.fixture
def guardduty(client: Client) -> Any:
    """A GuardDuty client of the account."""
    return client("guardduty")


@pytest.fixture
def detector(guardduty: Any) -> str:
    """The id of a new detector."""
    return guardduty.create_detector(Enable=True)["DetectorId"]
