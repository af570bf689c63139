from collections.abc import Sequence
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ledger.acts import open_act
from ledger.keys import log_verifier_key
from ledger.models import Entry
from tests.factories import NOON
from tests.reference.merkle import root
from tlog.checkpoint import open_checkpoint
from tlog.tiles import TileKey, TileReader, tile_path, tile_width, unpack_bundle


@pytest.mark.django_db
def test_a_stranger_rebuilds_the_log_from_the_exported_files(tmp_path: Path) -> None:
    with open_act(recorded_at=NOON, actor="U-1", officer="U-2") as act:
        for number in range(300):
            act.record(kind="test.noted/1", keys=[f"test:{number}"], payload={})

    call_command("export_ledger", tmp_path)

    checkpoint = open_checkpoint((tmp_path / "checkpoint").read_text(), log_verifier_key())
    entries = [
        entry
        for path in ("tile/entries/000", "tile/entries/001.p/44")
        for entry in unpack_bundle((tmp_path / path).read_bytes())
    ]
    assert entries == [bytes(entry.content) for entry in Entry.objects.order_by("pk")]
    assert checkpoint.root == root(entries)

    def fetch(keys: Sequence[TileKey]) -> dict[TileKey, bytes]:
        paths = {key: tile_path(*key, width=tile_width(*key, size=checkpoint.size)) for key in keys}
        return {key: (tmp_path / path).read_bytes() for key, path in paths.items()}

    assert TileReader(checkpoint.size, fetch).root() == checkpoint.root


@pytest.mark.django_db
def test_an_empty_log_is_not_exported(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="empty"):
        call_command("export_ledger", tmp_path)
