"""Record that the log was set back and goes on as a successor; two administrators answer for it."""

from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.roles import Role, require_role
from ledger.errors import LedgerStoppedError
from ledger.recovery import RecoveryRefusedError, record_recovery
from primitives.clock import now_utc
from tlog.encoding import MalformedError
from tlog.note import NoteSigner


class Command(BaseCommand):
    help = "Let the log go on under a new name after it was set back (docs/operations.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--ground", required=True, help="why, in one line")
        parser.add_argument("--old-key", required=True, type=Path, help="key file of the old log")
        parser.add_argument("--asked-by", required=True, help="a system administrator")
        parser.add_argument("--approved-by", required=True, help="a security administrator")

    def handle(self, *_args: Any, **options: Any) -> None:
        asker = _user(options["asked_by"], Role.SYSTEM_ADMINISTRATOR)
        approver = _user(options["approved_by"], Role.SECURITY_ADMINISTRATOR)
        try:
            old_signer = NoteSigner.parse(options["old_key"].read_text().strip())
        except (OSError, ValueError, MalformedError) as error:
            raise CommandError(f"{options['old_key']} is not a log key.") from error
        try:
            entry = record_recovery(
                ground=options["ground"],
                old_signer=old_signer,
                actor=asker.reference,
                officer=approver.reference,
                at=now_utc(),
            )
        except (RecoveryRefusedError, LedgerStoppedError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Recorded as entry {entry.leaf.index}; the log goes on from there.")
        self.stdout.write("Give its new key to everyone who verifies: /log/key.")


def _user(username: str, role: Role) -> User:
    user = User.objects.filter(username=username).first()
    if user is None:
        raise CommandError(f"There is no user {username}.")
    try:
        require_role(user, role)
    except PermissionDenied as error:
        raise CommandError(f"{username} cannot: {error}") from error
    return user
