"""The demonstration's accounts: one for each role, named by the role, with random passwords."""

import os
import secrets
from pathlib import Path

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt
from cryptography.fernet import InvalidToken

from accounts.models import Organisation, User
from accounts.organisations import add_member, create_organisation
from accounts.roles import Role, assign_roles
from accounts.second_factor import lacks_second_factor
from demo.parties import APPLICANTS, EXAMPLE_GEO

NAMES = {
    "registrar": ("示例受理员", Role.REGISTRAR),
    "examiner": ("示例审查员", Role.EXAMINER),
    "approver": ("示例审批员", Role.APPROVER),
    "enterprise": ("示例企业经办人", Role.ENTERPRISE),
    "bank": ("示例银行", Role.BANK),
    "auditor": ("示例审计师", Role.AUDITOR),
    "system": ("示例系统管理员", Role.SYSTEM_ADMINISTRATOR),
}
PASSWORD_BYTES = 9
TOTP_SECRET = "QUANJIDEMO" * 3 + "QU"
"""Published, so that trying the demonstration needs no phone; `demo.checks` keeps it in there."""


def ensure_people(accounts_file: Path) -> dict[str, User]:
    """Create the accounts that are missing and note their passwords in a file only we can read."""
    people = {}
    for username, (name, role) in NAMES.items():
        user = User.objects.filter(username=username).first()
        if user is None:
            password = secrets.token_urlsafe(PASSWORD_BYTES)
            user = User.objects.create_user(username=username, password=password, first_name=name)
            assign_roles(user, [role])
            if lacks_second_factor(user):
                TOTP.activate(user, TOTP_SECRET)
            _note(accounts_file, f"{username:12}{password}   {name}\n")
        people[username] = user
    return people


def ensure_organisations(member: User) -> dict[str, Organisation]:
    """Create the example applicants' accounts; ``member`` belongs to one. Keyed by USCC."""
    organisations = {}
    for party in APPLICANTS:
        if party.identifier_scheme != "USCC":
            continue
        organisation = Organisation.objects.filter(uscc=party.identifier).first()
        if organisation is None:
            organisation = create_organisation(name=party.name, uscc=party.identifier)
        organisations[party.identifier] = organisation
    add_member(organisations[EXAMPLE_GEO.identifier], member, is_administrator=True)
    return organisations


def demo_code() -> str:
    """Return the one-time code of the demonstration's accounts at this moment."""
    [counter] = yield_hotp_counters_from_time()
    return str(format_hotp_value(hotp_value(TOTP_SECRET, counter)))


def has_demo_factor() -> bool:
    """Say whether any account has the published second factor."""
    found = Authenticator.objects.filter(type=Authenticator.Type.TOTP)
    return any(_opens(authenticator.data["secret"]) for authenticator in found)


def _opens(secret: str) -> bool:
    try:
        return bool(decrypt(secret) == TOTP_SECRET)
    except InvalidToken:
        return False  # of another installation's key


def _note(path: Path, line: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a") as file:
        file.write(line)
