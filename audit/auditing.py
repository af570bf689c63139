"""A whole audit: the log, the register, marks, numbers, files and what is kept outside.

Entry points: `audit`, `start_from`, `left_out`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

from audit.checkpoints import OurKeys
from audit.copies import Copy, CopyUnreadableError, check_copy, read_copy
from audit.files import check_files
from audit.findings import Finding
from audit.log import check_log
from audit.marks import check_marks
from audit.reading import fetch
from audit.register import compare_register
from audit.series import check_series
from audit.state_maps import check_state_maps
from audit.walk import BEGINNING, Start
from ledger.models import Checkpoint
from primitives.progress import SILENT, Progress
from tlog.errors import TlogError


class StartRefusedError(Exception):
    """There is no checkpoint of ours where an audit was asked to begin."""


def audit(
    start: Start = BEGINNING, *, copies: Iterable[Copy] = (), progress: Progress = SILENT
) -> Iterator[Finding]:
    """Yield every finding once, each with the first signed checkpoint that it makes bad.

    Read the copies before the snapshot in which this runs.
    """
    told = set()
    for finding in chain(
        check_log(start, progress),
        check_state_maps(start.size),
        compare_register(start.size, progress),
        check_marks(),
        check_series(),
        check_files(start.size, progress),
        chain.from_iterable(map(check_copy, copies)),
    ):
        place = (finding.kind, finding.table, finding.pk, finding.column, finding.index)
        # An entry that cannot be read is met by the walk and again by the fold.
        if place not in told or not finding.pk:
            told.add(place)
            yield _with_checkpoint(finding)
    progress.end()


def start_from(value: str) -> Start:
    """Return where an audit begins: at a size that was signed, or at a checkpoint in a file.

    Raises:
        StartRefusedError: there is none, or our key did not sign it.
    """
    try:
        if value.isdecimal():
            note = Checkpoint.objects.get(tree_head=int(value)).note
        else:
            note = read_copy(Path(value)).text
        signed = OurKeys.load().open(note)
    except Checkpoint.DoesNotExist as error:
        raise StartRefusedError(f"The log has no checkpoint of size {value}.") from error
    except (TlogError, CopyUnreadableError) as error:
        raise StartRefusedError(f"{value} is no checkpoint of this log: {error}") from error
    return Start(signed.size, signed.root)


def left_out(start: Start, *, has_memory: bool, has_copies: bool) -> list[str]:
    """Say in plain words what an audit did not look at."""
    sentences = []
    if start.size:
        sentences.append(
            f"Entries 0 to {start.size - 1}, the rows that they wrote, their tiles (but for the "
            "right edge of the tree), heads and checkpoints were not looked at: a change there "
            "would not have been found."
        )
    if not has_memory:
        sentences.append("This machine has no memory of the signer to compare with.")
    if not has_copies:
        sentences.append(
            "No copy kept outside was compared (--copy): who has the log key could have rewritten "
            "everything."
        )
    return sentences


def _with_checkpoint(finding: Finding) -> Finding:
    if finding.index is None or finding.checkpoint is not None:
        return finding
    query = "SELECT min(tree_head_id) FROM ledger_checkpoint WHERE tree_head_id > %s"
    size = fetch(query, finding.index)[0][0]
    return replace(finding, checkpoint=size if isinstance(size, int) else None)
