"""A working folder for `tofu` (or `terraform`), with our provider installed as a user would: from a filesystem mirror.

It knows nothing of what the configuration says.
"""

import platform
import shutil
from pathlib import Path
from typing import Mapping

import progress

VERSION = "0.1.0"
ADDRESS = f"guardduty-rs/guardduty/{VERSION}"
HOSTS = ("registry.opentofu.org", "registry.terraform.io")
LIMIT_SECONDS = 300


class CommandFailed(Exception):
    """A command of the CLI failed."""


class Workspace:
    """A copy of a configuration, and the CLI that runs in it."""

    def __init__(
        self,
        cli: Path,
        provider: Path,
        configuration: Path,
        folder: Path,
        environment: Mapping[str, str],
        logs: Path,
    ) -> None:
        self.cli = cli
        self.logs = logs
        self.folder = folder / "configuration"
        shutil.copytree(configuration, self.folder, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
        settings = folder / "cli.tfrc"
        settings.write_text(cli_settings(install(provider, folder / "mirror")))
        self.environment = dict(environment) | {
            "TF_CLI_CONFIG_FILE": str(settings),
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "CHECKPOINT_DISABLE": "1",
        }

    def run(self, command: str, *options: str) -> str:
        """Runs one command of the CLI and returns what it printed; any exit status but 0 is a failure."""
        name = f"{self.cli.name} {command}"
        log = self.logs / f"{self.cli.name}-{command}.log"
        status = progress.run(
            name,
            [self.cli, command, "-no-color", *options],
            log,
            cwd=self.folder,
            environment=self.environment,
            limit_seconds=LIMIT_SECONDS,
        )
        if status != 0:
            ending = f"took over {LIMIT_SECONDS} s" if status == 124 else f"failed with exit status {status}"
            raise CommandFailed(f"{progress.tail(log)}\n{name} {ending}")
        return log.read_text()


def install(provider: Path, mirror: Path) -> Path:
    """Lays the binary into a filesystem mirror, under each host that a CLI takes for its default."""
    for host in HOSTS:
        target = mirror / host / ADDRESS / this_platform()
        target.mkdir(parents=True)
        (target / f"terraform-provider-guardduty_v{VERSION}").symlink_to(provider)
    return mirror


def cli_settings(mirror: Path) -> str:
    """A CLI configuration that takes providers from the mirror and from nowhere else."""
    return f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror.as_posix()}"\n  }}\n}}\n'


def this_platform() -> str:
    """The platform's name in Go's words, which are the CLIs'."""
    machine = platform.machine().lower()
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
    return f"{platform.system().lower()}_{architecture}"
