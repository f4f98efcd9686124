"""A notebook that a living Colab runtime has open is not pushed under Colab's feet."""

from __future__ import annotations

from dataclasses import replace

from jupyter_drive_sync.engine.holds import hold_words
from jupyter_drive_sync.engine.models import HoldReason, Plan
from jupyter_drive_sync.engine.run import execute, preview
from jupyter_drive_sync.engine.session import RunReport, RunRequest
from jupyter_drive_sync.engine.settle import Resolution
from jupyter_drive_sync.ports.colab import OpenNotebook
from jupyter_drive_sync.ports.projects import RemoteKind
from jupyter_drive_sync.ports.records import Keep, Trigger
from tests.engine.conftest import FILES
from tests.engine.world import World

OPEN = RunRequest(Trigger.PERSON, open_elsewhere=frozenset({OpenNotebook("train.ipynb", None)}))


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
    new = frozenset({OpenNotebook("new.ipynb", None)})
    assert run(world, replace(OPEN, open_elsewhere=new)).holds == ()
    assert world.there()["new.ipynb"] == b"new\n"


# --- by Drive's id, whatever the notebook is called by now ------------------------------------


def by_id(world: World, path: str = "train.ipynb", told: str | None = "train.ipynb") -> RunRequest:
    """Say that a runtime has the file open that is at `path` on Drive now."""
    file_id = world.drive.find(f"{world.folder}/{path}").id
    return RunRequest(Trigger.PERSON, open_elsewhere=frozenset({OpenNotebook(told, file_id)}))


def held(report: RunReport) -> set[str]:
    return {step.path for step in report.holds if step.reason is HoldReason.OPEN_IN_RUNTIME}


def id_of(world: World, path: str) -> str:
    return world.drive.find(f"{world.folder}/{path}").id


def rename_here(world: World, old: str, new: str) -> None:
    (world.local / old).rename(world.local / new)


def test_a_notebook_that_was_renamed_here_is_renamed_there_in_place_and_stays_held(
    world: World,
) -> None:
    request = by_id(world)
    known = id_of(world, "train.ipynb")
    rename_here(world, "train.ipynb", "final.ipynb")
    assert run(world, request).holds == ()
    assert id_of(world, "final.ipynb") == known, "Colab goes on with the same file"
    world.save("final.ipynb", b"mine\n")
    world.save("train.ipynb", b"another one, of the old name\n")
    assert held(run(world, request)) == {"final.ipynb"}
    world.save("train.ipynb", b"another one, edited\n")
    assert held(run(world, request)) == {"final.ipynb"}
    assert world.there()["final.ipynb"] == FILES["train.ipynb"]
    assert world.there()["train.ipynb"] == b"another one, edited\n"
    assert world.sync().holds == ()
    assert world.there()["final.ipynb"] == b"mine\n"
    assert id_of(world, "final.ipynb") == known


def test_a_notebook_that_was_renamed_and_edited_here_is_not_taken_from_colab(
    world: World,
) -> None:
    request = by_id(world)
    known = id_of(world, "train.ipynb")
    (world.local / "train.ipynb").unlink()
    world.save("final.ipynb", b"renamed and edited\n")
    assert held(run(world, request)) == {"train.ipynb"}
    assert world.there()["train.ipynb"] == FILES["train.ipynb"]
    assert id_of(world, "train.ipynb") == known, "what Colab saves does not go into the trash"
    assert world.there()["final.ipynb"] == b"renamed and edited\n"
    assert "train.ipynb" not in world.here()
    world.save("model.py", b"w = 2\n")
    (world.local / "data/labels.csv").unlink()  # so that bisync runs meanwhile
    assert held(run(world, request)) == {"train.ipynb"}
    assert world.sync().holds == ()
    assert world.there() == world.here() == {
        "final.ipynb": b"renamed and edited\n",
        "model.py": b"w = 2\n",
    }  # fmt: skip


def test_what_colab_saves_into_a_notebook_that_was_deleted_here_comes_back(world: World) -> None:
    request = by_id(world)
    (world.local / "train.ipynb").unlink()
    assert held(run(world, request)) == {"train.ipynb"}
    world.colab("train.ipynb", b"from Colab\n")
    assert run(world, request).holds == ()
    assert world.here()["train.ipynb"] == b"from Colab\n"


def test_a_notebook_that_was_deleted_here_goes_anyway_if_a_person_wants_it(world: World) -> None:
    request = by_id(world)
    (world.local / "train.ipynb").unlink()
    (step,) = run(world, request).holds
    message, hint = hold_words(step, RemoteKind.DRIVE)
    assert "deleted or renamed here" in message
    assert "when the runtime ends" in hint
    assert run(world, replace(request, anyway={"train.ipynb": step.versions})).holds == ()
    assert "train.ipynb" not in world.there()
    assert "train.ipynb" not in world.here()


def test_a_notebook_that_was_renamed_on_drive_is_held_under_its_new_name(world: World) -> None:
    request = by_id(world)
    world.drive.rename(f"{world.folder}/train.ipynb", "final.ipynb")
    assert run(world, request).holds == ()
    assert world.here()["final.ipynb"] == FILES["train.ipynb"]
    world.save("final.ipynb", b"mine\n")
    assert held(run(world, request)) == {"final.ipynb"}
    assert world.there()["final.ipynb"] == FILES["train.ipynb"]


def test_a_notebook_that_was_renamed_on_drive_and_edited_there_still_comes_here(
    world: World,
) -> None:
    request = by_id(world)
    world.drive.rename(f"{world.folder}/train.ipynb", "final.ipynb")
    world.colab("final.ipynb", b"from Colab\n")
    assert run(world, request).holds == ()
    assert world.here()["final.ipynb"] == b"from Colab\n"
    assert "train.ipynb" not in world.here()
    world.save("final.ipynb", b"mine\n")
    assert held(run(world, request)) == {"final.ipynb"}


def test_a_notebook_that_was_renamed_on_drive_and_edited_here_takes_no_file_from_colab(
    world: World,
) -> None:
    request = by_id(world)
    known = id_of(world, "train.ipynb")
    world.drive.rename(f"{world.folder}/train.ipynb", "final.ipynb")
    world.save("train.ipynb", b"mine\n")
    assert run(world, request).holds == ()
    assert (id_of(world, "final.ipynb"), world.there()["final.ipynb"]) == (
        known,
        FILES["train.ipynb"],
    )
    world.save("train.ipynb", b"mine, later\n")
    assert run(world, request).holds == (), "of this name, but not what Colab has open"
    assert world.there()["train.ipynb"] == b"mine, later\n"


def test_a_copy_of_an_open_notebook_is_not_held(world: World) -> None:
    world.save("copy.ipynb", FILES["train.ipynb"])
    world.sync()
    request = by_id(world, "copy.ipynb", told=None)
    world.save("train.ipynb", b"mine\n")
    world.save("copy.ipynb", b"mine too\n")
    assert held(run(world, request)) == {"copy.ipynb"}
    assert world.there()["train.ipynb"] == b"mine\n"


def test_two_names_that_were_swapped_here_write_over_nothing_that_is_open(world: World) -> None:
    world.save("other.ipynb", b"other\n")
    world.sync()
    request = by_id(world)
    rename_here(world, "train.ipynb", "aside.ipynb")
    rename_here(world, "other.ipynb", "train.ipynb")
    rename_here(world, "aside.ipynb", "other.ipynb")
    assert held(run(world, request)) == {"train.ipynb"}
    assert world.there()["train.ipynb"] == FILES["train.ipynb"]
    assert world.there()["other.ipynb"] == FILES["train.ipynb"]


def test_the_path_counts_for_what_drive_does_not_know_by_its_id(world: World) -> None:
    stale = frozenset({OpenNotebook("train.ipynb", "1of-a-file-that-was-replaced")})
    world.save("train.ipynb", b"mine\n")
    assert held(run(world, replace(OPEN, open_elsewhere=stale))) == {"train.ipynb"}
    nowhere = frozenset({OpenNotebook(None, "1of-a-file-of-another-folder")})
    assert run(world, replace(OPEN, open_elsewhere=nowhere)).holds == ()


def test_a_silent_runtime_holds_with_other_words_and_a_living_one_says_more(world: World) -> None:
    living = by_id(world)
    silent = frozenset(replace(one, silent=True) for one in living.open_elsewhere)
    world.save("train.ipynb", b"mine\n")
    (step,) = run(world, replace(living, open_elsewhere=silent)).holds
    message, hint = hold_words(step, RemoteKind.DRIVE)
    assert "fell silent" in message
    assert "12 hours" in hint
    (both,) = run(world, replace(living, open_elsewhere=silent | living.open_elsewhere)).holds
    assert "is open in a Colab runtime" in hold_words(both, RemoteKind.DRIVE)[0]
    assert both.versions == step.versions, "so push anyway counts whichever it was"
    (world.local / "train.ipynb").unlink()
    (gone,) = run(world, replace(living, open_elsewhere=silent)).holds
    assert "deleted or renamed here" in hold_words(gone, RemoteKind.DRIVE)[0]
    assert "12 hours" in hold_words(gone, RemoteKind.DRIVE)[1]


def test_keeping_both_versions_of_an_open_notebook_waits_too(world: World) -> None:
    request = by_id(world)
    world.save("train.ipynb", b"mine\n")
    world.colab("train.ipynb", b"from Colab\n")
    (conflict,) = run(world, request).holds
    for keep in (Keep.BOTH, Keep.MINE):
        words = {"train.ipynb": Resolution(keep, conflict.versions)}
        report = run(world, replace(request, resolutions=words))
        assert held(report) == {"train.ipynb"}
        assert world.there()["train.ipynb"] == b"from Colab\n"
