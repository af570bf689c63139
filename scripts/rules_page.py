#!/usr/bin/env -S .venv/bin/python
"""Print docs/rules.md: every rule and act of title, the matrix of article 21, a case's steps.

Run by hand after a rule has changed; tests/architecture/test_docs.py fails until it is done:

    scripts/rules_page.py > docs/rules.md
"""

import importlib
import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import django

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.utils import translation  # noqa: E402 # what follows needs Django set up

from filings.workflow import TRANSITIONS, State  # noqa: E402
from primitives.rules import Rule  # noqa: E402
from registry.kinds import Situation  # noqa: E402
from rights.acts import ACTS  # noqa: E402
from rights.facts import common_rules  # noqa: E402
from rights.kinds import RightKind  # noqa: E402
from rights.matrix import MATRIX, SITUATIONS  # noqa: E402
from rights.remarks import BODIES  # noqa: E402

DEFINES_A_RULE = re.compile(r"^@rule\(", re.MULTILINE)

HEAD = """# Rules

Generated from the code by `scripts/rules_page.py`; do not edit.

A refusal names every rule that does not hold: its number, its sentence in the reader's language and
its source. *NDA35* is 《数据产权登记工作指引（试行）》, 国数综政策〔2026〕35号, the working
guidelines of the National Data Administration on the registration of data property rights; *DSL*
is the Data Security Law, *PIPL* the Personal Information Protection Law, *NETREG* the regulations
of 2024 on network data security, *BJ20* Beijing's opinions of 2023 on data as a factor of
production, which want someone responsible at every stage;
*民诉法解释* and *查扣冻规定* are the Supreme People's Court's interpretation of the Civil Procedure
Law (2022) and its rules on sealing-up, distrainment and freezing (2020); *invariant* refers to
[architecture.md](architecture.md#what-must-hold). A number is never used again for another rule.
Each rule is tested under its number: REG-4 by the tests whose names begin with `test_reg_4_`."""


def page() -> str:
    """Return the page's text."""
    with translation.override("en"):
        return "\n".join([HEAD, *_rules(), *_acts(), *_remarks(), *_matrix(), *_steps()]) + "\n"


def rules() -> list[tuple[str, Rule[Any]]]:
    """Return every rule with the path of its module, by family and number."""
    found = []
    for path in sorted(ROOT.glob("[a-z]*/*.py")):
        if DEFINES_A_RULE.search(path.read_text("utf-8")):
            module = importlib.import_module(f"{path.parent.name}.{path.stem}")
            found += [
                (f"{path.parent.name}/{path.name}", value)
                for value in vars(module).values()
                if isinstance(value, Rule) and value.holds.__module__ == module.__name__
            ]
    return sorted(found, key=lambda pair: _place(pair[1].number))


def _place(number: str) -> tuple[str, int]:
    family, _, serial = number.partition("-")
    return family, int(serial)


def _rules() -> Iterator[str]:
    family = ""
    for path, rule in rules():
        if _place(rule.number)[0] != family:
            family = _place(rule.number)[0]
            yield f"\n## {family}: `{path}`\n"
            yield from _table(("Number", "What must hold", "须满足", "Source"), ())
        yield _row((rule.number, rule.sentence_en, rule.sentence_zh, rule.source))


def _acts() -> Iterator[str]:
    yield "\n## The acts of title: `rights/acts.py`\n"
    yield "What an entry's `asked` holds, and which rules judge it; what must hold at the end (TIT)"
    yield "binds every dealing. *Consent*: a pledgee with a no-disposal covenant must agree.\n"
    yield from _table(
        ("Act", "Asked", "Rules", "Consent", "Barred by a freeze", "Source"),
        (
            (
                f"`{act.name}`",
                _members(act.request),
                ", ".join(rule.number for rule in (*common_rules(act), *act.rules)),
                "yes" if act.disposes else "no",
                "yes" if act.is_barred else "no",
                act.article,
            )
            for act in ACTS
        ),
    )


def _remarks() -> Iterator[str]:
    yield "\n## What can be recorded: `rights/remarks.py`\n"
    yield from _table(
        ("Kind", "Code", "Members of its body"),
        ((kind.label, f"`{kind.value}`", _members(body)) for kind, body in BODIES.items()),
    )


def _members(shape: type[Any]) -> str:
    return ", ".join(f"`{field.name}`" for field in fields(shape))


def _matrix() -> Iterator[str]:
    yield "\n## The matrix of article 21: `rights/initial_registration.py`\n"
    yield "What may be registered at most; contract and consent narrow it further (REG-4, REG-5).\n"
    yield from _table(
        ("Situation", "Code", *RightKind.values, "Sources of data"),
        (
            (
                situation.label,
                f"`{situation}`",
                *("yes" if kind in MATRIX[situation] else "no" for kind in RightKind),
                ", ".join(kind.value for kind, fits in SITUATIONS.items() if situation in fits),
            )
            for situation in Situation
        ),
    )


def _steps() -> Iterator[str]:
    yield "\n## The steps of a case: `filings/workflow.py`\n"
    yield from _table(
        ("Step", "From", "To", "By", "Ground", "Source"),
        (
            (
                action.label,
                "; ".join(str(state.label) for state in State if state in step.sources),
                step.target.label if step.target else "where it is",
                ", ".join(sorted(str(role.label) for role in step.roles)) or "nobody",
                "written" if step.needs_note else "",
                step.article,
            )
            for action, step in TRANSITIONS.items()
        ),
    )


def _table(head: Iterable[object], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    head = list(head)
    yield _row(head)
    yield _row("---" for _ in head)
    yield from map(_row, rows)


def _row(cells: Iterable[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    sys.stdout.write(page())
