"""Generate the stubs: protos/zonecarbon/** -> zonecarbon/**, and lint the contract.

    python -m tools.protos          write every stub, and the comments
    python -m tools.protos lint     buf lint over a descriptor image

The rules of `buf.validate` come as a descriptor out of the installed protovalidate package, and the
`google.*` protos out of googleapis-common-protos, so that nothing is fetched. protovalidate ships
no `buf.validate.validate_pb2`, which every stub imports: it is generated as well, into `buf/`.
Stubs carry no comments at run time: those go into `zonecarbon/comments.json`, by full name.
"""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import protovalidate
from google.protobuf import (
    descriptor_pb2,
    duration_pb2,
    field_mask_pb2,
    timestamp_pb2,
)

from tools import comments

ROOT = Path(__file__).parents[1]
STUBS = ("zonecarbon", "buf")
COMMENTS = Path("zonecarbon", "comments.json")
RULES = "buf/validate/validate.proto"
# `buf.alpha.image.v1.ImageFile.buf_extension { is_import: true }`: field 8042, which protoc leaves
# out of a plain descriptor set. Without it buf lints what we import as if we had written it.
IMPORT_MARK = b"\xd2\xf6\x03\x02\x08\x01"


def generate(out: Path) -> None:
    """Write every stub under `out`; whatever else lies there stays as it is."""
    files = [str(path) for path in _sources()]
    services = [path for path in files if path.endswith("_service.proto")]
    out.mkdir(parents=True, exist_ok=True)
    for stale in stubs(out):
        stale.unlink()
    _protoc([*files, RULES], python_out=f"{out}", mypy_out=f"quiet:{out}")
    if services:
        _protoc(services, grpc_python_out=f"{out}", mypy_grpc_out=f"quiet,only_sync:{out}")
    _write_comments(out / COMMENTS)


def stubs(root: Path) -> list[Path]:
    """Every generated file under `root`: only these are never edited, linted or type-checked."""
    modules = (
        path
        for top in STUBS
        for ending in ("py", "pyi")
        for path in (root / top).rglob(f"*_pb2*.{ending}")
    )
    return sorted([*modules, *root.glob(str(COMMENTS))])


def image(path: Path) -> None:
    """Write the contract as one buf image: our files with comments, imports marked as such."""
    ours = {str(source) for source in _sources()}
    _protoc(
        sorted(ours),
        "--include_imports",
        "--include_source_info",
        descriptor_set_out=f"{path}",
    )
    files = descriptor_pb2.FileDescriptorSet.FromString(path.read_bytes())
    for file in files.file:
        if file.name not in ours:
            file.MergeFromString(IMPORT_MARK)
    path.write_bytes(files.SerializeToString())


def _write_comments(path: Path) -> None:
    """Write the comment of everything in the contract by its full name, a line each."""
    with tempfile.TemporaryDirectory() as folder:
        binary = Path(folder, "contract.binpb")
        image(binary)
        files = descriptor_pb2.FileDescriptorSet.FromString(binary.read_bytes())
    found = {
        thing.name: " ".join(thing.comment.split())
        for file in files.file
        if file.package.startswith("zonecarbon.")
        for thing in comments.things(file)
    }
    text = json.dumps(found, ensure_ascii=False, indent=0, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")


def lint() -> int:
    """Run buf's linter over the image: over the folder it would fetch `google/*`."""
    with tempfile.TemporaryDirectory() as folder:
        binary = Path(folder, "contract.binpb")
        image(binary)
        command = [_script("buf"), "lint", f"{binary}", "--config", "buf.yaml"]
        return subprocess.run(command, cwd=ROOT, check=False).returncode


def _sources() -> list[Path]:
    """Every proto of ours, relative to the proto root."""
    root = ROOT / "protos"
    found = sorted(path.relative_to(root) for path in root.rglob("*.proto"))
    if not found:
        message = f"no .proto below {root}; the contract lives in protos/zonecarbon/<service>/v1/"
        raise SystemExit(message)
    return found


def _protoc(files: list[str], *flags: str, **outputs: str) -> None:
    plugins = ("protoc-gen-mypy", "protoc-gen-mypy_grpc")
    with _rules() as rules:
        command = [
            *(sys.executable, "-m", "grpc_tools.protoc"),
            *(f"-I{folder}" for folder in (ROOT / "protos", sysconfig.get_path("purelib"))),
            f"--descriptor_set_in={rules}",
            *(f"--plugin={_script(name)}" for name in plugins),
            *flags,
            *(f"--{option}={value}" for option, value in outputs.items()),
            *files,
        ]
        if subprocess.run(command, check=False).returncode:
            message = "protoc refused the protos; the lines above name file, line and column"
            raise SystemExit(message)


@contextmanager
def _rules() -> Iterator[Path]:
    """The descriptor of `buf/validate/validate.proto`, with its imports, as a file for protoc."""
    google = (descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2)
    files = descriptor_pb2.FileDescriptorSet()
    for module in google:
        module.DESCRIPTOR.CopyToProto(files.file.add())
    rules = protovalidate.ViolationPb.desc().file.proto.to_binary()
    files.file.add().ParseFromString(rules)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "validate.binpb")
        path.write_bytes(files.SerializeToString())
        yield path


def _script(name: str) -> str:
    return str(Path(sysconfig.get_path("scripts"), name))


if __name__ == "__main__":
    if sys.argv[1:] == ["lint"]:
        sys.exit(lint())
    if sys.argv[1:]:
        sys.exit(f"unknown: {' '.join(sys.argv[1:])}; give nothing, or lint")
    generate(ROOT)
