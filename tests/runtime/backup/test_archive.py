from __future__ import annotations

import os
import random
import signal
import stat
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.backup import archive
from services.runtime.backup.archive import ArchiveWrong, Manifest
from services.runtime.backup.rows import Kind, Row

COLUMNS = {"revision": Kind.INTEGER, "word": Kind.TEXT}
ROWS: dict[str, list[Row]] = {
    "words": [[number, f"word {number}"] for number in range(200)],
    "numbers": [[1, "one"]],
    "empty": [],
}
ROOT = Path(__file__).parents[3]


def write(path: Path, rows: dict[str, list[Row]]) -> Manifest:
    """Write an archive of the rows."""
    with archive.writing(path) as to:
        for table, of in rows.items():
            to.add(table, COLUMNS, of)
        said = Manifest(
            service="words",
            release="1",
            alembic_version="0001",
            revision=7,
            cursors={"other": 3},
            create_time="2026-01-31T00:00:00+00:00",
            parts=to.parts,
        )
        to.close(said)
    return said


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archive") / "words.zip"
    write(path, ROWS)
    return path


def test_an_archive_says_what_it_holds_and_gives_it_back(tmp_path: Path) -> None:
    path = tmp_path / "words.zip"
    said = write(path, ROWS)

    assert archive.findings(path) == []
    assert archive.manifest(path) == said
    for part in said.parts:
        assert list(archive.rows(path, part)) == ROWS[part.table]
        assert part.row_count == len(ROWS[part.table])


def test_an_archive_is_for_its_owner_alone(whole: Path) -> None:
    assert stat.S_IMODE(whole.stat().st_mode) == 0o600


def test_the_same_rows_make_the_same_bytes(whole: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    write(again, ROWS)

    assert again.read_bytes() == whole.read_bytes()


@given(data=st.data())
def test_a_byte_that_changed_is_noticed_wherever_it_is(
    whole: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(whole.read_bytes())
    index = data.draw(st.integers(0, len(content) - 1))
    content[index] ^= data.draw(st.integers(1, 255))
    changed = tmp_path_factory.mktemp("changed") / "words.zip"
    changed.write_bytes(content)

    assert archive.findings(changed)


def test_a_byte_that_changed_in_a_part_is_located(whole: Path, tmp_path: Path) -> None:
    content = bytearray(whole.read_bytes())
    with zipfile.ZipFile(whole) as zipped:
        entry = zipped.getinfo(archive.part_name("words"))
    content[entry.header_offset + 30 + len(entry.filename) + entry.compress_size // 2] ^= 1
    changed = tmp_path / "words.zip"
    changed.write_bytes(content)

    assert [each.where for each in archive.findings(changed)] == ["tables/words.jsonl"]


def test_an_archive_that_was_cut_off_is_none(whole: Path, tmp_path: Path) -> None:
    content = whole.read_bytes()
    cut = tmp_path / "cut.zip"
    for size in random.Random(1).sample(range(len(content)), 40):  # noqa: S311 (where it is cut)
        cut.write_bytes(content[:size])
        assert archive.findings(cut)
    cut.write_bytes(content[:-100])
    with pytest.raises(ArchiveWrong, match=r"cut\.zip: it is no archive"):
        archive.manifest(cut)


def test_a_part_that_was_put_in_or_taken_out_is_noticed(whole: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.zip"
    more.write_bytes(whole.read_bytes())
    with zipfile.ZipFile(more, "a") as zipped:
        zipped.writestr("tables/more.jsonl", "[]\n")

    assert [each.where for each in archive.findings(more)] == ["tables/more.jsonl"]


def test_an_archive_of_another_form_is_told_with_the_one_that_is_read(tmp_path: Path) -> None:
    path = tmp_path / "later.zip"
    with archive.writing(path) as to:
        to.close(
            Manifest(
                format="zonecarbon-backup-9",
                service="words",
                release="9",
                alembic_version="0001",
                revision=0,
                cursors={},
                create_time="",
                parts=[],
            )
        )

    with pytest.raises(ArchiveWrong, match="zonecarbon-backup-9, and this release reads"):
        archive.manifest(path)


def test_an_archive_never_takes_the_place_of_another(whole: Path) -> None:
    before = whole.read_bytes()
    with pytest.raises(FileExistsError):
        write(whole, {})
    assert whole.read_bytes() == before


def test_a_failure_on_the_way_leaves_no_file(tmp_path: Path) -> None:
    def failing() -> None:
        with archive.writing(tmp_path / "words.zip") as to:
            to.add("words", COLUMNS, ROWS["words"])
            raise OSError

    with pytest.raises(OSError, match=r"^$"):
        failing()
    assert list(tmp_path.iterdir()) == []


ENDLESS = """
import itertools, pathlib, sys
from services.runtime.backup import archive
from services.runtime.backup.rows import Kind
with archive.writing(pathlib.Path(sys.argv[1])) as to:
    to.add("words", {"n": Kind.INTEGER}, ([n] for n in itertools.count()))
"""


def test_what_is_killed_while_it_writes_leaves_nothing_that_claims_to_be_whole(
    tmp_path: Path,
) -> None:
    path = tmp_path / "words.zip"
    partial = tmp_path / ".words.zip.partial"
    writer = subprocess.Popen([sys.executable, "-c", ENDLESS, path], cwd=ROOT)  # noqa: S603
    deadline = time.monotonic() + 60
    while not (partial.exists() and partial.stat().st_size > 100_000):
        assert time.monotonic() < deadline, "it does not write"
        time.sleep(0.01)
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait()

    assert not path.exists()
    assert archive.findings(partial)
