"""A worker outlives whatever one of its steps meets; once, it tells it."""

import pytest

from filings.management.watching import WatchCommand


class Troubled(WatchCommand):
    pause_seconds = 0.0
    steps = 0

    def step(self) -> None:
        self.steps += 1
        if self.steps == 1:
            raise ValueError("示例")
        raise KeyboardInterrupt


@pytest.fixture(autouse=True)
def connections_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("filings.management.watching.connections.close_all", lambda: None)


def test_a_watch_goes_on_after_any_failure(caplog: pytest.LogCaptureFixture) -> None:
    command = Troubled()
    with pytest.raises(KeyboardInterrupt):
        command.handle(watch=True)
    assert command.steps == 2
    assert "示例" in caplog.text


def test_without_a_watch_a_failure_is_told() -> None:
    with pytest.raises(ValueError, match="示例"):
        Troubled().handle(watch=False)
