"""EU DSS, the European Commission's validator of signatures, asked through interop/dss/Judge.java.

Offline and by its own policy: it knows the roots and revocation lists that lie beside a file, and
fetches nothing.
"""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from interop.programs import MODULE

JUDGE = MODULE / "dss" / "Judge.java"
POM = MODULE / "dss" / "pom.xml"
FETCHED = MODULE.parent / "var" / "interop" / "dss"
"""Where scripts/interop lays the libraries, and the pom.xml that they were fetched by."""
PATIENCE_SECONDS = 90
FAST_START = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m"]
"""A run is too short for the compiler to earn back what it takes."""

PASSED, FAILED, INDETERMINATE = "TOTAL_PASSED", "TOTAL_FAILED", "INDETERMINATE"
"""What can be said of a signature (ETSI EN 319 102-1, 5.1.3)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What EU DSS says of a signature.

    Attributes:
        indication: `PASSED`, `FAILED` or `INDETERMINATE`.
        sub_indication: why it is not passed, e.g. "HASH_FAILURE".
        format: the level, e.g. "PAdES-BASELINE-LT".
    """

    indication: str
    sub_indication: str
    format: str
    errors: list[str]
    warnings: list[str]
    infos: list[str]


def why_no_eu_dss() -> str | None:
    """Say in plain words what is missing to ask EU DSS, or None."""
    if shutil.which("javac") is None:
        return "Java is not installed (Debian: default-jdk-headless)"
    fetched = FETCHED / POM.name
    if not fetched.is_file() or fetched.read_bytes() != POM.read_bytes():
        if shutil.which("mvn") is None:
            return "Maven is not installed (Debian: maven)"
        return "EU DSS could not be fetched from Maven Central"
    return None


def eu_dss(*folders: Path) -> dict[Path, list[Finding]]:
    """Ask about every PDF of some folders; return what is found of each of its signatures.

    Args:
        folders: hold ``*.pdf`` (one that cannot be read has no signature), and beside them by what
            they are judged: roots (``*.pem``, a certificate each), revocation lists (``*.crl``).

    Raises:
        CalledProcessError: the program failed.
    """
    done = subprocess.run(
        ["java", *FAST_START, "-cp", f"{FETCHED}/*", JUDGE, *folders],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return {
        Path(row["file"]): [Finding(**signature) for signature in row["signatures"]] for row in told
    }
