"""The callbacks hand in what the frameworks save, and need none of them to be there.

The frameworks are played by small modules with base classes of the same shape.
"""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest

from jupyter_drive_sync.companion.drive_sync_colab import callbacks, checkpoints

from .checkpoint_files import safetensors_bytes, write_at_once, zip_bytes
from .guard_support import wait_for


class Number:
    """A metric as the frameworks have them: something that can be a float."""

    def __init__(self, value: float) -> None:
        self.value = value

    def __float__(self) -> float:
        return self.value


class Tensor:
    """A metric of several elements, which is no number."""

    def __float__(self) -> float:
        raise RuntimeError("a Tensor with 2 elements cannot be converted to Scalar")


class Callback:
    """Base of the callbacks of Lightning and Keras: hooks that take anything."""

    def __init__(self) -> None:
        self.was_made = True


class TrainerCallback:
    """Base of those of transformers."""


@pytest.fixture
def frameworks(monkeypatch):
    for name, member in {
        "lightning": None,
        "lightning.pytorch": None,
        "lightning.pytorch.callbacks": Callback,
        "keras": None,
        "keras.callbacks": Callback,
        "transformers": TrainerCallback,
    }.items():
        module = ModuleType(name)
        module.__path__ = []  # type: ignore[attr-defined]
        if member is not None:
            setattr(module, member.__name__, member)
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(checkpoints, "_last_logged", -1e9)


def metrics_of(runtime) -> dict:
    return {line.step: line.metrics for line in runtime.check_listed().values()}


@pytest.mark.parametrize(
    ("make", "package"),
    [
        (callbacks.LightningCheckpoint, "lightning"),
        (callbacks.KerasCheckpoint, "keras"),
        (callbacks.TransformersCheckpoint, "transformers"),
    ],
)
def test_without_its_framework_a_callback_says_what_is_missing(make, package):
    with pytest.raises(ImportError, match=rf"needs {package}.*checkpoint\(path\) works"):
        make()


def test_lightning_hands_in_each_new_checkpoint_once(runtime, frameworks):
    runtime.start(outputs=[], keep=0)
    folder = runtime.project / "lightning"
    saver = SimpleNamespace(dirpath=str(folder), best_k_models={}, last_model_path="")
    trainer = SimpleNamespace(
        checkpoint_callbacks=[saver],
        is_global_zero=True,
        global_step=10,
        callback_metrics={"val_loss": Number(0.5), "name": "text", "each": Tensor()},
    )
    callback = callbacks.LightningCheckpoint()
    assert callback.was_made
    callback.setup(trainer, None, stage="fit")

    first = write_at_once(folder / "epoch=0.ckpt", zip_bytes(2_000))
    saver.best_k_models[str(first)] = Number(0.5)
    callback.on_validation_end(trainer, None)
    callback.on_train_batch_end(trainer, None, None, None, 1)
    trainer.global_step = 20
    second = write_at_once(folder / "last.ckpt", zip_bytes(2_000))
    saver.last_model_path = str(second)
    callback.teardown(trainer, None, stage="fit")

    wait_for(lambda: len(runtime.listed()) == 2)
    assert metrics_of(runtime) == {10: {"val_loss": 0.5}, 20: {"val_loss": 0.5}}
    assert "lightning" in str(checkpoints.connected()[1].outputs)


def test_lightning_reads_metrics_only_for_a_point_that_is_due_or_a_new_checkpoint(
    runtime, frameworks, monkeypatch
):
    runtime.start(outputs=[], keep=0)
    asked: list[float] = []

    class Gpu(Number):
        def __float__(self) -> float:
            asked.append(self.value)
            return self.value

    now = [1000.0]
    monkeypatch.setattr(callbacks, "time", SimpleNamespace(monotonic=lambda: now[0]))
    saver = SimpleNamespace(dirpath="", best_k_models={}, last_model_path="")
    trainer = SimpleNamespace(
        checkpoint_callbacks=[saver],
        is_global_zero=True,
        global_step=10,
        callback_metrics={"loss": Gpu(0.5)},
    )
    callback = callbacks.LightningCheckpoint()
    for _ in range(100):
        callback.on_train_batch_end(trainer, None, None, None, 1)
        now[0] += 0.01
    assert len(asked) == 1
    now[0] += 2.0
    callback.on_train_batch_end(trainer, None, None, None, 1)
    assert len(asked) == 2
    saver.last_model_path = str(write_at_once(runtime.project / "last.ckpt", zip_bytes(2_000)))
    callback.on_train_batch_end(trainer, None, None, None, 1)
    callback.on_train_batch_end(trainer, None, None, None, 1)
    assert len(asked) == 3
    wait_for(lambda: metrics_of(runtime) == {10: {"loss": 0.5}})


def test_keras_saves_and_hands_in(runtime, frameworks, monkeypatch):
    runtime.start(outputs=[])
    monkeypatch.chdir(runtime.project)
    callback = callbacks.KerasCheckpoint("out/{epoch}-{loss:.2f}.keras", every=2)
    callback.model = SimpleNamespace(save=lambda path: path.write_bytes(zip_bytes(2_000)))
    for epoch in range(4):
        callback.on_epoch_end(epoch, {"loss": Number(1 / (epoch + 1))})

    wait_for(lambda: len(runtime.listed()) == 2)
    assert runtime.listed_paths() == {"out/2-0.50.keras", "out/4-0.25.keras"}
    assert metrics_of(runtime) == {2: {"loss": 0.5}, 4: {"loss": 0.25}}


def test_transformers_hands_in_the_whole_folder(runtime, frameworks):
    runtime.start(outputs=[])
    folder = runtime.project / "out" / "checkpoint-50"
    write_at_once(folder / "model.safetensors", safetensors_bytes(2_000))
    write_at_once(folder / "trainer_state.json", b"{}")
    callback = callbacks.TransformersCheckpoint()
    args = SimpleNamespace(output_dir=str(runtime.project / "out"))
    state = SimpleNamespace(
        is_world_process_zero=True,
        global_step=50,
        log_history=[{"loss": 0.9, "step": 25}, {"loss": 0.4, "epoch": 1.0}],
    )
    callback.on_log(args, state, None, logs={"loss": 0.4})
    callback.on_save(args, state, None)

    wait_for(lambda: len(runtime.listed()) == 2)
    lines = runtime.check_listed().values()
    assert {line.group for line in lines} == {"out/checkpoint-50"}
    assert {line.step for line in lines} == {50}
    assert all(line.metrics and line.metrics["loss"] == 0.4 for line in lines)


def test_what_cannot_be_handed_in_is_said_and_training_goes_on(runtime, frameworks, capsys):
    runtime.start(outputs=[])
    callback = callbacks.KerasCheckpoint(str(runtime.project / "torn.keras"))
    callback.model = SimpleNamespace(save=lambda path: path.write_bytes(zip_bytes(500)[:-3]))

    callback.on_epoch_end(0, None)

    assert "torn.keras is not whole" in capsys.readouterr().out
    runtime.folder.settings.unlink()
    callback.on_epoch_end(1, {"loss": 0.5})
    assert "first cell" in capsys.readouterr().out


def trainings(runtime):
    """Yield each callback with a training of its framework's shape that calls all its hooks."""
    folder = runtime.project / "out"
    saver = SimpleNamespace(
        dirpath=str(folder), best_k_models={}, last_model_path=str(folder / "a.ckpt")
    )
    trainer = SimpleNamespace(
        checkpoint_callbacks=[saver],
        is_global_zero=True,
        global_step=10,
        callback_metrics={"loss": Number(0.5)},
    )
    lightning = callbacks.LightningCheckpoint()

    def fit(step: float) -> None:
        trainer.global_step = step
        lightning.setup(trainer, None, stage="fit")
        lightning.on_train_batch_end(trainer, None, None, None, 1)
        lightning.on_train_end(trainer, None)
        lightning.teardown(trainer, None, stage="fit")

    keras = callbacks.KerasCheckpoint(str(folder / "{epoch}.keras"))
    keras.model = SimpleNamespace(save=lambda path: path.write_bytes(zip_bytes(2_000)))
    transformers = callbacks.TransformersCheckpoint()
    state = SimpleNamespace(
        is_world_process_zero=True, global_step=10, epoch=0.5, log_history=[{"epoch": 0.5}]
    )

    def train(step: float) -> None:
        state.global_step = step
        args = SimpleNamespace(output_dir=str(folder))
        transformers.on_log(args, state, None, logs={"loss": 0.4, "epoch": 0.5})
        transformers.on_save(args, state, None)

    write_at_once(folder / "a.ckpt", zip_bytes(2_000))
    write_at_once(folder / "checkpoint-1.5" / "trainer_state.json", b"{}")
    return [fit, lambda step: keras.on_epoch_end(step, {"loss": 0.5}), train]


def test_a_step_with_a_fraction_counts_as_the_step_before_it(runtime, frameworks, capsys):
    runtime.start(outputs=[], keep=0)
    for train in trainings(runtime):
        train(1.5)
    wait_for(lambda: len(runtime.listed()) == 3)
    assert {line.step for line in runtime.check_listed().values()} == {1, 2}
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("error", [ValueError("odd"), OSError("no disk"), RuntimeError("bang")])
def test_no_error_of_ours_breaks_a_training_and_each_is_said_once(
    runtime, frameworks, capsys, monkeypatch, error
):
    def fails(*_: object, **__: object) -> None:
        raise error

    for name in ("protect", "checkpoint", "log"):
        monkeypatch.setattr(checkpoints, name, fails)
    for train in trainings(runtime):
        for step in (1, 2, 3):
            train(step)
        said = capsys.readouterr().out.splitlines()
        assert str(error) in said[0]
        assert len(said) == len(set(said)) <= 3


def test_what_a_framework_has_no_more_breaks_no_training(runtime, frameworks, capsys):
    runtime.start(outputs=[])
    lightning = callbacks.LightningCheckpoint()
    lightning.setup(SimpleNamespace(), None, stage="fit")
    lightning.on_validation_end(SimpleNamespace(is_global_zero=True), None)
    keras = callbacks.KerasCheckpoint(str(runtime.project / "{nothing}.keras"))
    keras.on_epoch_end(0, {})
    keras.on_epoch_end(1, {})
    callbacks.TransformersCheckpoint().on_save(None, SimpleNamespace(), None)
    said = capsys.readouterr().out
    assert said.count("nothing") == 1
    assert said.count("checkpoint_callbacks") == 1


def test_an_interrupt_is_never_swallowed(runtime, frameworks, monkeypatch):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    for name in ("protect", "checkpoint", "log"):
        monkeypatch.setattr(checkpoints, name, interrupted)
    for train in trainings(runtime):
        with pytest.raises(KeyboardInterrupt):
            train(1)
