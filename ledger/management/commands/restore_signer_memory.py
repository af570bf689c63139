"""Teach a signer that lost its memory what it signed last, from a checkpoint kept outside."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ledger.memory import SignerMemoryError
from ledger.recovery import restore_memory
from tlog.errors import TlogError
from tlog.proof import TlogProof


class Command(BaseCommand):
    help = "Restore what the signer signed last from the newest checkpoint or proof kept outside."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a checkpoint, or a .tlog-proof")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            checkpoint = restore_memory(_checkpoint(options["file"]))
        except (OSError, ValueError, TlogError, SignerMemoryError) as error:
            raise CommandError(f"{options['file']}: {error}") from error
        self.stdout.write(f"The signer remembers that it signed a tree of {checkpoint.size}.")


def _checkpoint(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    return TlogProof.parse(text).checkpoint if path.suffix == ".tlog-proof" else text
