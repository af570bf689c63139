"""From the queue to the public: sequence the pending entries, then sign what is committed.

Entry point: `publish`. Its two steps are `ledger.sequencing` and `ledger.signing`; a crash between
them leaves an unsigned head, which the next call signs.
"""

from datetime import datetime

from ledger.memory import require_no_rollback
from ledger.models import Checkpoint
from ledger.sequencing import Sequencer
from ledger.signing import sign_checkpoint


def publish(*, at: datetime) -> Checkpoint | None:
    """Sequence all pending entries and sign a checkpoint over them; return the latest one.

    Raises:
        RollbackError: the stored log is smaller than the one that was signed last.
        SignerMemoryError: the signer's memory is gone, unreadable or another log's.
        LedgerDamagedError: what is stored does not agree with itself.
    """
    require_no_rollback()
    sequencer = Sequencer()
    while sequencer.integrate(at=at):
        pass
    return sign_checkpoint(at=at)
