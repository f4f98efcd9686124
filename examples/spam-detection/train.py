"""The training of train.ipynb as a script: python train.py."""

from __future__ import annotations

import argparse
from pathlib import Path

from classifier import NaiveBayes, evaluate
from features import load_messages, split

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Train, evaluate, save."""
    parser = argparse.ArgumentParser(description="Train the spam filter.")
    parser.add_argument("--data", type=Path, default=HERE / "data" / "messages.csv")
    parser.add_argument("--model", type=Path, default=HERE / "models" / "spam.json")
    parser.add_argument("--smoothing", type=float, default=1.0)
    options = parser.parse_args()

    train, test = split(load_messages(options.data))
    model = NaiveBayes(smoothing=options.smoothing)
    model.learn(train)
    model.save(options.model)
    print(f"{len(train)} messages learnt, {len(test)} kept for the test")
    print(evaluate(model, test))
    print(f"model in {options.model}")


if __name__ == "__main__":
    main()
