"""Training in epochs, with checkpoints to go on from: python train_epochs.py --epochs 20.

The same file runs at home and in Colab, with PyTorch where that is installed, else scikit-learn. A
checkpoint is written after every epoch; when training starts again it goes on from the newest one,
which in a new Colab runtime comes from Drive.
"""

from __future__ import annotations

import argparse
import math
import pickle
import re
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from features import Message, load_messages, split, tokens

try:
    import drive_sync_colab as colab  # there after the notebook's first cell in Colab, only
except ImportError:
    colab = None

HERE = Path(__file__).resolve().parent
BUCKETS = 4096


class Learner(Protocol):
    """A model that learns in epochs."""

    name: str
    ending: str

    def learn(self, messages: list[Message], epoch: int) -> float:
        """Go through the messages once; return the loss."""

    def predict(self, texts: list[str]) -> list[str]:
        """Return a label for each text."""

    def save(self, path: Path, epoch: int) -> None:
        """Write everything that is needed to go on."""

    def load(self, path: Path) -> int:
        """Go on from what was saved; return its epoch."""


def make_learner(seed: int = 1) -> Learner:
    """Return the best learner that is installed here.

    Raises
    ------
    SystemExit
        None is; says what to install.
    """
    if find_spec("torch"):
        return TorchLearner(seed)
    if find_spec("sklearn"):
        return SklearnLearner(seed)
    raise SystemExit(
        "This training needs PyTorch or scikit-learn, and neither is installed here: "
        "pip install scikit-learn. (train.py needs nothing.)"
    )


class TorchLearner:
    """A small network on hashed words."""

    name = "PyTorch"
    ending = ".pt"

    def __init__(self, seed: int) -> None:
        import torch  # noqa: PLC0415 - only where it is installed

        self.torch = torch
        torch.manual_seed(seed)
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.model = torch.nn.Sequential(
            torch.nn.EmbeddingBag(BUCKETS, 32, mode="mean"),
            torch.nn.ReLU(),
            torch.nn.Linear(32, 1),
        ).to(self.device)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=0.01)

    def _numbers(self, texts: list[str]) -> tuple[Any, Any]:
        """Return the words' buckets in one row, and where each text begins in it."""
        rows = [[bucket(word) for word in tokens(text)] or [0] for text in texts]
        starts = [0]
        for row in rows[:-1]:
            starts.append(starts[-1] + len(row))
        flat = [number for row in rows for number in row]
        return (
            self.torch.tensor(flat, device=self.device),
            self.torch.tensor(starts, device=self.device),
        )

    def learn(self, messages: list[Message], epoch: int) -> float:
        """Go through the messages in batches of 32."""
        order = self.torch.randperm(
            len(messages), generator=self.torch.Generator().manual_seed(epoch)
        ).tolist()
        total = 0.0
        self.model.train()
        for start in range(0, len(order), 32):
            batch = [messages[at] for at in order[start : start + 32]]
            wanted = self.torch.tensor(
                [[float(one.label == "spam")] for one in batch], device=self.device
            )
            given = self.model[0](*self._numbers([one.text for one in batch]))
            loss = self.torch.nn.functional.binary_cross_entropy_with_logits(
                self.model[1:](given), wanted
            )
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            total += loss.item() * len(batch)
        return total / len(messages)

    def predict(self, texts: list[str]) -> list[str]:
        """Call spam what is likelier than not."""
        self.model.eval()
        with self.torch.no_grad():
            scores = self.model[1:](self.model[0](*self._numbers(texts))).flatten().tolist()
        return ["spam" if score > 0 else "ham" for score in scores]

    def save(self, path: Path, epoch: int) -> None:
        """Write model and optimizer."""
        state = {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict()}
        write_at_once(path, lambda place: self.torch.save({**state, "epoch": epoch}, place))

    def load(self, path: Path) -> int:
        """Read model and optimizer."""
        state = self.torch.load(path, map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        return int(state["epoch"])


class SklearnLearner:
    """A linear model on hashed words."""

    name = "scikit-learn"
    ending = ".pkl"

    def __init__(self, seed: int) -> None:
        from sklearn.feature_extraction.text import HashingVectorizer  # noqa: PLC0415
        from sklearn.linear_model import SGDClassifier  # noqa: PLC0415

        self.words = HashingVectorizer(n_features=BUCKETS, analyzer=tokens)
        self.model = SGDClassifier(loss="log_loss", random_state=seed)

    def learn(self, messages: list[Message], epoch: int) -> float:
        """Go through all messages once."""
        table = self.words.transform([one.text for one in messages])
        labels = [one.label for one in messages]
        self.model.partial_fit(table, labels, classes=["ham", "spam"])
        likely = self.model.predict_proba(table)
        right = (row[int(label == "spam")] for row, label in zip(likely, labels, strict=True))
        return sum(-math.log(max(float(one), 1e-9)) for one in right) / len(labels)

    def predict(self, texts: list[str]) -> list[str]:
        """Return the likelier label of each."""
        return [str(label) for label in self.model.predict(self.words.transform(texts))]

    def save(self, path: Path, epoch: int) -> None:
        """Write the model."""
        content = pickle.dumps({"model": self.model, "epoch": epoch})
        write_at_once(path, lambda place: place.write_bytes(content))

    def load(self, path: Path) -> int:
        """Read the model; only ever from checkpoints of your own, as with every pickle."""
        state = pickle.loads(path.read_bytes())
        self.model = state["model"]
        return int(state["epoch"])


def bucket(word: str) -> int:
    """Return a word's number, the same in every run."""
    number = 0
    for character in word:
        number = (number * 31 + ord(character)) % 2**32
    return number % BUCKETS


def write_at_once(path: Path, write: Callable[[Path], object]) -> None:
    """Write beside, then rename: nobody ever sees half a checkpoint."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".tmp-{path.name}")
    write(beside)
    beside.replace(path)


def newest_checkpoint(folder: Path, ending: str) -> Path | None:
    """Return where to go on from: in Colab the newest on Drive, else the newest here."""
    if colab is not None:
        try:
            found = colab.restore()
        except colab.CompanionError as error:
            print(error)
        else:
            if found is not None and found.suffix == ending:
                return found
    numbered = {
        int(match[1]): path
        for path in folder.glob(f"epoch-*{ending}")
        if (match := re.fullmatch(r"epoch-(\d+)", path.stem))
    }
    return numbered[max(numbered)] if numbered else None


def hand_in(path: Path, epoch: int, metrics: dict[str, float]) -> None:
    """In Colab, let the guard bring a checkpoint to Drive while training goes on."""
    if colab is not None:
        try:
            colab.checkpoint(path, step=epoch, metrics=metrics, wait=False)
        except colab.CompanionError as error:
            print(error)


def train(
    epochs: int = 20,
    data: Path = HERE / "data" / "messages.csv",
    folder: Path = HERE / "checkpoints",
    pause: float = 0.0,
) -> Learner:
    """Train up to an epoch, from the newest checkpoint on; return the model."""
    learner = make_learner()
    learned, held_back = split(load_messages(data))
    first = 1
    checkpoint = newest_checkpoint(folder, learner.ending)
    if checkpoint is not None:
        first = learner.load(checkpoint) + 1
        print(f"{learner.name}: going on after epoch {first - 1}, from {checkpoint.name}")
    else:
        print(f"{learner.name}: from the beginning")
    for epoch in range(first, epochs + 1):
        loss = learner.learn(learned, epoch)
        guesses = learner.predict([one.text for one in held_back])
        right = sum(guess == one.label for guess, one in zip(guesses, held_back, strict=True))
        metrics = {"loss": round(loss, 4), "accuracy": round(right / len(held_back), 4)}
        path = folder / f"epoch-{epoch}{learner.ending}"
        learner.save(path, epoch)
        hand_in(path, epoch, metrics)
        print(f"epoch {epoch:>3}  loss {metrics['loss']:.4f}  accuracy {metrics['accuracy']:.1%}")
        time.sleep(pause)
    return learner


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description="Train the spam filter in epochs.")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--data", type=Path, default=HERE / "data" / "messages.csv")
    parser.add_argument("--checkpoints", type=Path, default=HERE / "checkpoints")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds after each epoch")
    options = parser.parse_args()
    train(options.epochs, options.data, options.checkpoints, options.pause)


if __name__ == "__main__":
    sys.exit(main())
