"""Callbacks that hand checkpoints to the guard, for three frameworks.

Each is made by a function that imports its framework when it is called, so none has to be there.
The guard finds the checkpoints of all three by itself as well; a callback adds what only the
training knows: step, metrics, and the moment at which a file is complete. No error of theirs ends a
training: it is printed, once.
"""

# ruff: noqa: ANN401 - what the frameworks hand over has types of theirs, and they may not be here

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from . import checkpoints

_POINT_EVERY = 2.0
"""Seconds: `checkpoints.log` leaves out what comes faster."""


def LightningCheckpoint(protect: bool = True) -> Any:  # noqa: N802 - used like a class
    """Return a callback for PyTorch Lightning that hands in what its ModelCheckpoints save.

    >>> trainer = Trainer(callbacks=[ModelCheckpoint(...), LightningCheckpoint()])  # doctest: +SKIP

    Parameters
    ----------
    protect : bool
        Also protect the folders of the checkpoints.

    Raises
    ------
    ImportError
        Lightning is not installed.
    """
    base = _first(
        ["lightning.pytorch.callbacks", "pytorch_lightning.callbacks"], "Callback", "lightning"
    )

    class Handed(base):  # type: ignore[misc, valid-type]
        """Looks after each step what the checkpoint callbacks have saved since the last look."""

        def __init__(self) -> None:
            super().__init__()
            self._desk = _Desk()
            self._handed: set[tuple[str, int]] = set()

        def setup(self, trainer: Any, *_: Any, **__: Any) -> None:
            with self._desk.carefully("The checkpoints' folders are not protected"):
                folders = [one.dirpath for one in trainer.checkpoint_callbacks if one.dirpath]
                if protect and folders and trainer.is_global_zero:
                    checkpoints.protect(*folders)

        def on_train_batch_end(self, trainer: Any, *_: Any, **__: Any) -> None:
            self._look(trainer)

        def on_validation_end(self, trainer: Any, *_: Any) -> None:
            self._look(trainer)

        def on_train_end(self, trainer: Any, *_: Any) -> None:
            self._look(trainer)

        def teardown(self, trainer: Any, *_: Any, **__: Any) -> None:
            self._look(trainer)

        def _look(self, trainer: Any) -> None:
            with self._desk.carefully("New checkpoints could not be looked for"):
                if not trainer.is_global_zero:
                    return
                # Each may wait for a GPU, so they are asked for where they are wanted alone.
                metrics = cache(lambda: _numbers(trainer.callback_metrics))
                if self._desk.is_point_due() and metrics():
                    self._desk.log(trainer.global_step, metrics())
                for one in trainer.checkpoint_callbacks:
                    saved = [*getattr(one, "best_k_models", {}), one.last_model_path]
                    for path in filter(None, dict.fromkeys(saved)):
                        self._hand_in(Path(path), trainer.global_step, metrics)

        def _hand_in(
            self, path: Path, step: float, metrics: Callable[[], Mapping[str, float]]
        ) -> None:
            try:
                version = (str(path), path.stat().st_mtime_ns)
            except OSError:
                return  # not saved yet, or replaced by a better one
            if version not in self._handed:
                self._handed.add(version)
                self._desk.hand_in(path, step, metrics())

    return Handed()


def KerasCheckpoint(  # noqa: N802 - used like a class
    path: str = "checkpoints/epoch-{epoch}.keras", every: int = 1
) -> Any:
    """Return a callback for Keras that saves the whole model and hands it in.

    >>> model.fit(data, callbacks=[KerasCheckpoint("checkpoints/{epoch}.keras")])  # doctest: +SKIP

    Parameters
    ----------
    path : str
        Where to save; ``{epoch}`` and the names of metrics are filled in.
    every : int
        Save after so many epochs.

    Raises
    ------
    ImportError
        Keras is not installed.
    """
    base = _first(["keras.callbacks", "tensorflow.keras.callbacks"], "Callback", "keras")

    class Saved(base):  # type: ignore[misc, valid-type]
        """Saves at the end of an epoch."""

        def __init__(self) -> None:
            super().__init__()
            self._desk = _Desk()

        def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
            with self._desk.carefully("The model is not saved"):
                metrics = _numbers(logs or {})
                self._desk.log(epoch + 1, metrics)
                if int(epoch + 1) % every == 0:
                    place = Path(path.format(**{**metrics, "epoch": epoch + 1}))
                    place.parent.mkdir(parents=True, exist_ok=True)
                    self.model.save(place)
                    self._desk.hand_in(place, epoch + 1, metrics)

    return Saved()


def TransformersCheckpoint() -> Any:  # noqa: N802 - used like a class
    """Return a callback for transformers' Trainer that hands in what it saves.

    >>> trainer = Trainer(..., callbacks=[TransformersCheckpoint()])  # doctest: +SKIP

    Raises
    ------
    ImportError
        transformers is not installed.
    """
    base = _first(["transformers"], "TrainerCallback", "transformers")

    class Handed(base):  # type: ignore[misc, valid-type]
        """Hands in ``checkpoint-<step>/`` when it is complete."""

        def __init__(self) -> None:
            super().__init__()
            self._desk = _Desk()

        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            with self._desk.carefully("The checkpoint is not handed in"):
                if state.is_world_process_zero:
                    metrics: dict[str, float] = {}
                    for line in state.log_history:
                        metrics.update(_numbers(line))
                    folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
                    self._desk.hand_in(folder, state.global_step, metrics)

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            with self._desk.carefully("Metrics are not shown at home"):
                if state.is_world_process_zero and logs:
                    self._desk.log(state.global_step, _numbers(logs))

    return Handed()


def _first(modules: list[str], name: str, package: str) -> Any:
    """Return what is called `name` in the first of these modules that is there."""
    for module in modules:
        try:
            return getattr(import_module(module), name)
        except ModuleNotFoundError as error:  # noqa: PERF203 - the next one may be there
            if error.name is None or not module.startswith(error.name.split(".")[0]):
                raise
    raise ImportError(
        f"This callback needs {package}, which is not installed in this runtime: "
        f"pip install {package}. checkpoint(path) works with any framework."
    )


def _numbers(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Return what is a number among metrics; a tensor of several elements raises its own errors."""
    from .guard.given import as_metrics

    numbers: dict[str, float] = {}
    for name, value in metrics.items():
        try:
            numbers |= as_metrics({name: value}) or {}
        except Exception:  # noqa: PERF203, S112 - any error of a framework's: it is no number
            continue
    return numbers


class _Desk:
    """What a callback hands in to: whatever comes of it, the training goes on."""

    def __init__(self) -> None:
        self._said: set[str] = set()
        self._next_point = -math.inf

    @contextmanager
    def carefully(self, failure: str) -> Iterator[None]:
        """Print an error after the words that say what it means, if it was not printed before."""
        try:
            yield
        except Exception as error:  # whatever it is, hours of training are worth more
            why = str(error) or repr(error)
            if why not in self._said:
                self._said.add(why)
                print(f"{failure}: {why}")  # noqa: T201

    def hand_in(self, path: Path, step: float, metrics: Mapping[str, float]) -> None:
        """Hand a checkpoint in: the training waits for the guard's own copy, not for Drive."""
        with self.carefully(f"{path.name} is not handed in"):
            checkpoints.checkpoint(path, step=_whole(step), metrics=metrics, wait=False)

    def is_point_due(self) -> bool:
        """Say whether a point of the curve would be taken now; then none is for a while."""
        now = time.monotonic()
        if now < self._next_point:
            return False
        self._next_point = now + _POINT_EVERY
        return True

    def log(self, step: float, metrics: Mapping[str, float]) -> None:
        """Show metrics in the pulse."""
        with self.carefully(f"Metrics of step {step} are not shown at home"):
            whole = _whole(step)
            if whole is not None:
                checkpoints.log(whole, metrics)


def _whole(step: Any) -> int | None:
    """Return the step that was completed, where a framework counts in parts of epochs."""
    number = float(step)
    return math.floor(number) if math.isfinite(number) else None
