"""LocalStack's interface of a runtime, for functions in Python: a process for each invocation.

It gives no isolation and no limits of memory; it is for handlers of tests.
"""

import os
import subprocess
import sys
from pathlib import Path

from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.runtime_executor import LambdaRuntimeException, RuntimeExecutor

RUNNER = Path(__file__).with_name("runner.py")


class HostRuntimeExecutor(RuntimeExecutor):
    """One execution environment of one version of a function."""

    def __init__(self, id: str, function_version: FunctionVersion) -> None:
        super().__init__(id, function_version)
        self._environment: dict[str, str] = {}
        self._logs = ""

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Unpacks the code; a runtime other than Python is refused, so the function becomes Failed."""
        runtime = function_version.config.runtime or ""
        if not runtime.startswith("python"):
            raise LambdaRuntimeException(f"runtime '{runtime}' needs Docker; only Python runs without")
        function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Forgets the unpacked code."""
        if function_version.config.code:
            function_version.config.code.destroy_cached()

    def start(self, env_vars: dict[str, str]) -> None:
        """Keeps the function's environment for the invocations."""
        self._environment = {name: str(value) for name, value in env_vars.items() if value is not None}

    def stop(self) -> None:
        """Nothing runs between invocations."""

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        """Calls the handler with the payload and waits for its answer."""
        config = self.function_version.config
        folder = config.code.get_unzipped_code_location()
        try:
            done = subprocess.run(
                [sys.executable, str(RUNNER), config.handler or ""],
                input=payload["payload"].encode(),
                capture_output=True,
                cwd=folder,
                env=self._environment | {"PATH": os.environ["PATH"], "PYTHONPATH": str(folder)},
                timeout=config.timeout,
                check=False,
            )
            answer, failed, log = done.stdout, done.returncode != 0, done.stderr.decode(errors="replace")
        except subprocess.TimeoutExpired as late:
            log = f"Task timed out after {late.timeout:.2f} seconds"
            answer, failed = f'{{"errorMessage": "{log}"}}'.encode(), True
        self._logs += log
        return InvocationResult(payload["invoke-id"], answer, failed, log)

    def get_address(self) -> str:
        """The machine itself."""
        return "127.0.0.1"

    def get_endpoint_from_executor(self) -> str:
        """Where the function finds LocalStack."""
        return "127.0.0.1"

    def get_runtime_endpoint(self) -> str:
        """Not used: no runtime calls back."""
        return ""

    def get_logs(self) -> str:
        """What all invocations wrote to standard error."""
        return self._logs
