"""Callbacks that hand checkpoints to the guard, for three frameworks.

Each is made by a function that imports its framework when it is called, so none has to be there.
The guard finds the checkpoints of all three by itself as well; a callback adds what only the
training knows: step, metrics, and the moment at which a file is complete.
"""

# ruff: noqa: ANN401 - what the frameworks hand over has types of theirs, and they may not be here

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from . import checkpoints
from .errors import CompanionError


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
            self._handed: set[tuple[str, int]] = set()

        def setup(self, trainer: Any, *_: Any, **__: Any) -> None:
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
            if not trainer.is_global_zero:
                return
            metrics = _numbers(trainer.callback_metrics)
            if metrics:
                _log(trainer.global_step, metrics)
            for one in trainer.checkpoint_callbacks:
                saved = [*getattr(one, "best_k_models", {}), one.last_model_path]
                for path in filter(None, dict.fromkeys(saved)):
                    self._hand_in(Path(path), trainer.global_step, metrics)

        def _hand_in(self, path: Path, step: int, metrics: Mapping[str, float]) -> None:
            try:
                version = (str(path), path.stat().st_mtime_ns)
            except OSError:
                return  # not saved yet, or replaced by a better one
            if version not in self._handed:
                self._handed.add(version)
                _hand_in(path, step, metrics)

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

        def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
            metrics = _numbers(logs or {})
            _log(epoch + 1, metrics)
            if (epoch + 1) % every == 0:
                place = Path(path.format(**{**metrics, "epoch": epoch + 1}))
                place.parent.mkdir(parents=True, exist_ok=True)
                self.model.save(place)
                _hand_in(place, epoch + 1, metrics)

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

        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if state.is_world_process_zero:
                metrics: dict[str, float] = {}
                for line in state.log_history:
                    metrics.update(_numbers(line))
                folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
                _hand_in(folder, state.global_step, metrics)

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            if state.is_world_process_zero and logs:
                _log(state.global_step, _numbers(logs))

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
    from .guard.spool import as_metrics

    numbers: dict[str, float] = {}
    for name, value in metrics.items():
        try:
            numbers |= as_metrics({name: value}) or {}
        except Exception:  # noqa: PERF203, S112 - any error of a framework's: it is no number
            continue
    return numbers


def _hand_in(path: Path, step: int, metrics: Mapping[str, float]) -> None:
    """Hand a checkpoint in without holding up the training, which goes on whatever comes of it."""
    try:
        checkpoints.checkpoint(path, step=step, metrics=metrics, wait=False)
    except (CompanionError, OSError) as error:
        print(f"{path.name} is not handed in: {error}")  # noqa: T201


def _log(step: int, metrics: Mapping[str, float]) -> None:
    """Show metrics in the pulse; the training goes on where that is not possible."""
    try:
        checkpoints.log(step, metrics)
    except (CompanionError, OSError) as error:
        print(f"Metrics of step {step} are not shown at home: {error}")  # noqa: T201
