"""Changes to LocalStack's gateway: it listens on 127.0.0.1 only, reads the newest GuardDuty model,
and ends when the process that started it does.

It does not know any operation of any service.
"""

import os
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import Any

from localstack import config
from localstack.aws import spec
from localstack.aws.serving.twisted import TLSMultiplexerFactory
from localstack.runtime.server.twisted import TwistedRuntimeServer
from rolo.serving.twisted import TwistedGateway
from twisted.internet import endpoints, reactor, ssl

SHARE = Path(sys.prefix) / "share"  # filled by the install script
CATALOG = SHARE / "service-catalog.pickle"
PARENT_CHECK_SECONDS = 1


def use_newest_model() -> None:
    """Puts the newer botocore's GuardDuty model before the pinned one, which lacks operations."""
    folders = sorted(SHARE.glob("botocore-*/botocore/data"))
    if not folders:
        raise FileNotFoundError(f"{SHARE} has no botocore model: run this package's install script")
    spec.loader.search_paths.insert(0, str(folders[-1]))


def use_ready_catalog() -> None:
    """Takes the index of services that was made at installation; LocalStack joins its path to a folder."""
    if CATALOG.exists():
        spec._get_catalog_filename = lambda: str(CATALOG)


def listen_on_loopback_only() -> None:
    """LocalStack's Twisted server binds all interfaces whatever GATEWAY_LISTEN says."""
    TwistedRuntimeServer.register = _register


def _register(self, gateway, listen, ssl_creds=None) -> None:
    site = TwistedGateway(gateway)
    if ssl_creds:
        certificate, key = ssl_creds
        context = ssl.DefaultOpenSSLContextFactory(key, certificate)
        context.getContext().use_certificate_chain_file(certificate)
        site = TLSMultiplexerFactory(context, False, site)
    for address in listen:
        if not config.is_ipv6_address(address.host):
            endpoint = endpoints.TCP4ServerEndpoint(reactor, address.port, interface="127.0.0.1")
            endpoint.listen(site).addErrback(_give_up)


def _give_up(failure: Any) -> None:
    """Without its port the server would run on and answer nobody."""
    print(f"cannot listen: {failure.getErrorMessage()}", flush=True)
    os._exit(1)


def end_with_parent() -> None:
    """Ends this process when its launcher is gone, even if that was killed without a word."""
    parent = int(os.environ.get("GUARDDUTY_PARENT_PID", "0"))
    if parent:
        threading.Thread(target=_watch_parent, args=[parent], daemon=True).start()


def _watch_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_SECONDS)
    shutil.rmtree(os.environ["HOME"], ignore_errors=True)
    os._exit(1)
