"""Calls a handler: `runner.py module.function`, the event on standard input, the answer on standard output.

What the handler prints goes to standard error, which becomes the function's log.
"""

import contextlib
import importlib
import json
import os
import sys
import traceback
from types import SimpleNamespace
from typing import Any


def main(handler: str) -> int:
    """Runs the handler once; 1 when it raised, with the error as Lambda reports it."""
    sys.path.insert(0, os.getcwd())
    module, _, function = handler.rpartition(".")
    context = SimpleNamespace(
        function_name=os.environ.get("AWS_LAMBDA_FUNCTION_NAME", ""),
        function_version=os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", ""),
    )
    answer: Any
    with contextlib.redirect_stdout(sys.stderr):
        try:
            event = json.load(sys.stdin)
            answer = getattr(importlib.import_module(module.replace("/", ".")), function)(event, context)
            code = 0
        except Exception as error:
            traceback.print_exc()
            answer = {"errorMessage": str(error), "errorType": type(error).__name__}
            code = 1
    print(json.dumps(answer))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
