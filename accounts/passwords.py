"""The password rules of security level 3 that Django does not bring (GB/T 22239-2019 8.1.4.1 a)."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User


class KindsOfCharacterValidator:
    """Wants several kinds of characters: small and capital letters, digits, others."""

    def __init__(self, kinds: int = 3) -> None:
        self.kinds = kinds

    def validate(self, password: str, user: User | None = None) -> None:  # noqa: ARG002 # Django's
        """Refuse a password of too few kinds of characters.

        Raises:
            ValidationError: says what is wanted.
        """
        found = (
            any(letter.islower() for letter in password),
            any(letter.isupper() for letter in password),
            any(letter.isdigit() for letter in password),
            any(not letter.isalnum() for letter in password),
        )
        if sum(found) < self.kinds:
            raise ValidationError(self.get_help_text(), code="password_too_plain")

    def get_help_text(self) -> str:
        """Return what is wanted."""
        return _(
            "Your password must hold %(kinds)s of these: small letters, capital letters, digits, "
            "other characters."
        ) % {"kinds": self.kinds}
