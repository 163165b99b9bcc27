"""The raw connection under a request: to close it without an answer, or in the midst of one."""

import http
import threading
from typing import Any

import rolo.serving.twisted as serving
from localstack.aws.api import RequestContext
from localstack.http import Response
from twisted.internet import reactor

KEY = "guardduty.connection"
CLOSE_SECONDS = 2
SHORTEST_LENGTH = 16


def install() -> None:
    """Lets each request's environment carry the connection that it came on."""
    original = serving.update_wsgi_environment

    def update(environ: dict[str, Any], request: Any) -> None:
        original(environ, request)
        environ[KEY] = request

    serving.update_wsgi_environment = update


def close(context: RequestContext) -> None:
    """Closes the connection; the client gets no byte."""
    _send_and_close(context, b"")


def cut_short(context: RequestContext, response: Response) -> None:
    """Sends the head and half of the body, and closes the connection."""
    body = response.get_data()
    length = max(len(body), SHORTEST_LENGTH)
    reason = http.HTTPStatus(response.status_code).phrase
    head = [f"HTTP/1.1 {response.status_code} {reason}", f"Content-Length: {length}"]
    head += [
        f"{name}: {value}" for name, value in response.headers.items() if name.lower() != "content-length"
    ]
    _send_and_close(context, "\r\n".join([*head, "", ""]).encode() + body[: length // 2])


def _send_and_close(context: RequestContext, data: bytes) -> None:
    """Returns once the connection is gone, so that nobody writes to it afterwards."""
    request = context.request.environ[KEY]
    gone = threading.Event()

    def act() -> None:
        request.notifyFinish().addBoth(lambda _: gone.set())
        transport = request.channel.transport
        if data:
            transport.write(data)
        transport.loseConnection()

    reactor.callFromThread(act)
    gone.wait(CLOSE_SECONDS)
