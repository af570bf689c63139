"""Whoever watches a long job sees how much is done, failed and waiting; a pipe carries nothing."""

import io
import os

from primitives.progress import on_terminal


class Terminal(io.StringIO):
    """A stream that somebody looks at."""

    def isatty(self) -> bool:
        return True

    def shown(self) -> str:
        """Return what stands on the last line that was written over."""
        return self.getvalue().rstrip("\n").split("\r")[-1]


def test_what_is_done_failed_and_waiting_is_counted() -> None:
    terminal = Terminal()
    progress = on_terminal(terminal)
    progress.stage("issuing", 1_200)
    progress.advance(600)
    progress.fail()
    progress.end()
    assert terminal.shown().startswith(f"issuing      {'█' * 12}{'·' * 12} 600/1,200 ")
    assert "/s, 1 failed, 599 waiting " in terminal.shown()


def test_a_stage_without_anything_to_do_leaves_no_line() -> None:
    terminal = Terminal()
    progress = on_terminal(terminal)
    progress.stage("numbering", 0)
    progress.end()
    assert terminal.getvalue() == ""


def test_the_line_is_left_to_whoever_says_what_failed() -> None:
    terminal = Terminal()
    progress = on_terminal(terminal)
    progress.stage("issuing", 3)
    progress.advance()
    progress.fail()
    assert terminal.shown() == "\x1b[K"
    progress.advance()
    assert " 2/3 " in terminal.shown()


def test_a_pipe_carries_nothing_and_a_terminal_does() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as pipe, os.fdopen(reading) as other_end:
        progress = on_terminal(pipe)
        progress.stage("issuing", 2)
        progress.advance()
        progress.end()
        pipe.close()
        assert other_end.read() == ""
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "w") as terminal:
        progress = on_terminal(terminal)
        progress.stage("issuing", 2)
        progress.advance()
        progress.end()
        assert "1/2" in os.read(ours, 4096).decode()
    os.close(ours)
