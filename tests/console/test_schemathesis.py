"""What schemathesis finds where it holds the door to its own description."""

from __future__ import annotations

import subprocess
import sysconfig
from pathlib import Path

from tests.console import mills
from tests.console.doors import routes
from tests.fixtures.house import ROOT
from tests.fixtures.http import Http

# Ids that exist, so that answers are seen too and not refusals alone.
CONFIG = """\
[parameters]
"path.enterprise" = "mill"
"path.zone" = "east"
"path.inventory" = "2023"
"path.account" = "mill"
"path.activity_record" = "{record}"

[phases.coverage]
unexpected-methods = ["DELETE"]
"""
# A request that fits its schema may still name what is not there, or break a rule that no schema
# can say.
EXCLUDED = "positive_data_acceptance"
PATIENCE_S = 600
ANSWERED = (
    "/v1/{name=enterprises/*}",
    "/v1/{name=enterprises/*/inventories/*}",
    "/v1/{parent=enterprises/*}/activityRecords",
    "/v1/{name=accounts/*}",
)


def test_the_door_keeps_to_its_description(tmp_path: Path) -> None:
    with mills.serving(tmp_path) as mill:
        mills.in_the_market(mill)
        records = mill.http().get(f"/v1/{mills.MILL}/activityRecords").json["activity_records"]
        config = tmp_path / "schemathesis.toml"
        config.write_text(CONFIG.format(record=records[0]["name"].rpartition("/")[2]))
        http = mill.running.http()
        done = subprocess.run(  # noqa: S603 (a program of ours, with arguments of ours)
            [
                Path(sysconfig.get_path("scripts"), "schemathesis"),
                *("--config-file", config, "run", f"http://{http.address}/openapi.json"),
                *("--header", f"Authorization: Bearer {ROOT}"),
                *("--phases", "coverage", "--seed", "1"),
                *("--exclude-checks", EXCLUDED, "--continue-on-failure", "--no-shrink"),
                *("--generation-database", "none", "--suppress-health-check", "all"),
                *("--warnings", "off", "--no-color"),
            ],
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE_S,
            check=False,
        )

        counted = Http(address=mill.running.house.metrics.address).get("/metrics").body.decode()

    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    for route in ANSWERED:
        assert f'code="200",method="GET",route="{route}"' in counted, route
    count = len(routes().all)
    assert f"{count} selected / {count} total" in done.stdout
