"""The console command ``quanji-verify``: exit 0 valid, 1 invalid, 2 cannot verify.

It judges a certificate, each certificate in a folder, a ``.state-proof`` or a disclosure; the texts
it knows by their first line. A folder's answer is that of its worst file. With ``--paper`` it
judges what a scanner read from the QR code of one on paper.
It needs no network and no account. Wrong arguments and files that cannot be read also exit 2, with
the reason on the error stream.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.x509 import Certificate, load_pem_x509_certificates

from primitives.canonical_json import Json, JsonObject
from primitives.clock import now_utc
from primitives.digests import sm3
from tlog.encoding import MalformedError
from tlog.state_proof import HEADER as STATE_HEADER
from verifier.answers import QUESTIONS, answers_of
from verifier.disclosure import HEADER as DISCLOSURE_HEADER
from verifier.disclosure import verify_disclosure
from verifier.document import MAX_FILE_BYTES
from verifier.etsi import conclude
from verifier.evidence import MAX_PROOF_CHARACTERS
from verifier.isolation import verify_isolated
from verifier.log_keys import LogKeys
from verifier.messages import (
    disclosure_said,
    disclosure_sentence,
    paper_lines,
    paper_sentence,
    report,
    sm2_sentence,
    state_report,
    state_sentences,
    step_sentence,
    step_title,
    verdict_sentence,
)
from verifier.paper import MAX_KEYS_CHARACTERS, PaperKeys, verify_paper
from verifier.sm2_signature import MAX_SIGNATURE_BYTES, Sm2Finding, check_sm2_signature
from verifier.state import verify_state
from verifier.status_list import MAX_STATUS_LIST_CHARACTERS
from verifier.verdict import Outcome, StepOutcome

PROOF_SUFFIX = ".tlog-proof"
SIGNATURE_SUFFIX = ".p7s"
MAX_HEADER_BYTES = 100
EXIT_CODES = {Outcome.VALID: 0, Outcome.INVALID: 1, Outcome.CANNOT_VERIFY: 2}
SEVERITY = (Outcome.VALID, Outcome.CANNOT_VERIFY, Outcome.INVALID)
"""From the mildest to the worst."""
MARKS = {StepOutcome.PASSED: "✓", StepOutcome.FAILED: "✗", StepOutcome.NOT_CHECKED: "–"}


class ArgumentError(Exception):
    """An argument cannot be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found, as data and as lines for a reader."""

    outcome: Outcome
    data: JsonObject
    lines: Sequence[str]


def main(argv: Sequence[str] | None = None) -> int:
    """Verify one file or a folder, print the answer, return the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        answer = _answer(arguments)
    except ArgumentError as error:
        sys.stderr.write(f"quanji-verify: {error}\n")
        return EXIT_CODES[Outcome.CANNOT_VERIFY]
    if arguments.json:
        sys.stdout.write(json.dumps(answer.data, ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.write("".join(f"{_printable(line)}\n" for line in answer.lines))
    return EXIT_CODES[answer.outcome]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="quanji-verify",
        description="Verify a certificate of data property rights offline, a disclosure, or a "
        "proof of what the latest act under a key is. Exit code: 0 valid, 1 invalid, 2 cannot "
        "verify.",
    )
    parser.add_argument(
        "file",
        metavar="FILE",
        type=Path,
        nargs="?",
        help="the certificate, a PDF; a folder of them; a disclosure; or a .state-proof",
    )
    parser.add_argument(
        "--trust", metavar="PEM", type=Path, help="the registrar's certificate(s), for a PDF"
    )
    parser.add_argument(
        "--tsa-trust", metavar="PEM", type=Path, help="the authorities whose time-stamps count"
    )
    parser.add_argument(
        "--log-key", metavar="KEY", help="the ledger's verifier key, or a file; for any FILE"
    )
    parser.add_argument(
        "--proof", metavar="FILE", type=Path, help=f"the file's proof (default: FILE{PROOF_SUFFIX})"
    )
    parser.add_argument(
        "--status-list",
        metavar="FILE",
        type=Path,
        help="the registrar's list of certificates that are not in force",
    )
    parser.add_argument(
        "--paper", metavar="TEXT", help="in place of FILE: what a scanner read from the QR code"
    )
    parser.add_argument(
        "--paper-keys", metavar="FILE", type=Path, help="the registrar's keys of QR codes"
    )
    parser.add_argument(
        "--sm2-trust",
        metavar="PEM",
        type=Path,
        help="the issuers of the second signature's certificate; what is found of that signature "
        "stands beside the verdict",
    )
    parser.add_argument(
        "--p7s",
        metavar="FILE",
        type=Path,
        help=f"the file's second signature (default: FILE{SIGNATURE_SUFFIX})",
    )
    parser.add_argument("--at", metavar="TIME", help="answer for this instant, ISO 8601 with zone")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--lang", choices=["en", "zh"], default="en", help="language of sentences")
    return parser


def _answer(arguments: argparse.Namespace) -> Answer:
    if (arguments.paper is None) == (arguments.file is None):
        raise ArgumentError("name a FILE, or give --paper what a scanner read")
    if arguments.file is None:
        return _paper(arguments)
    if arguments.log_key is None:
        raise ArgumentError("a file needs --log-key, the ledger's verifier key")
    return (_folder if arguments.file.is_dir() else _file)(arguments.file, arguments)


def _paper(arguments: argparse.Namespace) -> Answer:
    if arguments.paper_keys is None:
        raise ArgumentError("--paper needs --paper-keys, the registrar's keys of QR codes")
    keys = _paper_keys(arguments.paper_keys)
    verdict = verify_paper(arguments.paper, keys=keys, at=_instant(arguments.at))
    sentence = paper_sentence(verdict, arguments.lang)
    return Answer(
        verdict.outcome,
        {**verdict.to_json(), "sentence": sentence},
        paper_lines(verdict, arguments.lang),
    )


def _file(path: Path, arguments: argparse.Namespace) -> Answer:
    content = _read(path, MAX_FILE_BYTES)
    verify = READERS.get(content[:MAX_HEADER_BYTES].partition(b"\n")[0])
    return verify(content, arguments) if verify else _certificate(path, content, arguments)


def _folder(folder: Path, arguments: argparse.Namespace) -> Answer:
    """Judge each PDF in the folder and below it, each with the proof beside it."""
    if arguments.proof:
        raise ArgumentError("--proof names the proof of one file; a folder's lie beside its files")
    if arguments.p7s:
        raise ArgumentError(
            "--p7s names the signature of one file; a folder's lie beside its files"
        )
    paths = [path for path in sorted(folder.rglob("*")) if _is_certificate(path)]
    if not paths:
        raise ArgumentError(f"{folder} holds no PDF")
    answers = {str(path.relative_to(folder)): _file(path, arguments) for path in paths}
    worst = max((answer.outcome for answer in answers.values()), key=SEVERITY.index)
    files: list[Json] = [{"file": name, **answer.data} for name, answer in answers.items()]
    return Answer(worst, {"verdict": worst.value, "files": files}, _table(answers))


def _is_certificate(path: Path) -> bool:
    return path.suffix.lower() == ".pdf" and path.is_file()


def _table(answers: Mapping[str, Answer]) -> list[str]:
    """Return a line for each file: verdict, number, name, and why it is not valid."""
    lines = []
    for name, answer in answers.items():
        stated, reasons = answer.data.get("certificate"), answer.data.get("reasons")
        number = str(stated.get("number", "")) if isinstance(stated, dict) else ""
        why = ", ".join(map(str, reasons)) if isinstance(reasons, list) else ""
        lines.append(f"{answer.outcome.value:<13}  {number:<15}  {name}  {why}".rstrip())
    return lines


def _certificate(path: Path, content: bytes, arguments: argparse.Namespace) -> Answer:
    if arguments.trust is None:
        raise ArgumentError("a certificate needs --trust, the registrar's certificate(s)")
    verdict = verify_isolated(
        content,
        proof=_proof(path, arguments.proof),
        trust=_trust(arguments.trust),
        log_key=_log_key(arguments.log_key),
        at=_instant(arguments.at),
        tsa_trust=_trust(arguments.tsa_trust) if arguments.tsa_trust else None,
        status_list=_status_list(arguments.status_list) if arguments.status_list else None,
    )
    steps = [
        f"{MARKS[step.outcome]} {step_title(step.name, arguments.lang)}: "
        f"{step_sentence(step, arguments.lang)}"
        for step in verdict.steps
    ]
    answers = answers_of(verdict)
    said = [
        f"{QUESTIONS[answer.question].in_language(arguments.lang)} "
        f"{answer.sentence.in_language(arguments.lang)}"
        for answer in answers
    ]
    lines = [*steps, "", *said, "", verdict_sentence(verdict, arguments.lang)]
    data: JsonObject = {
        **report(verdict, arguments.lang),
        "answers": [answer.to_json(arguments.lang) for answer in answers],
        "etsi": conclude(verdict).to_json(),
    }
    if found := _second_signature(path, content, arguments):
        lines.append(sm2_sentence(found, arguments.lang))
        data["sm2_signature"] = found.to_json()
    return Answer(verdict.outcome, data, lines)


def _second_signature(
    path: Path, content: bytes, arguments: argparse.Namespace
) -> Sm2Finding | None:
    """Return what is found of the file's second signature, or None.

    That is so if nobody asks for it, or none lies beside the file.
    """
    if arguments.sm2_trust is None:
        if arguments.p7s:
            raise ArgumentError("--p7s needs --sm2-trust, the issuers of its certificate")
        return None
    trust = _trust(arguments.sm2_trust)
    signature = arguments.p7s or path.with_name(path.name + SIGNATURE_SUFFIX)
    if not (arguments.p7s or signature.exists()):
        return None
    return check_sm2_signature(_read(signature, MAX_SIGNATURE_BYTES), sm3(content), trust=trust)


def _disclosure(content: bytes, arguments: argparse.Namespace) -> Answer:
    text = content.decode("utf-8", errors="replace")
    verdict = verify_disclosure(text, log_key=_log_key(arguments.log_key))
    sentence = disclosure_sentence(verdict, arguments.lang)
    values = [f"{pointer}: {value}" for pointer, value in verdict.disclosed.items()]
    said = [disclosure_said(verdict.disclosure, arguments.lang)] if verdict.disclosure else []
    return Answer(
        verdict.outcome, {**verdict.to_json(), "sentence": sentence}, [*values, *said, "", sentence]
    )


def _state(content: bytes, arguments: argparse.Namespace) -> Answer:
    text = content.decode("utf-8", errors="replace")
    verdict = verify_state(text, log_key=_log_key(arguments.log_key))
    return Answer(
        verdict.outcome,
        state_report(verdict, arguments.lang),
        state_sentences(verdict, arguments.lang),
    )


READERS = {DISCLOSURE_HEADER.encode(): _disclosure, STATE_HEADER.encode(): _state}
"""The first line of a text file says what it is; a file that begins otherwise is a certificate."""


def _read(path: Path, limit: int) -> bytes:
    """Return the file's content, cut one byte beyond the limit so that it is seen to be larger."""
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise ArgumentError(f"{path} cannot be read: {error.strerror}") from error


def _proof(file: Path, given: Path | None) -> str | None:
    beside = file.with_name(file.name + PROOF_SUFFIX)
    if given is None and not beside.exists():
        return None
    # Bytes that are not UTF-8 make it a malformed proof, which is a verdict and not a crash.
    return _read(given or beside, MAX_PROOF_CHARACTERS).decode("utf-8", errors="replace")


def _status_list(path: Path) -> str:
    # As with a proof: bytes that are not UTF-8 make it a malformed list, which is no crash.
    return _read(path, MAX_STATUS_LIST_CHARACTERS).decode("utf-8", errors="replace")


def _trust(path: Path) -> list[Certificate]:
    try:
        return load_pem_x509_certificates(_read(path, MAX_FILE_BYTES))
    except ValueError as error:
        raise ArgumentError(f"{path} holds no PEM certificate") from error


def _paper_keys(path: Path) -> PaperKeys:
    text = _read(path, MAX_KEYS_CHARACTERS).decode("utf-8", errors="replace")
    try:
        return PaperKeys.parse(text)
    except MalformedError as error:
        raise ArgumentError(f"{path}: {error}") from error


def _log_key(given: str) -> str:
    """Return the verifier key given as text, or the keys in the file that it names."""
    try:
        LogKeys.parse(given)
    except MalformedError:
        path = Path(given)
    else:
        return given
    text = _read(path, MAX_PROOF_CHARACTERS).decode("utf-8", errors="replace")
    try:
        LogKeys.parse(text)
    except MalformedError as error:
        raise ArgumentError(f"{path} holds no verifier key") from error
    return text


def _instant(given: str | None) -> datetime:
    if given is None:
        return now_utc()
    try:
        instant = datetime.fromisoformat(given)
    except ValueError as error:
        raise ArgumentError(f"{given!r} is not an ISO 8601 instant") from error
    if instant.tzinfo is None:
        raise ArgumentError(f"{given!r} has no time zone; write 2026-11-25T02:30:00Z")
    return instant


def _printable(line: str) -> str:
    """Return the line without what could steer a terminal; names in a file may be hostile."""
    return "".join(character if character.isprintable() else "?" for character in line)
