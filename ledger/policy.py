"""The policy of this installation: who witnesses our checkpoints, and how many make one public."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from ledger.errors import LedgerStoppedError
from ledger.keys import log_verifier_keys
from ledger.models import Checkpoint
from tlog.encoding import MalformedError
from tlog.errors import TlogError
from tlog.policy import Policy


class PolicyError(LedgerStoppedError):
    """The policy file cannot be read."""


def witness_policy() -> Policy | None:
    """Return the configured policy (C2SP tlog-policy), or None if there is none.

    Raises:
        PolicyError: the file is missing or malformed.
    """
    if not settings.LEDGER_POLICY_FILE:
        return None
    path = Path(settings.LEDGER_POLICY_FILE)
    try:
        return _parse(path.read_bytes())
    except (OSError, MalformedError) as error:
        raise PolicyError(f"{path} is no policy of witnesses: {error}") from error


def is_public(checkpoint: Checkpoint) -> bool:
    """Say whether enough witnesses cosigned the checkpoint.

    Raises:
        PolicyError: the policy file is missing or malformed.
    """
    policy = witness_policy()
    if policy is None or policy.quorum is None:
        return True
    try:
        return policy.evaluate(checkpoint.public_note(), log_keys=log_verifier_keys()).is_quorum
    except TlogError:
        # Signed under a predecessor's name, or a line that the audit will report.
        return False


@lru_cache(maxsize=2)
def _parse(content: bytes) -> Policy:
    return Policy.parse(content)
