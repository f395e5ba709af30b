"""The settings, read once from `ZONECARBON_*` variables; an unknown one is an error."""

from __future__ import annotations

import os

from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

_PREFIX = "ZONECARBON_"
# Variables of the command line, which may stand in the same shell.
_CLI = "ZONECARBON_CLI_"


class Settings(BaseSettings):
    """Where to listen, where the neighbours are, where the data lies. Secrets print masked."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True)

    registry_listen: str = "127.0.0.1:50051"
    accounting_listen: str = "127.0.0.1:50052"
    trading_listen: str = "127.0.0.1:50053"
    console_listen: str = "127.0.0.1:8080"
    metrics_listen: str = "127.0.0.1:9101"
    registry_address: str = ""
    """Where the other services find the registry; empty: where it listens."""
    accounting_address: str = ""
    """Where trading and the console find accounting; empty: where it listens."""
    trading_address: str = ""
    """Where the console finds trading; empty: where it listens."""
    database_url: SecretStr = SecretStr("")
    """A PostgreSQL URL, one schema a service; empty: SQLite files in `data_folder`."""
    data_folder: str = "var"
    bootstrap_key: SecretStr = SecretStr("")
    """The secret of the first administrator, created where no principal exists yet."""
    service_key: SecretStr = SecretStr("")
    """The key by which the background jobs of accounting and trading call their neighbours."""
    rulebooks_folder: str = ""
    """Rulebook files of the operator's own beside those of the release; empty: none."""
    worker_threads: PositiveInt = 32
    """Threads a server answers with."""
    stream_threads: PositiveInt = 16
    """Streams that a server takes at a time; a further one is refused with LIMIT_EXCEEDED."""
    console_body_bytes: PositiveInt = 16 * 1024 * 1024
    """The largest body, or line of a stream, that the console takes over HTTP."""
    drain_seconds: NonNegativeFloat = 10.0
    """How long calls may go on after SIGTERM."""
    follow_seconds: PositiveFloat = 1.0
    """How often background jobs look for changes."""


def load() -> Settings:
    """Return the settings.

    Raises:
        SystemExit: a `ZONECARBON_*` variable is unknown or has a bad value.
    """
    known = {_PREFIX + name.upper() for name in Settings.model_fields}
    unknown = sorted(
        name
        for name in os.environ
        if name.startswith(_PREFIX) and not name.startswith(_CLI) and name not in known
    )
    if unknown:
        raise SystemExit(f"unknown settings {unknown}; known are {sorted(known)}")
    try:
        return Settings()
    except ValidationError as error:
        # Without what was given: it may be a secret.
        wrong = [
            f"{_PREFIX}{str(each['loc'][0]).upper()}: {each['msg']}" for each in error.errors()
        ]
        raise SystemExit("\n".join(wrong)) from None
