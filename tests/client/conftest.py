"""The command line against running services."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from tests.fixtures.house import ROOT, Running
from zonecarbon.cli.__main__ import main

Command = Callable[..., tuple[object, str, str]]


@pytest.fixture
def zonecarbon(
    shared_house: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Runs the command line against accounting; returns code, output and errors."""

    def run(*arguments: str, address: str = "") -> tuple[object, str, str]:
        address = address or shared_house.addresses.accounting
        given = {"KEY": ROOT, "ACCOUNTING": address, "LANG": "en"}
        for name, value in given.items():
            monkeypatch.setenv(f"ZONECARBON_CLI_{name}", value)
        monkeypatch.setattr(sys, "argv", ["zonecarbon", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return ended.value.code, printed.out, printed.err

    return run
