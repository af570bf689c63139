"""The one form of a registration rule: number, sentence in two languages, source, predicate.

A rule sees only frozen facts, never a model or a clock. `require` reports every broken rule at
once, so that an applicant sees every reason.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

FactsT_contra = TypeVar("FactsT_contra", contravariant=True)


class NumberedRule(Protocol):
    """What a reader of a refusal needs of a rule, whatever facts it judges."""

    @property
    def number(self) -> str:
        """The rule's public number, e.g. REG-4."""
        ...

    @property
    def source(self) -> str:
        """The article that demands it."""
        ...

    def sentence(self, language: str) -> str:
        """Return what must hold, in Chinese for a code that begins with zh, else in English."""
        ...


@dataclass(frozen=True, slots=True)
class Rule(Generic[FactsT_contra]):
    """A predicate over facts with its public number, sentences and source."""

    number: str
    sentence_en: str
    sentence_zh: str
    source: str
    holds: Callable[[FactsT_contra], bool]

    def sentence(self, language: str) -> str:
        """Return what must hold, in Chinese for a code that begins with zh, else in English."""
        return self.sentence_zh if language.startswith("zh") else self.sentence_en


class RulesBrokenError(Exception):
    """An act was refused; ``rules`` holds every rule that does not hold, in order of number."""

    def __init__(self, rules: Iterable[NumberedRule]) -> None:
        self.rules = tuple(rules)
        super().__init__("; ".join(f"{rule.number}: {rule.sentence('en')}" for rule in self.rules))


def rule(
    number: str, *, source: str, zh: str
) -> Callable[[Callable[[FactsT_contra], bool]], Rule[FactsT_contra]]:
    """Turn a predicate into a `Rule`; its docstring's first line is the English sentence.

    Raises:
        ValueError: the predicate has no docstring.
    """

    def build(holds: Callable[[FactsT_contra], bool]) -> Rule[FactsT_contra]:
        sentence = (holds.__doc__ or "").strip().partition("\n")[0]
        if not sentence:
            raise ValueError(f"rule {number} has no sentence")
        return Rule(number, sentence, zh, source, holds)

    return build


def broken(
    rules: Iterable[Rule[FactsT_contra]], facts: FactsT_contra
) -> tuple[Rule[FactsT_contra], ...]:
    """Return every rule that does not hold for ``facts``."""
    return tuple(rule for rule in rules if not rule.holds(facts))


def require(rules: Iterable[Rule[FactsT_contra]], facts: FactsT_contra) -> None:
    """Check every rule.

    Raises:
        RulesBrokenError: names every rule that does not hold.
    """
    if found := broken(rules, facts):
        raise RulesBrokenError(found)
