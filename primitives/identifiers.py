"""Public identifiers: their form, their check characters, their generation.

* unified social credit code (统一社会信用代码), GB 32100: 18 characters, the last checks;
* certificate number, NDA35 Annex 6: ``SJ`` + region (2) + registrar (1) + YYYYMM + serial (4);
* references and verification codes: Crockford base 32, from the system's random source.
"""

import re
import secrets

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_FORM = re.compile(rf"[{USCC_ALPHABET}]{{18}}")
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CERTIFICATE_NUMBER_FORM = re.compile(r"SJ\d{3}20\d{2}(?:0[1-9]|1[0-2])(?!0000)\d{4}")
MAX_MONTHLY_SERIAL = 9999
REFERENCE_LENGTH = 13
CHECK_CODE_GROUPS = 4


def uscc_check_character(first_17: str) -> str:
    """Return the 18th character for the first 17 (GB 32100: weights 3**i mod 31).

    Raises:
        ValueError: a character outside the alphabet.
    """
    total = sum(
        USCC_ALPHABET.index(character) * pow(3, position, 31)
        for position, character in enumerate(first_17)
    )
    return USCC_ALPHABET[-total % 31]


def is_uscc(text: str) -> bool:
    """Say whether ``text`` is a well-formed unified social credit code."""
    return bool(USCC_FORM.fullmatch(text)) and uscc_check_character(text[:17]) == text[17]


def certificate_number(*, region: str, registrar: str, year: int, month: int, serial: int) -> str:
    """Return the 15-character number of NDA35 Annex 6.

    Raises:
        ValueError: the parts do not make a well-formed number, e.g. a serial beyond 9999.
    """
    number = f"SJ{region}{registrar}{year:04d}{month:02d}{serial:04d}"
    if not CERTIFICATE_NUMBER_FORM.fullmatch(number):
        raise ValueError(f"{number} is not a certificate number")
    return number


def is_certificate_number(text: str) -> bool:
    """Say whether ``text`` has the form of a certificate number."""
    return bool(CERTIFICATE_NUMBER_FORM.fullmatch(text))


def new_reference(prefix: str) -> str:
    """Return a fresh opaque reference such as ``P-7H2K…`` (65 random bits)."""
    return f"{prefix}-{_random_text(REFERENCE_LENGTH)}"


def new_check_code() -> str:
    """Return a fresh verification code of 80 random bits, e.g. ``4T7Q-0XKD-9M2V-HB1S``."""
    return "-".join(_random_text(4) for _ in range(CHECK_CODE_GROUPS))


def normalise_check_code(text: str) -> str:
    """Return a code as `new_check_code` writes it, from how a person may have typed it."""
    letters = "".join(character for character in text.upper() if character.isalnum())
    letters = letters.replace("O", "0").replace("I", "1").replace("L", "1")
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def _random_text(length: int) -> str:
    return "".join(secrets.choice(CROCKFORD) for _ in range(length))
