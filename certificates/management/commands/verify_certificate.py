"""Verify a certificate's file against the live register; exit 0 valid, 1 invalid, 2 cannot say."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from certificates.forensics import Forensics, examine
from certificates.suites import SealingError
from certificates.verification import RegisterVerdict, verify_file
from certificates.verification_report import verification_report
from drawing.errors import RenderingError
from primitives.canonical_json import JsonObject
from primitives.clock import now_utc
from verifier.answers import QUESTIONS
from verifier.verdict import Outcome

EXIT_CODES = {Outcome.VALID: 0, Outcome.INVALID: 1, Outcome.CANNOT_VERIFY: 2}


class Command(BaseCommand):
    help = "Verify a certificate against the live register. Exit 0 valid, 1 invalid, 2 cannot say."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--proof", type=Path, help="a .tlog-proof other than the register's")
        parser.add_argument("--json", action="store_true")
        parser.add_argument(
            "--report", type=Path, help="write the sealed report here, its JSON beside it"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            pdf = options["file"].read_bytes()
            proof = options["proof"].read_text() if options["proof"] else None
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"The file cannot be read: {error}", returncode=2) from error
        answer = verify_file(pdf, proof=proof, at=now_utc())
        forensics = examine(pdf, answer)
        if options["report"]:
            self._write_report(options["report"], pdf, answer, forensics)
        if options["json"]:
            self.stdout.write(json.dumps(_data(answer, forensics), ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(_lines(answer, forensics)))
        sys.exit(EXIT_CODES[answer.outcome])

    def _write_report(
        self, path: Path, pdf: bytes, answer: RegisterVerdict, forensics: Forensics | None
    ) -> None:
        try:
            report = verification_report(pdf, answer, forensics)
            path.write_bytes(report.pdf)
            path.with_suffix(".json").write_bytes(report.json)
        except (OSError, RenderingError, SealingError) as error:
            raise CommandError(f"The report cannot be written: {error}", returncode=2) from error


def _data(answer: RegisterVerdict, forensics: Forensics | None) -> JsonObject:
    return {
        **answer.to_json("en"),
        "forensics": forensics.to_json("en") if forensics else None,
    }


def _lines(answer: RegisterVerdict, forensics: Forensics | None) -> Iterator[str]:
    yield f"{answer.outcome.value}: {answer.issued or 'not in the register'}"
    yield from (f"  {reason.value}" for reason in answer.verdict.reasons)
    if answer.status:
        yield f"  register: {answer.status.value}"
    for each in answer.answers:
        yield f"{QUESTIONS[each.question].en} {each.sentence.en} [{each.code}]"
    if answer.since:
        yield answer.since.en
    if forensics:
        yield from (sentence.en for sentence in forensics.sentences())
