"""Command line: starts a server, prints where it is as one line of JSON, and runs until told to stop.

It ends on SIGTERM, on SIGINT, and with `--exit-with-stdin` when its standard input reaches its end.
"""

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

from localstack_guardduty.launcher import Server, StartError


def main() -> int:
    """Runs the command and returns its exit code."""
    options = parse_options()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: interrupt(stop))
    try:
        with Server(options.port, options.log) as server:
            place = {"endpoint": server.endpoint, "port": server.port, "pid": server.pid}
            print(json.dumps(place), flush=True)
            if options.exit_with_stdin:
                threading.Thread(target=watch_stdin, args=[stop], daemon=True).start()
            return run(server, stop)
    except StartError as error:
        print(f"localstack-guardduty: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def parse_options() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="localstack_guardduty", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port of 127.0.0.1; 0 takes a free one")
    parser.add_argument("--log", type=Path, help="file for the server's log")
    parser.add_argument("--exit-with-stdin", action="store_true", help="end when standard input ends")
    return parser.parse_args()


def interrupt(stop: threading.Event) -> None:
    """Ends the wait for the server; while the server still starts, ends the start."""
    if stop.is_set():
        return
    stop.set()
    raise KeyboardInterrupt


def watch_stdin(stop: threading.Event) -> None:
    """Sets `stop` at the end of standard input."""
    while sys.stdin.buffer.read(4096):
        pass
    stop.set()


def run(server: Server, stop: threading.Event) -> int:
    """Waits for `stop`; a server that ends by itself before is an error."""
    while not stop.wait(0.1):
        code = server.wait(0)
        if code is not None:
            print(f"localstack-guardduty: LocalStack ended with {code}\n{server.log_tail()}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
