#!/usr/bin/env python3
"""The one task runner of this repository: `python3 dev.py COMMAND`.

It needs Python 3.11 and nothing else: no pip, no venv module, no root. What it fetches (uv, the
locked packages, Prometheus for the tests) lands in `.tools/` and `.venv/` beside this file; nothing
is installed on the machine, and removing the two folders removes all of it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent
TOOLS = ROOT / ".tools"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".synced"
COMMAND = VENV / "bin" / "zonecarbon"
LAUNCHER = f"#!{PYTHON}\nfrom zonecarbon.cli.__main__ import main\n\nmain()\n"

BOOTSTRAP = ROOT / "requirements-bootstrap.lock"
RUNTIME = ROOT / "requirements.lock"
DEV = ROOT / "requirements-dev.lock"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")

USAGE = """\
usage: python3 dev.py COMMAND

  demo  [--check] [--json FILE] [--today DATE] …   run the sample zone on SQLite, then keep serving
  test  [PYTEST ARGUMENT …]                        the whole gate; with arguments only pytest
  bench [NAME] [--json FILE]                       measure against the limit or peer in the same run
  serve [NAME]                                     all services in one process, or one of them
  setup                                            fetch all that demo and test need, run nothing
  fmt                                              format the code and the protos
  protos                                           generate zonecarbon/ from protos/
  lock  [--upgrade]                                resolve pyproject.toml into the three locks
"""


class Stop(Exception):
    """What went wrong, and the way out; printed without a traceback."""


def setup(arguments: Sequence[str]) -> int:
    """Fetch everything."""
    _no_arguments("setup", arguments)
    sync(DEV)
    observers()
    say("ready: python3 dev.py demo | test")
    return 0


def demo(arguments: Sequence[str]) -> int:
    """Run the main job."""
    sync(RUNTIME)
    return become("tools.demo", arguments)


def serve(arguments: Sequence[str]) -> int:
    """Run the services."""
    sync(RUNTIME)
    return become("services", arguments)


def bench(arguments: Sequence[str]) -> int:
    """Run the benchmarks."""
    sync(DEV)
    return become("benchmarks.harness", arguments)


def protos(arguments: Sequence[str]) -> int:
    """Generate the stubs."""
    _no_arguments("protos", arguments)
    sync(DEV)
    return become("tools.protos", arguments)


def fmt(arguments: Sequence[str]) -> int:
    """Format in place."""
    _no_arguments("fmt", arguments)
    sync(DEV)
    for command in (
        [script("ruff"), "check", "--fix", "--exit-zero"],
        [script("ruff"), "format"],
        [script("buf"), "format", "-w", "protos"],
    ):
        subprocess.run(command, cwd=ROOT, check=True)
    return 0


def test(arguments: Sequence[str]) -> int:
    """Run the whole gate, or only pytest with the arguments given."""
    sync(DEV)
    observers()
    if arguments:
        pytest = [str(PYTHON), "-m", "pytest", *arguments]
        return subprocess.run(pytest, cwd=ROOT, env=_compiling(), check=False).returncode
    started = time.monotonic()
    for name, command in gate():
        if code := _step(name, command):
            say(f"FAILED at {name}, after {time.monotonic() - started:.0f} s")
            return code
    say(f"all of it passed, in {time.monotonic() - started:.0f} s")
    return 0


def gate() -> list[tuple[str, list[str]]]:
    """Every step that a change must pass, cheapest first."""
    workers = str(max(2, min(os.cpu_count() or 2, 8)))
    return [
        ("ruff check", [script("ruff"), "check"]),
        ("ruff format", [script("ruff"), "format", "--check"]),
        ("buf format", [script("buf"), "format", "-d", "--exit-code", "protos"]),
        ("buf lint", [str(PYTHON), "-m", "tools.protos", "lint"]),
        ("import floors", [script("lint-imports")]),
        ("mypy", [script("mypy")]),
        ("pytest", [str(PYTHON), "-m", "pytest", "-q", "-n", workers, "--dist", "worksteal"]),
    ]


def lock(arguments: Sequence[str]) -> int:
    """Resolve the three locks; the runtime's versions bind the development ones."""
    if unknown := set(arguments) - {"--upgrade"}:
        message = f"lock does not know {' '.join(sorted(unknown))}; it takes --upgrade or nothing"
        raise Stop(message)
    group = f"{ROOT / 'pyproject.toml'}:"
    for path, sources in (
        (BOOTSTRAP, ["--group", f"{group}bootstrap"]),
        (RUNTIME, ["pyproject.toml"]),
        (DEV, ["pyproject.toml", "--group", f"{group}dev", "--constraints", RUNTIME.name]),
    ):
        say(f"resolving {path.name}")
        _resolve(path, [*sources, *arguments])
    say("now: python3 dev.py test")
    return 0


COMMANDS = {
    "demo": demo,
    "test": test,
    "bench": bench,
    "serve": serve,
    "setup": setup,
    "fmt": fmt,
    "protos": protos,
    "lock": lock,
}


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        sys.stdout.write(USAGE)
        return 0
    if sys.version_info < (3, 11):
        message = f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}"
        raise Stop(message)
    name, *rest = arguments
    if name not in COMMANDS:
        message = f"no command {name!r}; there are {', '.join(COMMANDS)}"
        raise Stop(message)
    return COMMANDS[name](rest)


def sync(lock_file: Path) -> None:
    """Bring `.venv` to the lock: the runtime's, or the development one, which contains it."""
    if _synced(lock_file):
        return
    with _alone():
        if _synced(lock_file):
            return
        uv = _uv()
        if not _usable():
            say(f"making .venv with Python {sys.version.split()[0]}")
            _run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, VENV])
        say(f"installing {lock_file.name}")
        STAMP.unlink(missing_ok=True)
        sources = ["--require-hashes", "--only-binary", ":all:", lock_file]
        # Compiled once here: where PYTHONDONTWRITEBYTECODE is set, every start would do it again.
        _run([uv, "pip", "sync", "--quiet", "--compile-bytecode", "--python", PYTHON, *sources])
        for packages in (VENV / "lib").glob("python3*/site-packages"):
            (packages / "zonecarbon.pth").write_text(f"{ROOT}\n")
        COMMAND.write_text(LAUNCHER)
        COMMAND.chmod(0o755)
        STAMP.write_text(stamp_of(lock_file, runtime=RUNTIME))


def _synced(lock_file: Path) -> bool:
    """Whether `.venv` holds that lock as it is now."""
    if not STAMP.exists() or not PYTHON.exists():
        return False
    return satisfies(STAMP.read_text(), lock_file, runtime=RUNTIME, development=DEV)


def satisfies(stamp: str, wanted: Path, *, runtime: Path, development: Path) -> bool:
    """Whether what was stamped is the lock wanted, or the development lock, which contains it."""
    return stamp in {stamp_of(lock, runtime=runtime) for lock in (wanted, development)}


def stamp_of(lock_file: Path, *, runtime: Path) -> str:
    """What `.venv` was made of: the lock, the runtime lock below it, the Python and the place."""
    place = f"{sys.version_info[:2]} {os.path.realpath(sys.base_prefix)} {ROOT}"
    parts = (lock_file.read_bytes(), runtime.read_bytes(), place.encode())
    digest = hashlib.sha256(b"\0".join(parts)).hexdigest()
    return f"{lock_file.name} {digest}"


def _usable() -> bool:
    """Whether `.venv` runs, with this Python, and was made in this folder."""
    probe = "import sys; print(sys.version_info[:2], sys.base_prefix, sys.prefix)"
    if not PYTHON.exists():
        return False
    answer = subprocess.run([PYTHON, "-c", probe], capture_output=True, text=True, check=False)
    here = f"{sys.version_info[:2]} {sys.base_prefix} {VENV}"
    made_here = str(VENV) in (VENV / "bin" / "activate").read_text()
    return answer.stdout.strip() == here and made_here


def _uv() -> Path:
    """The pinned uv, verified by hash; fetched by pip, which is itself borrowed where it lacks."""
    home = TOOLS / "uv"
    stamp, digest = home / ".lock", hashlib.sha256(BOOTSTRAP.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return home / "bin" / "uv"
    say("fetching uv")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    pinned = ["--require-hashes", "--only-binary", ":all:", "--no-deps", "-r", BOOTSTRAP]
    environment = _environment(PIP_ROOT_USER_ACTION="ignore", PIP_NO_CACHE_DIR="1", **_pip())
    with _replacing(home) as fresh:
        _run([*pip, "--target", fresh, *pinned], environment=environment)
        (fresh / ".lock").write_text(digest)
    return home / "bin" / "uv"


def _pip() -> dict[str, str]:
    """The environment in which this Python has pip: its own, or Debian's wheel of it, unpacked."""
    probe = [sys.executable, "-m", "pip", "--version"]
    if subprocess.run(probe, capture_output=True, check=False).returncode == 0:
        return {}
    wheels = _debian("python3-pip-whl", "pip", "install pip for this Python")
    return {"PYTHONPATH": str(next(wheels.rglob("pip-*.whl")))}


def _resolve(path: Path, arguments: Sequence[str]) -> None:
    options = ["--quiet", "--universal", "--python-version", "3.11", "--fork-strategy", "fewest"]
    shape = ["--generate-hashes", "--no-header", "--output-file", path.name]
    _run([_uv(), "pip", "compile", *options, *shape, *arguments])
    if re.search(r"https?://", path.read_text()):
        message = f"{path.name} names an address; a lock names versions and hashes only"
        raise Stop(message)


def observers() -> None:
    """Put `prometheus` and `promtool` on the PATH: the machine's own, or Debian's."""
    os.environ["PATH"] = f"{TOOLS / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    binaries = ("prometheus", "promtool")
    if all(shutil.which(binary) for binary in binaries):
        return
    with _alone():
        unpacked = _debian("prometheus", " and ".join(binaries), "put both on the PATH")
        (TOOLS / "bin").mkdir(exist_ok=True)
        for binary in binaries:
            link = TOOLS / "bin" / binary
            link.unlink(missing_ok=True)
            link.symlink_to(Path("..") / unpacked.relative_to(TOOLS) / "usr" / "bin" / binary)


def _debian(package: str, what: str, otherwise: str) -> Path:
    """The files of one Debian package; apt checks its signature, in lists and caches of our own."""
    unpacked = TOOLS / "debian" / package
    if unpacked.exists():
        return unpacked
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        message = f"{what} is missing here, and there is no apt to fetch it with: {otherwise}"
        raise Stop(message)
    say(f"fetching {what} (Debian package {package}, unpacked below .tools)")
    TOOLS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=TOOLS) as folder, _replacing(unpacked) as fresh:
        apt = ["apt-get", "-qq", *_private_apt(Path(folder))]
        try:
            _run([*apt, "update"], cwd=folder)
            _run([*apt, "download", package], cwd=folder)
        except Stop as stop:
            message = f"{stop}\n{what} could not be fetched: check the network, or {otherwise}"
            raise Stop(message) from stop
        _run(["dpkg-deb", "-x", next(Path(folder).glob("*.deb")), fresh])
    return unpacked


def _private_apt(folder: Path) -> list[str]:
    """Options with which apt works for any user and touches nothing of the machine's."""
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True)
    options = {
        "Dir::State": folder,
        "Dir::State::lists": folder / "lists",
        "Dir::State::status": "/var/lib/dpkg/status",
        "Dir::Cache": folder / "cache",
        "Debug::NoLocking": "1",
        "APT::Sandbox::User": "",
    }
    return [part for key, value in options.items() for part in ("-o", f"{key}={value}")]


def become(module: str, arguments: Sequence[str]) -> int:
    """Replace this process by a module in `.venv`; the folder the caller stands in stays his."""
    sys.stdout.flush()
    os.execve(PYTHON, [str(PYTHON), "-P", "-m", module, *arguments], _environment())


def script(name: str) -> str:
    """The path of a tool in `.venv`."""
    return str(VENV / "bin" / name)


def say(text: str) -> None:
    """Tell on stderr what goes on: stdout belongs to the command that follows."""
    sys.stderr.write(f"dev.py: {text}\n")
    sys.stderr.flush()


def _step(name: str, command: Sequence[str]) -> int:
    """Run one step of the gate; all but pytest speak only when they fail."""
    started = time.monotonic()
    quiet = name != "pytest"
    sink = subprocess.PIPE if quiet else None
    errors = subprocess.STDOUT if quiet else None
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=_compiling(),
        text=True,
        stdout=sink,
        stderr=errors,
        check=False,
    )
    if done.returncode and quiet:
        sys.stdout.write(done.stdout)
        sys.stdout.flush()
    verdict = "FAILED" if done.returncode else "ok"
    say(f"{name:<14}{verdict:<7}{time.monotonic() - started:6.1f} s")
    return done.returncode


def _run(
    command: Sequence[object], *, cwd: str | None = None, environment: dict[str, str] | None = None
) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd or ROOT, env=environment or _environment(), check=False)
    if done.returncode:
        message = f"exit code {done.returncode} from: {' '.join(words)}"
        raise Stop(message)


def _environment(**more: str) -> dict[str, str]:
    """Our environment, with what uv and gRPC need to work anywhere; what the caller set stays."""
    defaults = {
        "UV_PYTHON_DOWNLOADS": "never",
        # What tests start as somebody else is forked, and gRPC's care for forks can crash it.
        "GRPC_ENABLE_FORK_SUPPORT": "0",
    }
    if CERTIFICATES.exists():
        # The machine may stand behind a proxy whose certificate only the machine knows.
        defaults["UV_SYSTEM_CERTS"] = "1"
    if not os.access(os.environ.get("HOME", "/nonexistent"), os.W_OK):
        defaults["UV_CACHE_DIR"] = str(TOOLS / "cache")
    return {**defaults, **os.environ, **more}


def _compiling() -> dict[str, str]:
    """Our environment, where Python keeps its byte code, beside the files and unseen by git.

    Without it every program that a test starts compiles all services once more: 0.7 s of 2.5 s.
    """
    unwanted = "PYTHONDONTWRITEBYTECODE"
    return {name: value for name, value in _environment().items() if name != unwanted}


@contextmanager
def _alone() -> Iterator[None]:
    """One dev.py at a time changes `.tools` and `.venv`; the others wait."""
    try:
        TOOLS.mkdir(exist_ok=True)
        handle = (TOOLS / "lock").open("w")
    except PermissionError as error:
        message = f"{ROOT} cannot be written by this user: clone it where it can be, or chown it"
        raise Stop(message) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another dev.py is setting up this folder; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    """A folder to fill, which takes the target's place only when it is complete."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f"{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    yield fresh
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)


def _no_arguments(name: str, arguments: Sequence[str]) -> None:
    if arguments:
        message = f"{name} takes no arguments; given: {' '.join(arguments)}"
        raise Stop(message)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Stop as stop:
        say(str(stop))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
