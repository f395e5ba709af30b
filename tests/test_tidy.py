"""The repository's form, held by tests: what no other tool of the gate looks at."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import dev
from services import RELEASE
from tools import protos

ROOT = Path(__file__).parents[1]
PROSE = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), ROOT / "deploy" / "README.md"]
LOCKS = [dev.BOOTSTRAP, dev.RUNTIME, dev.DEV]
FUNCTION_LINES_MAX = 60
README_LINES_MAX = 120

PRODUCT = ("services", "zonecarbon")
# What runs on the runtime lock: the product, and the demo.
RUNNING = (*PRODUCT, "samples", "tools/demo")
# Needed without being imported: SQLAlchemy loads psycopg by its address, zoneinfo reads tzdata.
LOADED_BY_NAME = {"psycopg", "tzdata"}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def files(*suffixes: str) -> Iterator[Path]:
    """Every file of ours with such a suffix: nothing that dev.py or protoc made."""
    made = set(protos.stubs(ROOT))
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        hidden = any(part.startswith(".") and part != ".ci" for part in parts[:-1])
        if path.suffix in suffixes and path not in made and not hidden and parts[0] != "var":
            yield path


@pytest.fixture(scope="module")
def modules() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in files(".py")}


def test_the_stubs_are_what_the_protos_say(tmp_path: Path) -> None:
    protos.generate(tmp_path)

    fresh = {p.relative_to(tmp_path): p.read_text("utf-8") for p in protos.stubs(tmp_path)}
    kept = {p.relative_to(ROOT): p.read_text("utf-8") for p in protos.stubs(ROOT)}

    assert sorted(fresh) == sorted(kept), "run: python3 dev.py protos"
    drifted = [str(path) for path in fresh if fresh[path] != kept[path]]
    assert drifted == [], "run: python3 dev.py protos"


def test_a_function_fits_on_a_screen(modules: dict[Path, ast.Module]) -> None:
    long = [
        f"{named(path)}:{node.lineno} {node.name}: {length} lines"
        for path, module in modules.items()
        # A migration is a list of tables, as long as the list is.
        if "/migrations/" not in named(path)
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (length := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES_MAX
    ]
    assert long == []


def test_every_package_says_what_it_is(modules: dict[Path, ast.Module]) -> None:
    silent = [
        named(path)
        for path, module in modules.items()
        if path.name == "__init__.py" and not ast.get_docstring(module)
    ]
    assert silent == []


def test_every_module_of_the_product_lies_in_a_package() -> None:
    loose = {
        named(path.parent)
        for path in files(".py")
        if named(path).startswith(PRODUCT) and not (path.parent / "__init__.py").exists()
    }
    # alembic loads migrations by path, and their names are no identifiers.
    assert {folder for folder in loose if "/migrations" not in folder} == set()


def test_nothing_is_left_for_later() -> None:
    # Doubled letters, so that this line does not find itself.
    words = re.compile(r"\b(TO{1}DO|FI{1}XME|X{3}|HA{1}CK)\b")
    found = [
        f"{named(path)}:{number} {line.strip()}"
        for path in files(".py", ".proto", ".md", ".toml", ".yaml", ".yml", ".txt")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if words.search(line)
    ]
    assert found == []


def test_the_product_declares_what_it_imports_and_nothing_else(
    modules: dict[Path, ast.Module],
) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {re.split(r"[\[<>=!~ ]", line)[0] for line in project["dependencies"]}
    imported = {
        top
        for path, module in modules.items()
        if named(path).startswith(RUNNING)
        for name in imports(module)
        if (top := name.split(".")[0]) not in sys.stdlib_module_names
    }
    owners = {
        top: {normal(owner) for owner in distributions}
        for top, distributions in importlib.metadata.packages_distributions().items()
    }

    known = {top: owners[top] for top in imported if top in owners}
    undeclared = {top: sorted(by) for top, by in known.items() if not by & declared}
    used = set().union(*known.values())
    assert undeclared == {}, "declare it in pyproject.toml, then: python3 dev.py lock"
    assert declared - used - LOADED_BY_NAME == set(), "declared, and imported by nothing"


def test_the_product_knows_its_own_release() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert project["version"] == RELEASE


def imports(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def pins(lock: Path) -> dict[str, str]:
    """The version of each package of a lock; fails where one is not pinned with hashes."""
    entries = re.split(r"\n(?=\S)", re.sub(r"(?m)^\s*#.*\n?", "", lock.read_text()).strip())
    found = {}
    for entry in entries:
        matched = re.fullmatch(
            r"([a-z0-9._-]+)==([^\s;]+)(?: ;[^\n]+?)?(?: \\\n +--hash=sha256:[0-9a-f]{64})+", entry
        )
        assert matched, f"{lock.name}: {entry}"
        found[matched[1]] = matched[2]
    return found


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_pins_by_version_and_hash_and_names_no_address(lock: Path) -> None:
    assert pins(lock)
    assert "://" not in lock.read_text()


def test_the_development_lock_contains_the_runtime_lock() -> None:
    runtime, development = pins(dev.RUNTIME), pins(dev.DEV)

    assert runtime.items() <= development.items(), "run: python3 dev.py lock"


def test_there_is_one_set_of_locks() -> None:
    assert not (ROOT / "uv.lock").exists()
    assert sorted(ROOT.glob("requirements*")) == sorted(LOCKS)


def test_the_readme_is_short_and_shows_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text("utf-8")

    assert len(text.splitlines()) < README_LINES_MAX
    assert "python3 dev.py demo" in text
    assert "python3 dev.py test" in text


@pytest.mark.parametrize("path", PROSE, ids=named)
def test_every_command_that_a_page_shows_exists(path: Path) -> None:
    shown = set(re.findall(r"\bdev\.py ([a-z]+)", path.read_text("utf-8")))

    assert shown <= set(dev.COMMANDS)


@pytest.mark.parametrize("path", PROSE, ids=named)
def test_every_link_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(path)):
        if re.match(r"[a-z]+:", target):
            continue
        place, _, anchor = target.partition("#")
        page = (path.parent / place).resolve() if place else path
        assert page.exists(), f"{named(path)}: {target}"
        if anchor:
            assert anchor in anchors(page), f"{named(path)}: {target}"


def without_code(path: Path) -> str:
    return re.sub(r"(?s)```.*?```|`[^`\n]*`", "", path.read_text("utf-8"))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as forges make them."""
    headings = re.findall(r"(?m)^#+ +(.+?) *$", page.read_text("utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-").lower() for heading in headings}


def test_the_changelog_is_kept() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    versions = re.findall(r"(?m)^## (.+)$", text)
    kinds = set(re.findall(r"(?m)^### (.+)$", text))

    assert versions[0] == "[Unreleased]"
    for version in versions[1:]:
        assert re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}", version), version
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_ci_runs_the_gate_and_nothing_else() -> None:
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    commands = [line for line in lines if line and not line.startswith("#")]

    assert commands == ["set -eu", 'cd "$(dirname "$0")/.."', "exec python3 dev.py test"]
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_every_command_is_in_the_usage() -> None:
    listed = re.findall(r"(?m)^  ([a-z]+) ", dev.USAGE)

    assert sorted(listed) == sorted(dev.COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["tests"], "no command 'tests'; there are demo, test"),
        (["setup", "now"], "setup takes no arguments; given: now"),
        (["lock", "--upgrde"], "it takes --upgrade or nothing"),
    ],
)
def test_a_wrong_command_is_refused_with_the_way_out(arguments: list[str], told: str) -> None:
    with pytest.raises(dev.Stop, match=re.escape(told)):
        dev.main(arguments)


def test_the_environment_is_renewed_when_a_lock_changes(tmp_path: Path) -> None:
    runtime, development = tmp_path / "runtime", tmp_path / "development"
    runtime.write_text("a==1")
    development.write_text("a==1 b==1")

    def suits(stamp: str, wanted: Path) -> bool:
        return dev.satisfies(stamp, wanted, runtime=runtime, development=development)

    stamps = {lock: dev.stamp_of(lock, runtime=runtime) for lock in (runtime, development)}
    assert suits(stamps[development], development)
    assert suits(stamps[development], runtime), "it contains the runtime's packages"
    assert suits(stamps[runtime], runtime)
    assert not suits(stamps[runtime], development)

    development.write_text("a==1 b==2")
    assert not suits(stamps[development], development)
    assert not suits(stamps[development], runtime), "what is stale may hold anything"
    assert suits(stamps[runtime], runtime)

    runtime.write_text("a==2")
    assert not suits(stamps[runtime], runtime)
