"""Our logs, as files and over HTTP, judged whole by programs of other people.

The log of the register is made and exported by the product; the large one has tiles of every shape.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from interop.logs import Folder, SyntheticLog
from interop.programs import Answer, accepts, fsck, logcheck, refuses, tlogclient
from interop.register import Register
from tlog.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from tlog.merkle import HASH_BYTES
from tlog.note import NoteSigner
from tlog.tiles import pack_entries, unpack_bundle

Change = Callable[[Folder, SyntheticLog], None]
Judge = Callable[[Folder, str], Answer]

JUDGES: dict[str, Judge] = {
    "Go's note and tlog": lambda log, _url: logcheck("log", log.key, log.path),
    "Tessera's fsck": lambda log, _url: fsck(log.key, f"file://{log.path}"),
    "torchwood's client": lambda log, url: tlogclient("log", log.key, url),
}
judged_by_each = pytest.mark.parametrize("judge", JUDGES.values(), ids=JUDGES)


@judged_by_each
def test_the_exported_register_is_a_sound_log(
    judge: Judge, register: Register, shelf_url: str
) -> None:
    accepts(judge(register.now, f"{shelf_url}/{register.now.path.name}"))


@judged_by_each
def test_a_log_with_tiles_of_every_shape_is_sound(
    judge: Judge, large: Folder, shelf_url: str
) -> None:
    for name in ("tile/0/000", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17"):
        assert (large.path / name).exists()
    accepts(judge(large, f"{shelf_url}/large"))


@judged_by_each
def test_a_log_of_a_thousand_tiles_is_sound(judge: Judge, wide: Folder, shelf_url: str) -> None:
    for name in ("tile/0/x001/000", "tile/0/x001/001.p/44", "tile/entries/x001/001.p/44"):
        assert (wide.path / name).exists()
    accepts(judge(wide, f"{shelf_url}/wide"))


def test_fsck_passes_over_the_running_product(register: Register, product_url: str) -> None:
    accepts(fsck(register.now.key, product_url))


def test_torchwoods_client_reads_the_running_product(register: Register, product_url: str) -> None:
    accepts(tlogclient("log", register.now.key, product_url))


def test_fsck_passes_over_http(large: Folder, shelf_url: str) -> None:
    accepts(fsck(large.key, f"{shelf_url}/large"))


def test_the_register_extends_the_checkpoint_that_a_certificate_carries(register: Register) -> None:
    now = register.now
    accepts(logcheck("consistent", now.key, now.path, register.certificate_proof))


def test_the_register_extends_each_of_its_older_checkpoints(
    register: Register, tmp_path: Path
) -> None:
    for checkpoint in register.checkpoints.values():
        old = tmp_path / "checkpoint"
        old.write_text(checkpoint)
        accepts(logcheck("consistent", register.now.key, register.now.path, old))


def _flip(folder: Folder, name: str, place: int) -> None:
    content = bytearray(folder.read(name))
    content[place] ^= 1
    folder.write(name, bytes(content))


def _repack(folder: Folder, change: Callable[[list[bytes]], list[bytes]]) -> None:
    name = "tile/entries/005"
    entries = change(unpack_bundle(folder.read(name)))
    folder.write(name, b"".join(pack_entries([entry]) for entry in entries))


def _resign(folder: Folder, log: SyntheticLog, **members: object) -> None:
    """Put a checkpoint in place that the log's own key has signed over something else."""
    was = open_checkpoint(folder.read("checkpoint").decode(), log.signer.verifier_key)
    members = {"origin": was.origin, "size": was.size, "root": was.root, **members}
    checkpoint = Checkpoint(**members)  # type: ignore[arg-type] # the names of its members
    folder.write("checkpoint", sign_checkpoint(checkpoint, log.signer).encode())


def _sign_with_another_key(folder: Folder, log: SyntheticLog) -> None:
    stranger = SyntheticLog(NoteSigner.generate(log.signer.name), log.entries)
    folder.write("checkpoint", stranger.checkpoint(len(log.entries)).encode())


def _replace_in_checkpoint(folder: Folder, old: bytes, new: bytes) -> None:
    changed = folder.read("checkpoint").replace(old, new)
    assert changed != folder.read("checkpoint")
    folder.write("checkpoint", changed)


CHANGES: dict[str, Change] = {
    "a bit of a full tile": lambda log, _: _flip(log, "tile/0/005", 40),
    "a bit of a partial tile": lambda log, _: _flip(log, "tile/0/273.p/112", -1),
    "a bit of a full tile of level 1": lambda log, _: _flip(log, "tile/1/000", 5 * HASH_BYTES),
    "a bit of a partial tile of level 1": lambda log, _: _flip(log, "tile/1/001.p/17", 0),
    "a bit of the tile of level 2": lambda log, _: _flip(log, "tile/2/000.p/1", 0),
    "a tile cut short": lambda log, _: log.write("tile/0/005", log.read("tile/0/005")[:-32]),
    "a tile in another's place": lambda log, _: log.write("tile/0/005", log.read("tile/0/006")),
    "a tile missing": lambda log, _: (log.path / "tile/0/005").unlink(),
    "a bit of an entry": lambda log, _: _flip(log, "tile/entries/005", 10),
    "a bit of an entry in a partial bundle": lambda log, _: _flip(
        log, "tile/entries/273.p/112", -1
    ),
    "an entry's length": lambda log, _: _flip(log, "tile/entries/005", 1),
    "an entry left out": lambda log, _: _repack(log, lambda entries: entries[1:]),
    "two entries exchanged": lambda log, _: _repack(
        log, lambda entries: [entries[1], entries[0], *entries[2:]]
    ),
    "a bundle missing": lambda log, _: (log.path / "tile/entries/005").unlink(),
    "the size in the checkpoint": lambda log, _: _replace_in_checkpoint(log, b"70000", b"69999"),
    "the origin in the checkpoint": lambda log, _: _replace_in_checkpoint(
        log, b"large.example/log\n", b"other.example/log\n"
    ),
    "the checkpoint's signature": lambda log, _: _flip(log, "checkpoint", -10),
    "the checkpoint unsigned": lambda log, _: log.write(
        "checkpoint", log.read("checkpoint").partition("— ".encode())[0]
    ),
    "another key of the same name": _sign_with_another_key,
    "a size too small, signed": lambda log, signing: _resign(log, signing, size=69_999),
    "a size too large, signed": lambda log, signing: _resign(log, signing, size=70_001),
    "another root, signed": lambda log, signing: _resign(log, signing, root=bytes(32)),
}


@judged_by_each
def test_a_copy_is_accepted_as_long_as_nothing_was_changed(
    judge: Judge, large: Folder, shelf: Path, shelf_url: str
) -> None:
    copy = large.copy_to(shelf / f"copy-{id(judge)}")
    accepts(judge(copy, f"{shelf_url}/{copy.path.name}"))


@judged_by_each
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_log_is_refused_when_somebody_changes(
    change: Change,
    judge: Judge,
    large: Folder,
    large_log: SyntheticLog,
    shelf: Path,
    shelf_url: str,
) -> None:
    copy = large.copy_to(shelf / f"changed-{id(change)}-{id(judge)}")
    change(copy, large_log)
    refuses(judge(copy, f"{shelf_url}/{copy.path.name}"))


def test_an_entry_hung_onto_a_full_bundle_is_refused_but_overlooked_by_fsck(
    large: Folder, shelf: Path, shelf_url: str
) -> None:
    """Fsck hashes the 256 entries that it wants and looks no further: ask a second program."""
    copy = large.copy_to(shelf / "longer-bundle")
    _repack(copy, lambda entries: [*entries, b"more"])
    refuses(logcheck("log", copy.key, copy.path))
    refuses(tlogclient("log", copy.key, f"{shelf_url}/{copy.path.name}"))
    accepts(fsck(copy.key, f"file://{copy.path}"))


@judged_by_each
def test_a_rewritten_history_looks_sound_by_itself(
    judge: Judge, fork: Folder, shelf_url: str
) -> None:
    """No look at one copy can find it: hence the next two tests, and witnesses."""
    accepts(judge(fork, f"{shelf_url}/{fork.path.name}"))


def test_a_rewritten_history_does_not_extend_an_older_checkpoint(
    fork: Folder, large: Folder
) -> None:
    refuses(logcheck("consistent", fork.key, fork.path, large.path / "checkpoint"))


def test_a_log_that_was_set_back_does_not_extend_a_later_checkpoint(register: Register) -> None:
    early, now = register.early, register.now
    accepts(logcheck("log", early.key, early.path))
    refuses(logcheck("consistent", early.key, early.path, now.path / "checkpoint"))


@pytest.fixture(scope="session")
def fork(large_log: SyntheticLog, shelf: Path) -> Folder:
    """Return the large log with one old entry rewritten, and all above it made and signed anew."""
    entries = list(large_log.entries)
    entries[1300] = b"what the operator would like to have written"
    return SyntheticLog(large_log.signer, [*entries, b"and one more"]).write(shelf / "fork")
