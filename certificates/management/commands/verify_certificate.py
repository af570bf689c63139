"""Verify a certificate's file against the live register; exit 0 valid, 1 invalid, 2 cannot say."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from certificates.verification import verify_file
from primitives.clock import now_utc
from verifier.verdict import Outcome

EXIT_CODES = {Outcome.VALID: 0, Outcome.INVALID: 1, Outcome.CANNOT_VERIFY: 2}


class Command(BaseCommand):
    help = "Verify a certificate against the live register. Exit 0 valid, 1 invalid, 2 cannot say."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--proof", type=Path, help="a .tlog-proof other than the register's")
        parser.add_argument("--json", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            pdf = options["file"].read_bytes()
            proof = options["proof"].read_text() if options["proof"] else None
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"The file cannot be read: {error}", returncode=2) from error
        answer = verify_file(pdf, proof=proof, at=now_utc())
        if options["json"]:
            self.stdout.write(json.dumps(answer.to_json(), ensure_ascii=False, indent=2))
        else:
            number = answer.certificate.number if answer.certificate else "not in the register"
            self.stdout.write(f"{answer.outcome.value}: {number}")
            for reason in answer.verdict.reasons:
                self.stdout.write(f"  {reason.value}")
            if answer.status:
                self.stdout.write(f"  register: {answer.status.value}")
        sys.exit(EXIT_CODES[answer.outcome])
