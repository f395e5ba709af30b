"""How many faults the tests of the ledger notice: `python -m tools.mutation [--sample N]`.

Each mutant is the product with one fault: an operator of the domain, or a condition of the posting
SQL, is another one. A mutant is killed when the tests fail. Small and our own: the tools at hand
know no SQL, and bring a web server.
"""

from __future__ import annotations

import argparse
import ast
import copy
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOMAIN = ROOT / "services" / "trading" / "domain" / "ledger"
_VERSIONS = ROOT / "services" / "trading" / "store" / "migrations" / "versions"
SQL = (
    # The trigger between, on how accounts move, is gone: 0010 has another.
    (_VERSIONS / "0002_ledger.py", "PHASES = ", "CREATE TRIGGER ledger_accounts_moved"),
    (_VERSIONS / "0010_fewer_indexes.py", "MOVED = ", "_TABLE = "),
    (_VERSIONS / "0002_ledger.py", "CREATE TRIGGER ledger_accounts_kept", "POSTGRESQL = "),
    # What PostgreSQL did row by row, 0009 does by the statement: the function between is gone.
    (_VERSIONS / "0002_ledger.py", "EXECUTE FUNCTION ledger_post()", "CREATE FUNCTION ledger_load"),
    (_VERSIONS / "0002_ledger.py", "LOCK = ", "PRIVILEGES = "),
    (_VERSIONS / "0006_posting_by_the_statement.py", "LOAD = ", "ISSUED = "),
    (_VERSIONS / "0009_looking_once.py", "POST = ", "INSIDE = "),
    (_VERSIONS / "0008_appending.py", "APPEND = ", "def upgrade"),
)
"""Files, each with where the part begins and ends that posts."""
GOAL_RATIO = 0.85
_WORKERS = 2
_PATIENCE_SECONDS = 300
_OF_DOMAIN = (
    "tests/trading/ledger/test_model.py",
    "tests/trading/ledger/test_chain.py",
    "tests/trading/ledger/test_block.py",
    "tests/trading/ledger/test_instrument.py",
    "tests/trading/ledger/test_posting.py",
    "tests/trading/ledger/test_refusals.py",
    "tests/trading/ledger/test_statement.py",
    "tests/trading/ledger/test_tables.py",
    "tests/trading/ledger/test_usable.py",
    "tests/trading/test_servicer_ledger.py",
)
_OF_SQL = (
    "tests/trading/ledger/test_guards.py",
    "tests/trading/ledger/test_tables.py",
    "tests/trading/ledger/test_memory.py",
)

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {ast.Add: ast.Sub, ast.Sub: ast.Add}
_LOGIC: dict[type[ast.boolop], type[ast.boolop]] = {ast.And: ast.Or, ast.Or: ast.And}
_IN_SQL = (
    (r" = (?=[A-Z]+\.|\w+\.|'\w+')", " <> "),
    (r" <> ", " = "),
    (r" AND ", " OR "),
    (r" >= 0", " >= -1000000"),
    (r" > 0", " >= 0"),
    (r" \+ NEW\.", " - NEW."),
    (r" - NEW\.", " + NEW."),
    (r" - (?=1\b|came|kept|links\.first)", " + "),
    (r"NOT EXISTS", "EXISTS"),
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """The product with one fault."""

    file: Path
    line: int
    what: str
    source: str
    tests: Sequence[str]


def of_domain() -> Iterator[Mutant]:
    """Yield the mutants of the domain, one operator each."""
    for file in sorted(DOMAIN.glob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        places = [*ast.walk(tree)]
        for index, node in enumerate(places):
            for what in _faults(node):
                changed = copy.deepcopy(tree)
                _apply([*ast.walk(changed)][index], what)
                line = getattr(node, "lineno", 0)
                yield Mutant(file, line, what, ast.unparse(changed), _OF_DOMAIN)


def _faults(node: ast.AST) -> Iterator[str]:
    """Yield what can be wrong at a place."""
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in _COMPARISONS:
            yield _COMPARISONS[type(operator)].__name__
        case ast.BinOp(op=operator) if type(operator) in _ARITHMETIC:
            yield _ARITHMETIC[type(operator)].__name__
        case ast.BoolOp(op=operator):
            yield _LOGIC[type(operator)].__name__
        case ast.If():
            yield "never"
        case ast.Constant(value=bool() | None):
            return
        case ast.Constant(value=int() as number) if number in {0, 1}:
            yield "another number"
        case _:
            return


def _apply(node: ast.AST, what: str) -> None:
    """Make a place wrong."""
    match node:
        case ast.Compare(ops=[operator]):
            node.ops = [_COMPARISONS[type(operator)]()]
        case ast.BinOp():
            node.op = _ARITHMETIC[type(node.op)]()
        case ast.BoolOp():
            node.op = _LOGIC[type(node.op)]()
        case ast.If():
            node.test = ast.Constant(value=False)
        case ast.Constant(value=int() as number):
            node.value = 1 - number
        case _:
            raise AssertionError(what)


def of_sql() -> Iterator[Mutant]:
    """Yield the mutants of the posting SQL of both databases, one condition each."""
    for file, begin, end in SQL:
        source = file.read_text(encoding="utf-8")
        part = range(source.index(begin), source.index(end))
        for pattern, other in _IN_SQL:
            for found in re.finditer(pattern, source):
                if found.start() in part:
                    line = source.count("\n", 0, found.start()) + 1
                    changed = source[: found.start()] + other + source[found.end() :]
                    what = f"{found[0].strip()} → {other.strip()}"
                    yield Mutant(file, line, what, changed, _OF_SQL)


def killed(mutant: Mutant) -> bool:
    """Tell whether the tests notice a mutant: in a copy of the tree, which links to all else."""
    with tempfile.TemporaryDirectory() as folder:
        copy_of = Path(folder)
        _link(ROOT, copy_of, mutant.file.relative_to(ROOT).parts)
        (copy_of / mutant.file.relative_to(ROOT)).write_text(mutant.source, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
        try:
            done = subprocess.run(
                [*command, *mutant.tests],
                cwd=copy_of,
                env={"PYTHONPATH": str(copy_of), "PATH": "/usr/bin:/bin", "PYTHONSAFEPATH": "1"},
                capture_output=True,
                timeout=_PATIENCE_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return True
    return done.returncode != 0


def _link(of: Path, to: Path, way: Sequence[str]) -> None:
    """Fill `to` with links into `of`, but for the folders along `way`, which become real."""
    for each in of.iterdir():
        if each.name.startswith(".") or each.name == "__pycache__":
            continue
        if way and each.name == way[0] and each.is_dir():
            (to / each.name).mkdir()
            _link(each, to / each.name, way[1:])
        elif not (way and each.name == way[-1] and len(way) == 1):
            (to / each.name).symlink_to(each)


def main(arguments: Sequence[str]) -> int:
    """Run the mutants, all or a sample; end with 1 where too few are killed."""
    parser = argparse.ArgumentParser(prog="tools.mutation", description=__doc__)
    parser.add_argument(
        "--sample", type=int, help="how many, drawn with a fixed seed; all if left out"
    )
    options = parser.parse_args(arguments)
    mutants = [*of_domain(), *of_sql()]
    if options.sample is not None and options.sample < len(mutants):
        mutants = random.Random(23).sample(mutants, options.sample)  # noqa: S311 (which faults)
    dead_count = 0
    with ThreadPoolExecutor(_WORKERS) as pool:
        for mutant, dead in zip(mutants, pool.map(killed, mutants), strict=True):
            dead_count += dead
            verdict = "killed" if dead else "SURVIVES"
            where = f"{mutant.file.relative_to(ROOT)}:{mutant.line}"
            print(f"{verdict}: {where}: {mutant.what}", flush=True)
    score = dead_count / len(mutants)
    print(f"{score:.1%} of {len(mutants)} mutants are killed; the goal is {GOAL_RATIO:.0%}")
    return 0 if score >= GOAL_RATIO else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
