"""The Go programs that judge us, built from what go.mod and go.sum pin."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

MODULE = Path(__file__).resolve().parent
BINARIES = MODULE.parent / "var" / "interop" / "bin"
PATIENCE_SECONDS = 60
FSCK_WORKERS = 512


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program answered: whether it accepts, and all that it printed."""

    accepts: bool
    text: str


def accepts(answer: Answer) -> None:
    """Fail unless the program accepts."""
    assert answer.accepts, answer.text


def refuses(answer: Answer) -> None:
    """Fail unless the program refuses, and says why."""
    assert not answer.accepts, answer.text
    assert answer.text.strip()


def why_not_here() -> str | None:
    """Say in plain words which part of the toolchain is missing, or None."""
    if shutil.which("go") is None:
        return "Go is not installed"
    found = _go("env", "GOVERSION").stdout.strip()
    wanted = re.search(r"^go (\S+)$", (MODULE / "go.mod").read_text(), re.MULTILINE)
    if wanted is None or _version(found) < _version(wanted[1]):
        return f"Go is too old: {found}"
    return None


def build() -> None:
    """Build everything; a second time this takes a second.

    Raises:
        RuntimeError: it cannot be built, with what the compiler says.
    """
    done = _go("build", "-o", f"{BINARIES}/", "./...", "tool")
    if done.returncode:
        raise RuntimeError(done.stderr)


def logcheck(command: str, *arguments: str | Path) -> Answer:
    """Ask our program on top of Go's golang.org/x/mod/sumdb."""
    return _ask("logcheck", command, *arguments)


def tlogclient(command: str, *arguments: str | Path) -> Answer:
    """Ask torchwood's client."""
    return _ask("tlogclient", command, *arguments)


def fsck(key: Path, url: str) -> Answer:
    """Ask Tessera's fsck, whose exit code is 0 even where it found the log damaged.

    A worker that finds a false tile stops, and once all have stopped fsck waits for ever: hence
    more workers than there are tiles.
    """
    workers = f"--N={FSCK_WORKERS}"
    done = run("fsck", "--ui=false", workers, f"--storage_url={url}", f"--public_key={key}")
    text = done.stdout + done.stderr
    return Answer("Successfully fsck'd log" in text and "failed" not in text, text)


def spicy(key: Path, entry: Path) -> Answer:
    """Ask torchwood's spicy about an entry with its signature ``<entry>.spicy`` beside it."""
    done = run("spicy", "-verify", key.read_text().strip(), entry)
    return Answer(done.returncode == 0, done.stdout + done.stderr)


def run(program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a program to its end."""
    return subprocess.run(
        [BINARIES / program, *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )


def _ask(program: str, *arguments: str | Path) -> Answer:
    done = run(program, *arguments)
    accepts = done.returncode == 0 and done.stdout.startswith("ok: ")
    return Answer(accepts, done.stdout + done.stderr)


def _go(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["go", *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=MODULE,
    )


def _version(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]
