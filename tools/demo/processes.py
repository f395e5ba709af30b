"""The services as processes of their own, and the keys of those who use them."""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import grpc
from grpc_health.v1 import health_pb2
from grpc_health.v1.health import SERVICE_NAME

from zonecarbon.client import Addresses, Client
from zonecarbon.registry.v1 import principal_pb2, principal_service_pb2

SERVICES = ("registry", "accounting", "trading")
"""Those that answer gRPC."""
CONSOLE = "console"
ALL = (*SERVICES, CONSOLE)
_ROOT = Path(__file__).parents[2]
_PATIENCE_SECONDS = 60.0
_USUAL_PORTS = {"registry": 50051, "accounting": 50052, "trading": 50053, CONSOLE: 8080}
_USUAL_METRICS_PORT = 9101
# Settings of other installations; and what would make every start compile our modules again, a
# second or two, where byte code lies beside them unseen by git.
_NOT_INHERITED = re.compile(r"ZONECARBON_|PYTHONDONTWRITEBYTECODE$")
# A server that is about to listen is asked again at once; gRPC would wait a second and more.
_IMPATIENT = [(f"grpc.{which}_reconnect_backoff_ms", 50) for which in ("initial", "min", "max")]

Check: TypeAlias = "grpc.UnaryUnaryMultiCallable[Any, health_pb2.HealthCheckResponse]"


class Stop(Exception):
    """The demo cannot go on; the text says why and the way out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where the services listen, and where each process shows its metrics."""

    services: Mapping[str, int]
    metrics: Sequence[int]

    @classmethod
    def usual(cls, process_count: int) -> Ports:
        """Return the documented ports.

        Raises:
            Stop: one of them is taken.
        """
        ports = cls(
            services=_USUAL_PORTS,
            metrics=[_USUAL_METRICS_PORT + index for index in range(process_count)],
        )
        for port in (*ports.services.values(), *ports.metrics):
            if _listens(port):
                raise Stop(
                    f"port {port} is taken, perhaps by another demo: stop it, "
                    "or take others with --free-ports"
                )
        return ports

    @classmethod
    def free(cls, process_count: int) -> Ports:
        """Return ports that are free now."""
        probes = [socket.socket() for _ in range(len(ALL) + process_count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        numbers = [probe.getsockname()[1] for probe in probes]
        for probe in probes:
            probe.close()
        return cls(services=dict(zip(ALL, numbers, strict=False)), metrics=numbers[len(ALL) :])

    @property
    def addresses(self) -> Addresses:
        """Where a client finds the services."""
        return Addresses(**{name: f"127.0.0.1:{self.services[name]}" for name in SERVICES})

    @property
    def console(self) -> str:
        """Where the console answers over HTTP."""
        return f"http://127.0.0.1:{self.services[CONSOLE]}"


class Keys:
    """The secrets of the demo's principals, kept beside its databases so that it can start again.

    A secret is shown once, when its key is made; whoever loses this file removes the folder.

    Raises:
        Stop: the folder cannot be written, or holds databases whose keys are lost.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        _make_private(file.parent)
        self._secrets = _kept(file)
        self._bootstrap = self._secrets.get("bootstrap") or f"zc-{secrets.token_urlsafe(32)}"
        self._keep("bootstrap", self._bootstrap)

    @property
    def bootstrap(self) -> str:
        """The secret of the first administrator."""
        return self._bootstrap

    def of(self, administrator: Client, id_: str, role: str, *scopes: str) -> str:
        """Return the secret of the principal `id_`, which is made if it is not there."""
        if id_ not in self._secrets:
            administrator.principals.CreatePrincipal(
                principal_service_pb2.CreatePrincipalRequest(
                    principal_id=id_,
                    principal=principal_pb2.Principal(
                        display_name=id_,
                        role=principal_pb2.Role.Value(f"ROLE_{role}"),
                        scopes=scopes,
                    ),
                )
            )
            key = administrator.principals.CreateKey(
                principal_service_pb2.CreateKeyRequest(parent=f"principals/{id_}", key_id="demo")
            )
            self._keep(id_, key.secret)
        return self._secrets[id_]

    def _keep(self, id_: str, secret: str) -> None:
        self._secrets[id_] = secret
        # Whole or not at all: a demo that is killed here must find its keys again.
        fresh = self._file.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(self._secrets, indent=1), encoding="utf-8")
        fresh.replace(self._file)


class Processes:
    """The services, running: all in one process, or each in its own."""

    def __init__(self, ports: Ports, data: Path, keys: Keys) -> None:
        self._log = data / "services.log"
        self._console_port = ports.services[CONSOLE]
        split: list[list[str]] = [[name] for name in ALL] if len(ports.metrics) > 1 else [[]]
        self._running = [
            self._start(names, metrics, ports, data, keys)
            for names, metrics in zip(split, ports.metrics, strict=True)
        ]

    def wait_until_serving(self, addresses: Addresses) -> None:
        """Return once every service says that it serves.

        Raises:
            Stop: one has ended, or does not serve in time.
        """
        deadline = time.monotonic() + _PATIENCE_SECONDS
        for name in SERVICES:
            with grpc.insecure_channel(getattr(addresses, name), options=_IMPATIENT) as channel:
                check: Check = channel.unary_unary(
                    f"/{SERVICE_NAME}/Check",
                    request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
                    response_deserializer=health_pb2.HealthCheckResponse.FromString,
                )
                while not _serves(check):
                    self._wait_a_moment(name, deadline)
        while not _listens(self._console_port):
            self._wait_a_moment(CONSOLE, deadline)

    def _wait_a_moment(self, name: str, deadline: float) -> None:
        if time.monotonic() > deadline or any(each.poll() for each in self._running):
            raise Stop(f"{name} does not serve; see {self._log}")
        time.sleep(0.02)

    def wait(self) -> None:
        """Return when a process ends."""
        while all(each.poll() is None for each in self._running):
            time.sleep(0.2)

    def stop(self) -> None:
        """Drain and end every process, those that ask before those that are asked."""
        for each in reversed(self._running):
            each.terminate()
            each.wait()

    def _start(
        self, names: list[str], metrics: int, ports: Ports, data: Path, keys: Keys
    ) -> subprocess.Popen[bytes]:
        environment = {
            name: value for name, value in os.environ.items() if not _NOT_INHERITED.match(name)
        } | {
            "ZONECARBON_METRICS_LISTEN": f"127.0.0.1:{metrics}",
            "ZONECARBON_DATA_FOLDER": str(data),
            "ZONECARBON_BOOTSTRAP_KEY": keys.bootstrap,
            "ZONECARBON_SERVICE_KEY": keys.bootstrap,
            "ZONECARBON_FOLLOW_SECONDS": "0.2",
            **{
                f"ZONECARBON_{name.upper()}_LISTEN": f"127.0.0.1:{port}"
                for name, port in ports.services.items()
            },
        }
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "services", *names],
                cwd=_ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                # Ctrl-C is for the demo, which then ends its services in order.
                start_new_session=True,
            )


def _make_private(folder: Path) -> None:
    """Make the folder for its owner alone; one that is there keeps the rights it has."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Stop(
            f"the folder {folder} cannot be made ({error.strerror}): choose another with --data"
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Stop(f"the folder {folder} cannot be written: choose another with --data")


def _kept(file: Path) -> dict[str, str]:
    """Return the secrets in `file`; none where nothing was begun yet."""
    anew = (
        f"Put it back, or remove the folder {file.parent} to begin anew, "
        "or choose another with --data."
    )
    if not file.exists():
        if any(file.parent.glob("*.db")):
            raise Stop(
                f"{file} is gone, and without its keys nobody may read the databases. {anew}"
            )
        return {}
    try:
        secrets = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        secrets = None
    if not isinstance(secrets, dict) or not secrets.get("bootstrap"):
        raise Stop(f"{file} holds no keys any more. {anew}")
    return secrets


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _serves(check: Check) -> bool:
    try:
        answer = check(health_pb2.HealthCheckRequest(), timeout=1.0)
    except grpc.RpcError:
        return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)
