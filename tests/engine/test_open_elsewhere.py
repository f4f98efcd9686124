"""A notebook that a living Colab runtime has open is not pushed under Colab's feet."""

from __future__ import annotations

from dataclasses import replace

from jupyter_drive_sync.engine.models import HoldReason, Plan
from jupyter_drive_sync.engine.run import execute, preview
from jupyter_drive_sync.engine.session import RunReport, RunRequest
from jupyter_drive_sync.ports.records import Trigger
from tests.engine.conftest import FILES
from tests.engine.world import World

OPEN = RunRequest(Trigger.PERSON, open_elsewhere=frozenset({"train.ipynb"}))


def run(world: World, request: RunRequest) -> RunReport:
    return execute(world.opened.session, request)


def reasons(plan: Plan) -> dict[str, HoldReason | None]:
    return {step.path: step.reason for step in plan.holds}


def test_it_waits_while_it_is_open_and_all_else_goes_on(world: World) -> None:
    world.save("train.ipynb", b"mine\n")
    world.save("model.py", b"w = 2\n")
    report = run(world, OPEN)
    assert reasons(report.plan) == {"train.ipynb": HoldReason.OPEN_IN_RUNTIME}
    assert world.there()["train.ipynb"] == FILES["train.ipynb"]
    assert world.there()["model.py"] == b"w = 2\n"


def test_it_is_pushed_by_itself_when_the_runtime_ends(world: World) -> None:
    world.save("train.ipynb", b"mine\n")
    run(world, OPEN)
    assert world.sync().holds == ()
    assert world.there()["train.ipynb"] == b"mine\n"


def test_what_colab_saves_meanwhile_still_comes_here(world: World) -> None:
    world.colab("train.ipynb", b"from Colab\n")
    assert run(world, OPEN).holds == ()
    assert world.here()["train.ipynb"] == b"from Colab\n"


def test_it_is_pushed_anyway_if_a_person_wants_exactly_that(world: World) -> None:
    world.save("train.ipynb", b"mine\n")
    (held,) = preview(world.opened.session, OPEN).plan.holds
    world.save("train.ipynb", b"mine, later\n")
    other = replace(OPEN, anyway={"train.ipynb": held.versions})
    assert [step.path for step in run(world, other).holds] == ["train.ipynb"]
    (held,) = preview(world.opened.session, OPEN).plan.holds
    before = world.drive.find("ml/spam/train.ipynb").id
    assert run(world, replace(OPEN, anyway={"train.ipynb": held.versions})).holds == ()
    assert world.there()["train.ipynb"] == b"mine, later\n"
    assert world.drive.find("ml/spam/train.ipynb").id == before


def test_a_new_notebook_cannot_be_open_there_and_is_pushed(world: World) -> None:
    world.save("new.ipynb", b"new\n")
    assert run(world, replace(OPEN, open_elsewhere=frozenset({"new.ipynb"}))).holds == ()
    assert world.there()["new.ipynb"] == b"new\n"
