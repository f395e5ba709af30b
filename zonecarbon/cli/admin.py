"""`zonecarbon admin`: handed on to the services, where they are installed.

Backups work on databases, of which a caller knows nothing: the command is the services' own.
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from typing import Annotated

import typer

from zonecarbon.cli.terminal import REFUSED, errors

HANDED_ON = {"ignore_unknown_options": True, "help_option_names": []}


def admin(arguments: Annotated[list[str] | None, typer.Argument()] = None) -> None:
    """Back up, restore and verify the databases, where the services are installed."""
    if find_spec("services") is None:
        errors.print(
            "the services are not installed here: run it on the machine that has their databases",
            soft_wrap=True,
        )
        raise typer.Exit(REFUSED)
    command = [sys.executable, "-m", "services", "admin", *(arguments or [])]
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606 (ourselves, with what we were given)
