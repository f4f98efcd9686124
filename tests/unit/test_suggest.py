"""What is offered for .driveignore before a first sync."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from jupyter_drive_sync.engine.suggest import (
    MEGABYTE,
    Reason,
    Suggestion,
    Thresholds,
    exactly,
    suggest,
)
from jupyter_drive_sync.files.ignore import ProjectIgnore


def lines(sizes: dict[str, int]) -> dict[str, Reason]:
    return {one.pattern: one.reason for one in suggest(sizes)}


def test_a_project_of_code_and_small_data_is_left_as_it_is() -> None:
    assert (
        suggest(
            {
                "train.ipynb": 200_000,
                "src/model.py": 4_000,
                "data/labels.csv": 3 * MEGABYTE,
                "weights/best.pt": 5 * MEGABYTE,
                "env/settings.toml": 100,
            }
        )
        == ()
    )


@pytest.mark.parametrize(
    ("path", "pattern", "reason"),
    [
        (".venv/lib/x.py", ".venv/", Reason.ENVIRONMENT),
        ("sub/venv/bin/python", "venv/", Reason.ENVIRONMENT),
        ("web/node_modules/a/index.js", "node_modules/", Reason.ENVIRONMENT),
        ("src/__pycache__/a.pyc", "__pycache__/", Reason.CACHE),
        ("a/.ipynb_checkpoints/b.ipynb", ".ipynb_checkpoints/", Reason.CACHE),
        (".cache/hf/model", ".cache/", Reason.CACHE),
        ("wandb/run-1/log.txt", "wandb/", Reason.CHECKPOINTS),
        ("mlruns/0/meta.yaml", "mlruns/", Reason.CHECKPOINTS),
        ("lightning_logs/version_0/hparams.yaml", "lightning_logs/", Reason.CHECKPOINTS),
        ("out/checkpoints/last.bin", "/out/checkpoints/", Reason.CHECKPOINTS),
        ("out/checkpoint-500/weights.bin", "checkpoint-[0-9]*/", Reason.CHECKPOINTS),
        (".git/objects/ab/cdef", ".git/", Reason.DATA),
    ],
)
def test_what_programs_make_is_known_by_its_folder(path: str, pattern: str, reason: Reason) -> None:
    assert suggest({path: 10}) == (Suggestion(pattern, reason, 1, 10),)


def test_an_environment_is_known_by_what_is_in_it_whatever_its_name() -> None:
    assert lines({"tools/my env/pyvenv.cfg": 90, "tools/my env/lib/x.py": 10}) == {
        "/tools/my env/": Reason.ENVIRONMENT
    }
    assert lines({"torch2/conda-meta/history": 5, "torch2/bin/python": 10}) == {
        "/torch2/": Reason.ENVIRONMENT
    }


def test_a_project_that_is_itself_an_environment_is_not_left_out_whole() -> None:
    assert suggest({"pyvenv.cfg": 90, "conda-meta/history": 1, "train.py": 10}) == ()


def test_big_things_are_named_with_what_they_would_spare_the_biggest_first() -> None:
    found = suggest(
        {
            **{f"data/raw/{n}.parquet": 60 * MEGABYTE for n in range(5)},
            "video.mp4": 150 * MEGABYTE,
            "models/a.pt": 70 * MEGABYTE,
            "models/b.pt": 70 * MEGABYTE,
            **{f"frames/{n}/{m}.png": 20 * MEGABYTE for n in range(4) for m in range(20)},
            "__pycache__/x.pyc": 1,
        }
    )
    assert [(one.pattern, one.reason, one.files) for one in found] == [
        ("/frames/", Reason.HUGE, 80),
        ("/data/", Reason.DATA, 5),
        ("/video.mp4", Reason.HUGE, 1),
        ("*.pt", Reason.CHECKPOINTS, 2),
        ("__pycache__/", Reason.CACHE, 1),
    ]


def test_a_folder_of_code_with_one_huge_file_keeps_its_code() -> None:
    assert lines({"src/a.py": 10, "src/dump.bin": 2000 * MEGABYTE}) == {
        "/src/dump.bin": Reason.HUGE
    }


def test_the_innermost_huge_folder_is_named() -> None:
    assert list(lines({f"a/b/c/{n}": 90 * MEGABYTE for n in range(12)} | {"a/x.py": 1})) == [
        "/a/b/c/"
    ]


NAMES = st.text(st.sampled_from("ab*?[]\\ !#é.-"), min_size=1, max_size=6).filter(
    lambda name: name not in (".", "..") and not name.endswith(".drive-sync-part")
)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)


@given(path=PATHS, others=st.lists(PATHS, max_size=5))
def test_a_line_for_one_path_means_that_path_and_no_other(path: str, others: list[str]) -> None:
    line = exactly(path)
    assert line is not None
    rules = ProjectIgnore(line)
    assert rules.ignores(path)
    plain = ProjectIgnore()
    for other in others:
        below = other == path or other.startswith(f"{path}/")
        assert rules.ignores(other) == (below or plain.ignores(other))
    assert ProjectIgnore(exactly(path, folder=True) or "").ignores(f"{path}/x")


@given(st.dictionaries(PATHS, st.integers(0, 3000), max_size=12))
def test_every_suggestion_leaves_out_exactly_what_it_says_and_no_file_counts_twice(
    sizes: dict[str, int],
) -> None:
    assume(not any(one.startswith(f"{other}/") for one in sizes for other in sizes))
    small = Thresholds(file_bytes=500, folder_bytes=1500)
    found = suggest(sizes, small)
    assert sum(one.files for one in found) <= len(sizes)
    gone = ProjectIgnore("\n".join(one.pattern for one in found))
    plain = ProjectIgnore()
    left_out = {path for path in sizes if gone.ignores(path) and not plain.ignores(path)}
    assert sum(sizes[path] for path in left_out) <= sum(one.bytes for one in found)
    assert all(size < 500 for path, size in sizes.items() if not gone.ignores(path))


def test_a_name_that_cannot_stand_in_a_line_is_not_suggested() -> None:
    assert suggest({"two\nlines.bin": 200 * MEGABYTE, "no\udcfftext.bin": 200 * MEGABYTE}) == ()
