"""`zonecarbon admin`: from services that run to an archive, and to services that run again."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from services import admin
from services.accounting import store as accounting_store
from services.kernel.period import SHANGHAI
from services.runtime.backup import archive
from services.runtime.config import Settings
from services.runtime.database import Database
from tests.accounting import requests
from tests.accounting import world as worlds
from tests.accounting.ledgers import row
from tests.accounting.test_store import report
from tests.accounting.world import World
from tests.fixtures import faults
from tests.fixtures.house import Running, on_loopback, start
from tests.fixtures.postgresql import Server
from zonecarbon.cli import library

ROOT = Path(__file__).parents[1]
DATABASES = ["sqlite", "postgresql"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a set of services has its databases."""

    settings: Settings
    language: str = ""

    def admin(self, *arguments: str | Path) -> Said:
        """Run a command on these databases."""
        environment = {
            "ZONECARBON_DATA_FOLDER": self.settings.data_folder,
            "ZONECARBON_DATABASE_URL": self.settings.database_url.get_secret_value(),
            "ZONECARBON_CLI_LANG": self.language,
        }
        done = CliRunner().invoke(admin.app, [str(each) for each in arguments], env=environment)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return Said(code=done.exit_code, out=done.stdout, err=done.stderr)

    def backup(self, folder: Path) -> dict[str, Path]:
        """Back everything up into `folder`; return the archives by service."""
        folder.mkdir()
        said = self.admin("backup", folder)
        assert (said.code, said.err) == (0, "")
        return {archive.manifest(path).service: path for path in sorted(folder.iterdir())}


@pytest.fixture
def place(tmp_path: Path, postgresql_server: Server) -> Iterator[Callable[[str], Place]]:
    """Makes empty places, on SQLite or on PostgreSQL."""
    with ExitStack() as stack:
        made: list[Place] = []

        def make(kind: str) -> Place:
            folder = tmp_path / f"place-{len(made)}"
            url = "" if kind == "sqlite" else stack.enter_context(postgresql_server.database())
            made.append(Place(settings=on_loopback(folder, url)))
            return made[-1]

        yield make


def _filled(running: Running) -> tuple[World, str]:
    """Load the library, and let an enterprise report a month."""
    for each in library.requests(worlds.DATA):
        running.administrator.factors.ImportFactors(each)
    zone = worlds.in_zone(running).zone
    # Its key is the same wherever the services run.
    world = World(running=running, zone=zone, desk=running.administrator)
    mill = world.enterprise()
    world.report(mill, requests.record(mill), requests.fuel(mill))
    running.wait_for_followers()
    return world, mill


@pytest.mark.parametrize("source", DATABASES)
@pytest.mark.parametrize("target", DATABASES)
def test_what_was_backed_up_serves_again_on_any_database_as_it_was_then(
    place: Callable[[str], Place], tmp_path: Path, source: str, target: str
) -> None:
    old, new = place(source), place(target)
    running = start(old.settings)
    world, mill = _filled(running)
    first = requests.report(mill, requests.record(mill, when="2023-02"))
    answer = world.desk.accounting.ReportActivity(first)
    at_the_backup = world.inventory(mill), world.zone_inventory()
    running.wait_for_followers()

    archives = old.backup(tmp_path / "backup")
    late = requests.report(mill, requests.record(mill, when="2023-03"))
    world.desk.accounting.ReportActivity(late)
    newest = world.inventory(mill)
    assert old.admin("verify").code == 0
    running.stop()

    restored = new.admin("restore", *archives.values())
    assert (restored.code, restored.err) == (0, "")
    assert new.admin("verify").code == 0
    assert "already; nothing was changed" in new.admin("restore", archives["registry"]).err
    again = start(new.settings)
    world = World(running=again, zone=world.zone, desk=again.administrator)
    try:
        assert (world.inventory(mill), world.zone_inventory()) == at_the_backup
        # What was answered before is answered again, and what was lost can be sent again.
        assert world.desk.accounting.ReportActivity(first) == answer
        assert world.inventory(mill) == at_the_backup[0]
        world.desk.accounting.ReportActivity(late)
        assert world.inventory(mill).total_co2e_g == newest.total_co2e_g
        again.wait_for_followers()
    finally:
        again.stop()


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """A place with its archives, by service."""

    place: Place
    archives: dict[str, Path]


@pytest.fixture(scope="module")
def backed_up(tmp_path_factory: pytest.TempPathFactory) -> BackedUp:
    """Services of SQLite that hold something, and a backup of them; nobody changes either."""
    folder = tmp_path_factory.mktemp("backed-up")
    place = Place(settings=on_loopback(folder / "place"))
    running = start(place.settings)
    _filled(running)
    running.stop()
    return BackedUp(place=place, archives=place.backup(folder / "backup"))


def _empty(folder: Path, language: str = "") -> Place:
    return Place(settings=on_loopback(folder / "empty"), language=language)


def test_an_archive_is_named_with_what_it_holds_and_its_seal(backed_up: BackedUp) -> None:
    said = backed_up.place.admin("verify", *backed_up.archives.values())

    assert (said.code, said.err) == (0, "")
    assert len(said.out.splitlines()) == 3
    for line, (service, path) in zip(
        said.out.splitlines(), backed_up.archives.items(), strict=True
    ):
        assert line.startswith(f"{path}: {service} up to revision ")
        assert line.endswith(f"seal {archive.seal(path)}")


def test_every_table_that_no_trigger_writes_is_in_the_archive(backed_up: BackedUp) -> None:
    for service, path in backed_up.archives.items():
        with (
            closing(Database.of(backed_up.place.settings, service)) as database,
            database.read() as connection,
        ):
            there = set(sa.inspect(connection).get_table_names())
        kept = {part.table for part in archive.manifest(path).parts}
        derived = {"desk_standings", "ledger_accounts", "ledger_chains"}
        assert kept == there - {"alembic_version", *derived}


@pytest.mark.parametrize("owner", ["enterprises/", "zones/"])
def test_months_that_are_not_what_the_lines_add_up_to_are_told(
    backed_up: BackedUp, tmp_path: Path, owner: str
) -> None:
    empty = _empty(tmp_path)
    assert empty.admin("restore", *backed_up.archives.values()).code == 0
    with (
        closing(Database.of(empty.settings, "accounting")) as database,
        database.engine.begin() as connection,
    ):
        c = accounting_store.rollups.months.c
        row = connection.execute(sa.select(c.owner, c.method_id, c.by_item)).mappings()
        kept = next(each for each in row if each["owner"].startswith(owner))
        item = next(iter(kept["by_item"]))
        kept["by_item"][item]["co2_g"][0] += 1
        connection.execute(
            sa.update(accounting_store.rollups.months)
            .where(c.owner == kept["owner"], c.method_id == kept["method_id"])
            .values(by_item=kept["by_item"])
        )

    said = empty.admin("verify")

    assert said.code == 1
    assert said.err.startswith(f"accounting months {owner}")
    assert f"1 figures are not what the lines add up to; the first, {item} co2_g" in said.err
    assert "accounting: well" not in said.out
    assert "与明细行之和不符" in _empty(tmp_path, language="zh").admin("verify").err


def test_a_byte_that_changed_ends_with_two_names_its_part_and_is_not_restored(
    backed_up: BackedUp, tmp_path: Path
) -> None:
    path = backed_up.archives["accounting"]
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as zipped:
        part = zipped.getinfo("tables/lines.jsonl")
    content[part.header_offset + 200] ^= 1
    changed = tmp_path / "changed.zip"
    changed.write_bytes(content)

    for command in ("verify", "restore"):
        said = _empty(tmp_path).admin(command, changed)
        assert said.code == 2
        assert said.err.startswith("changed.zip: tables/lines.jsonl: its bytes are not those")
    told = _empty(tmp_path, language="zh").admin("verify", changed)
    assert "与写入时不一致" in told.err
    assert not (tmp_path / "empty" / "accounting.db").exists()


def test_nothing_is_restored_over_a_database_that_is_there(backed_up: BackedUp) -> None:
    said = backed_up.place.admin("restore", backed_up.archives["registry"])

    assert said.code == 1
    assert "there is a database of registry already; nothing was changed" in said.err
    assert backed_up.place.admin("verify").code == 0


def test_a_copy_of_a_follower_that_is_newer_than_whom_it_follows_is_refused(
    backed_up: BackedUp, tmp_path: Path
) -> None:
    newer = tmp_path / "trading.zip"
    said = archive.manifest(backed_up.archives["trading"])
    with archive.writing(newer) as to:
        for part in said.parts:
            rows = archive.rows(backed_up.archives["trading"], part)
            to.add(part.table, part.columns, rows)
        to.close(said.model_copy(update={"cursors": {"accounting": 10**6}}))

    refused = _empty(tmp_path).admin("restore", backed_up.archives["accounting"], newer)
    assert refused.code == 1
    assert "it has followed accounting up to revision 1000000" in refused.err
    assert not (tmp_path / "empty" / "accounting.db").exists()


def test_two_archives_of_a_service_are_not_restored_together(
    backed_up: BackedUp, tmp_path: Path
) -> None:
    again = tmp_path / "again.zip"
    again.write_bytes(backed_up.archives["trading"].read_bytes())

    assert _empty(tmp_path).admin("verify", again, backed_up.archives["trading"]).code == 0
    refused = _empty(tmp_path).admin("restore", again, backed_up.archives["trading"])
    assert refused.code == 1
    assert "give one archive at the most of each of registry, accounting, trading" in refused.err
    assert not (tmp_path / "empty").exists()


def test_a_restore_that_does_not_come_out_well_leaves_the_place_empty(
    backed_up: BackedUp, tmp_path: Path
) -> None:
    path = backed_up.archives["registry"]
    lacking = tmp_path / "lacking.zip"
    said = archive.manifest(path)
    with archive.writing(lacking) as to:
        for part in said.parts:
            rows = list(archive.rows(path, part))
            to.add(part.table, part.columns, rows[1:] if part.table == "revisions" else rows)
        to.close(said.model_copy(update={"parts": to.parts}))
    empty = _empty(tmp_path)

    refused = empty.admin("restore", lacking)
    assert refused.code == 1
    assert empty.admin("restore", path).code == 0


def test_a_database_that_is_not_there_is_told_by_the_command(tmp_path: Path) -> None:
    settings = on_loopback(tmp_path, "postgresql+psycopg://nobody@127.0.0.1:1/x")

    said = Place(settings=settings).admin("verify")
    assert said.code == 1
    assert said.err.startswith("The database of registry cannot do its work")


def test_to_look_at_a_database_that_is_not_there_does_not_make_it(tmp_path: Path) -> None:
    empty = _empty(tmp_path)

    for command in (["verify"], ["backup", tmp_path]):
        said = empty.admin(*command)
        assert said.code == 1
        assert "there are no tables of" in said.err
    assert list(tmp_path.iterdir()) == []


def test_a_restore_that_is_killed_leaves_a_place_that_can_be_restored_into(
    backed_up: BackedUp, tmp_path: Path
) -> None:
    empty, path = _empty(tmp_path), backed_up.archives["registry"]
    log = tmp_path / "empty" / "registry.db-wal"
    restoring = subprocess.Popen(
        [sys.executable, "-m", "services", "admin", "restore", path],
        cwd=ROOT,
        env=os.environ | {"ZONECARBON_DATA_FOLDER": empty.settings.data_folder},
    )
    deadline = time.monotonic() + 60
    while not log.exists():
        assert time.monotonic() < deadline, "it does not restore"
    restoring.kill()
    restoring.wait()

    assert empty.admin("verify").code == 1
    assert empty.admin("restore", path).code == 0


def test_a_folder_that_takes_no_file_leaves_no_archive(backed_up: BackedUp, tmp_path: Path) -> None:
    with faults.unwritable():
        said = backed_up.place.admin("backup", tmp_path)

    assert said.code == 1
    assert said.err
    assert list(tmp_path.iterdir()) == []


def test_a_service_that_there_is_not_is_told_with_those_there_are(
    backed_up: BackedUp, tmp_path: Path
) -> None:
    said = backed_up.place.admin("backup", tmp_path, "--service", "regstry")

    assert said.code == 2
    assert "regstry is none of registry, accounting" in said.err


def test_what_is_younger_than_the_retention_is_not_archived(
    backed_up: BackedUp, tmp_path: Path
) -> None:
    newest = datetime.now(SHANGHAI).year - 10
    said = backed_up.place.admin("archive", tmp_path, "--before", str(newest + 1))

    assert said.code == 2
    assert "GB/T 32150-2025" in said.err
    assert list(tmp_path.iterdir()) == []


def test_what_is_past_the_retention_goes_where_that_is_asked_for(
    backed_up: BackedUp, tmp_path: Path
) -> None:
    empty, folder = _empty(tmp_path), tmp_path / "archives"
    folder.mkdir()
    assert empty.admin("restore", *backed_up.archives.values()).code == 0
    before = str(datetime.now(SHANGHAI).year - 10)

    none = empty.admin("archive", folder, "--before", before, "--delete")
    assert (none.code, none.out.splitlines()[1]) == (0, f"nothing was reported before {before}")
    next(folder.iterdir()).unlink()
    with closing(Database.of(empty.settings, "accounting")) as database:
        report(database, row(what="1 MWh", when="2005-03"))
    kept = empty.admin("archive", folder, "--before", before)
    assert (kept.code, kept.out.splitlines()[1]) == (0, "nothing was deleted; --delete does")
    next(folder.iterdir()).unlink()
    gone = empty.admin("archive", folder, "--before", before, "--delete")
    assert (gone.code, gone.out.splitlines()[1]) == (0, "1 rows were deleted")
    (path,) = folder.iterdir()
    assert empty.admin("verify", path).code == 0
    assert empty.admin("verify").code == 0


def test_the_command_line_of_callers_hands_on_to_the_services(backed_up: BackedUp) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "zonecarbon.cli", "admin", "verify"],
        cwd=ROOT,
        env=os.environ | {"ZONECARBON_DATA_FOLDER": backed_up.place.settings.data_folder},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("registry: well, at revision ")


def test_where_the_services_are_not_installed_the_command_line_says_so() -> None:
    alone = (
        "import sys, importlib.util as util; found = util.find_spec; "
        "util.find_spec = lambda name, *more: None if name == 'services' else found(name, *more); "
        "from zonecarbon.cli.__main__ import main; sys.argv = ['zonecarbon', 'admin', 'verify']; "
        "main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", alone], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert done.stderr.startswith("the services are not installed here")
