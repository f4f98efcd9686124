"""A naive Bayes classifier for short texts, in the standard library only."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from features import Message, tokens


@dataclass
class NaiveBayes:
    """Counts words by label and weighs a new text by them.

    ``smoothing`` is added to every count, so that a word never seen under a label makes that
    label unlikely and not impossible.
    """

    smoothing: float = 1.0
    messages: Counter[str] = field(default_factory=Counter)
    words: dict[str, Counter[str]] = field(default_factory=dict)

    def learn(self, batch: Iterable[Message]) -> None:
        """Take in more messages. May be called again and again."""
        for message in batch:
            self.messages[message.label] += 1
            self.words.setdefault(message.label, Counter()).update(tokens(message.text))

    def log_odds(self, text: str) -> dict[str, float]:
        """Return a score for each label; the greatest is the likeliest."""
        vocabulary = len(set().union(*self.words.values())) or 1
        total = sum(self.messages.values())
        scores = {}
        for label, counts in self.words.items():
            size = sum(counts.values()) + self.smoothing * vocabulary
            scores[label] = math.log(self.messages[label] / total) + sum(
                math.log((counts[word] + self.smoothing) / size) for word in tokens(text)
            )
        return scores

    def predict(self, text: str) -> str:
        """Return the likeliest label."""
        scores = self.log_odds(text)
        return max(scores, key=lambda label: scores[label])

    def telling_words(self, label: str, other: str, count: int = 10) -> list[tuple[str, float]]:
        """Return the words that speak for ``label`` most, with how many times likelier."""
        mine, theirs = self.words[label], self.words[other]
        mine_size, theirs_size = sum(mine.values()), sum(theirs.values())
        weight = {
            word: ((mine[word] + self.smoothing) / mine_size)
            / ((theirs[word] + self.smoothing) / theirs_size)
            for word in mine
        }
        return sorted(weight.items(), key=lambda item: (-item[1], item[0]))[:count]

    def save(self, path: Path) -> None:
        """Write the model as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        model = {
            "smoothing": self.smoothing,
            "messages": dict(sorted(self.messages.items())),
            "words": {label: dict(sorted(counts.items())) for label, counts in self.words.items()},
        }
        path.write_text(json.dumps(model, indent=1, sort_keys=True) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> NaiveBayes:
        """Read a model that ``save`` has written."""
        model = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            smoothing=model["smoothing"],
            messages=Counter(model["messages"]),
            words={label: Counter(counts) for label, counts in model["words"].items()},
        )


@dataclass(frozen=True)
class Report:
    """How well a model did on messages it had not seen; "found" means called spam."""

    right_spam: int
    right_ham: int
    false_alarms: int
    missed: int

    @property
    def accuracy(self) -> float:
        """Share of the messages that got the right label."""
        right = self.right_spam + self.right_ham
        return right / (right + self.false_alarms + self.missed)

    @property
    def precision(self) -> float:
        """Share of true spam in what was called spam."""
        found = self.right_spam + self.false_alarms
        return self.right_spam / found if found else 1.0

    @property
    def recall(self) -> float:
        """Share of the spam that was found."""
        spam = self.right_spam + self.missed
        return self.right_spam / spam if spam else 1.0

    def __str__(self) -> str:
        """One line for people."""
        return (
            f"accuracy {self.accuracy:.1%}, precision {self.precision:.1%}, "
            f"recall {self.recall:.1%} ({self.false_alarms} false alarms, {self.missed} missed)"
        )


def evaluate(model: NaiveBayes, messages: list[Message]) -> Report:
    """Let the model label messages and count how it did."""
    pairs = Counter((message.label, model.predict(message.text)) for message in messages)
    return Report(
        right_spam=pairs["spam", "spam"],
        right_ham=pairs["ham", "ham"],
        false_alarms=pairs["ham", "spam"],
        missed=pairs["spam", "ham"],
    )
