"""`zonecarbon ledger`, against the services; and `zonecarbon admin` on their database."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services import admin
from services.runtime.config import Settings
from services.runtime.database import Database
from tests.trading.stand import ROOT, Stand
from zonecarbon.cli.__main__ import main
from zonecarbon.client import Client

Command = Callable[..., tuple[object, str, str]]
BOOK = "accounts/chp"
ON = ("--on", "2025-10-31", "--evidence", "exchange note")


@pytest.fixture
def zonecarbon(
    stand: Stand,
    desk: Client,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Command:
    """Runs the command line against trading; returns code, output and errors."""
    assert desk.ledger
    stand.mandate(stand.client(ROOT))

    def run(*arguments: str) -> tuple[object, str, str]:
        monkeypatch.setenv("ZONECARBON_CLI_KEY", ROOT)
        monkeypatch.setenv("ZONECARBON_CLI_TRADING", stand.addresses.trading)
        monkeypatch.setattr(sys, "argv", ["zonecarbon", "ledger", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return ended.value.code, printed.out, printed.err

    return run


def test_transfers_are_posted_settled_and_told(zonecarbon: Command, tmp_path: Path) -> None:
    zonecarbon("instrument", "cea-2024", "ALLOWANCE", "--vintage", "2024")
    zonecarbon("post", BOOK, "a-1", "ALLOCATION", "100", "cea-2024", *ON)
    zonecarbon("post", BOOK, "p-1", "SALE", "30", "cea-2024", "--pending", *ON)
    assert "HELD: 100, available 70" in zonecarbon("balances", BOOK)[1]

    code, out, _ = zonecarbon("settle", BOOK, "q-1", "POST_PENDING", "p-1", "--count", "10", *ON)

    assert code == 0
    assert '"name": "accounts/chp/transfers/q-1"' in out
    assert "HELD: 90, available 90" in zonecarbon("balances", BOOK)[1]
    assert "HELD" not in zonecarbon("balances", BOOK, "--traded", "2025-10-30")[1]
    assert zonecarbon("verify", BOOK)[1].startswith("3 transfers, head ")
    period = ("--start", "2025-01-01", "--end", "2026-01-01")
    told = zonecarbon("statement", BOOK, str(tmp_path), *period)[1]
    assert (tmp_path / "chp-2025-01-01-2026-01-01.csv").exists()
    assert "entries" in told
    code, _, error = zonecarbon("post", BOOK, "s-1", "SALE", "91", "cea-2024", *ON)
    assert (code, "Give less" in error) == (1, True)
    assert "is none of" in zonecarbon("post", BOOK, "s-1", "GIFT", "1", "cea-2024", *ON)[2]


def test_admin_walks_the_chains_and_finds_a_cut_by_the_exported_heads(
    zonecarbon: Command, tmp_path: Path, storage: Settings
) -> None:
    zonecarbon("instrument", "cea-2024", "ALLOWANCE", "--vintage", "2024")
    for number in range(3):
        zonecarbon("post", BOOK, f"a-{number}", "ALLOCATION", "100", "cea-2024", *ON)
    environment = {
        "ZONECARBON_DATA_FOLDER": storage.data_folder,
        "ZONECARBON_DATABASE_URL": storage.database_url.get_secret_value(),
    }

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(admin.app, [*arguments], env=environment)
        return done.exit_code, done.stderr

    heads = tmp_path / "heads"
    assert run("export-heads", str(heads)) == (0, "")
    assert heads.read_text().startswith("chp,3,")
    found = Database.of(storage, "trading")
    with found.read() as connection:
        assert [*admin._of_ledger(connection, admin._heads(heads))] == []  # noqa: SLF001
        longer = tmp_path / "longer"
        longer.write_text(heads.read_text().replace("chp,3,", "chp,4,"))
        (cut,) = admin._of_ledger(connection, admin._heads(longer))  # noqa: SLF001
    found.close()

    assert cut.where == "accounts/chp (4)"
    assert "cut off" in cut.text.en
    longer.write_text("nonsense\n")
    code, error = run("verify", "--heads", str(longer))
    assert (code, "no line of a file" in error) == (1, True)
