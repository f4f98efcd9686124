"""Which outputs of a run come home, whatever the manifest says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_drive_sync.files.outputs import OutputsFolder
from jupyter_drive_sync.ports.colab import Taken, WhichOutputs
from jupyter_drive_sync.service.outputs import Output, choose, read_manifest

GOLDEN = Path(__file__).parents[1] / "protocol" / "manifest.jsonl"
NEWEST, ALL = WhichOutputs.NEWEST, WhichOutputs.ALL


def output(seq: int, size: int = 10, **changes: object) -> Output:
    fields = {"checkpoint": True, "verified": True, "unit": f"{seq}.pt"} | changes
    return Output(seq, f"{seq}.pt", size, "0" * 32, None, **fields)  # type: ignore[arg-type]


def names(outputs: tuple[Output, ...]) -> list[str]:
    return [one.remote for one in outputs]


def test_the_golden_manifest_lists_what_was_not_removed() -> None:
    outputs = read_manifest(GOLDEN.read_bytes()).outputs
    assert names(outputs) == [
        "runs/résumé\u2028.json",
        "checkpoints/step-100~3.pt",
        "runs/checkpoint-500/model.safetensors",
        "runs/checkpoint-500/trainer_state.json",
    ]
    assert [one.verified for one in outputs] == [True, True, False, False]
    assert len({one.unit for one in outputs}) == 3
    choice = choose(outputs, (), NEWEST, most=10**9, here=0, over=False)
    assert names(choice.take) == ["checkpoints/step-100~3.pt", "runs/résumé\u2028.json"]
    assert "2 files of this run stay on Drive" in choice.detail


@given(st.binary())
def test_a_manifest_of_anything_is_read_without_harm(content: bytes) -> None:
    assert all(".." not in one.remote.split("/") for one in read_manifest(content).outputs)


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "v": st.sampled_from([1, 1, 1, 2, "1", None]),
                "seq": st.one_of(st.integers(), st.none()),
                "kind": st.sampled_from(["file", "file", "removed", "log"]),
                "remote": st.sampled_from(
                    ["a.pt", "b/c.pt", "../x", "/x", "a//b", "manifest.jsonl", "", 1]
                ),
                "size": st.one_of(st.integers(0, 100), st.just(-1), st.text()),
                "md5": st.sampled_from(["0" * 32, "short", None]),
                "verified": st.sampled_from(["2026-11-21T16:45:14Z", False, None]),
            }
        )
    )
)
def test_only_whole_lines_with_safe_paths_count(lines: list[dict[str, object]]) -> None:
    content = "".join(json.dumps(line) + "\n" for line in lines).encode()
    outputs = read_manifest(content).outputs
    assert {one.remote for one in outputs} <= {"a.pt", "b/c.pt"}
    torn = b'{"v": 1, "kind": "removed", "remote": "a.pt"}'
    assert read_manifest(content + torn).outputs == outputs
    after = read_manifest(content + torn + b"\n").outputs
    assert [one for one in outputs if one.remote != "a.pt"] == list(after)


LINE = {"v": 1, "seq": 1, "kind": "file", "remote": "a.pt", "size": 1, "md5": "0" * 32}
HUGE = int("9" * 400)


@pytest.mark.parametrize(
    "odd",
    [
        {"remote": "lone \ud800.txt"},
        {"remote": "bell \x07.txt"},
        {"remote": "../../x"},
        {"remote": "a" * 256},
        {"remote": "a/" * 2000 + "a"},
        {"size": HUGE},
        {"size": -1},
        {"seq": HUGE},
        {"seq": -HUGE},
        {"md5": "short"},
    ],
)
def test_a_line_that_cannot_be_used_is_counted_and_all_others_are_read(
    odd: dict[str, object],
) -> None:
    lines = [LINE, LINE | {"remote": "odd.pt"} | odd, LINE | {"remote": "z.pt"}]
    manifest = read_manifest("".join(json.dumps(line) + "\n" for line in lines).encode())
    assert names(manifest.outputs) == ["a.pt", "z.pt"]
    assert manifest.unusable == 1


@pytest.mark.parametrize(
    ("size", "md5", "taken"),
    [
        (5, "5d41402abc4b2a76b9719d911017c592", Taken.PLACED),
        (4, "5d41402abc4b2a76b9719d911017c592", Taken.SPOILED),
        (5, "0" * 32, Taken.SPOILED),
    ],
)
def test_only_what_has_the_listed_size_and_digest_is_placed(
    tmp_path: Path, size: int, md5: str, taken: Taken
) -> None:
    folder = OutputsFolder(tmp_path)
    with folder.staging() as staging:
        (staging / "a.pt").write_bytes(b"hello")
        assert folder.take(staging / "a.pt", "outputs/a.pt", size, md5) is taken
    assert (tmp_path / "outputs/a.pt").exists() is (taken is Taken.PLACED)


@pytest.mark.parametrize("step", [HUGE, -HUGE, float("inf"), float("nan"), True, "1"])
def test_a_step_that_is_none_keeps_no_file_away(step: object) -> None:
    (one,) = read_manifest((json.dumps(LINE | {"step": step}) + "\n").encode()).outputs
    assert one.step is None


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85"])
def test_a_name_may_hold_what_separates_lines_elsewhere(mark: str) -> None:
    line = json.dumps(LINE | {"remote": f"a{mark}b.pt"}, ensure_ascii=False) + "\n"
    assert names(read_manifest(line.encode()).outputs) == [f"a{mark}b.pt"]


@given(
    st.lists(st.tuples(st.integers(0, 50), st.booleans(), st.booleans()), max_size=12),
    st.sets(st.integers(0, 12)),
    st.sampled_from([NEWEST, ALL]),
    st.integers(0, 100),
    st.integers(0, 100),
)
def test_no_more_is_chosen_than_may_stand_here(
    made: list[tuple[int, bool, bool]], known: set[int], which: WhichOutputs, most: int, here: int
) -> None:
    outputs = [
        output(seq, size, checkpoint=checkpoint, verified=verified)
        for seq, (size, checkpoint, verified) in enumerate(made)
    ]
    came = {f"{seq}.pt" for seq in known}
    choice = choose(outputs, came, which, most=most, here=here, over=False)
    assert sum(one.size for one in choice.take) <= max(0, most - here)
    assert all(one.verified and one.remote not in came for one in choice.take)
    checkpoints = [one for one in choice.take if one.checkpoint]
    if which is NEWEST:
        assert len(checkpoints) <= 1
    over = choose(outputs, came, which, most=most, here=here, over=True)
    assert set(choice.take) <= set(over.take)


def test_the_files_of_one_checkpoint_come_together_or_not_at_all() -> None:
    shards = [output(seq, 40, unit="big") for seq in (2, 3)]
    outputs = [output(1, 10), *shards]
    assert not choose(outputs, (), NEWEST, most=70, here=0, over=False).take
    assert names(choose(outputs, (), ALL, most=70, here=0, over=False).take) == ["1.pt"]
    assert names(choose(outputs, (), NEWEST, most=80, here=0, over=False).take) == ["3.pt", "2.pt"]


def listing(*lines: dict[str, object]) -> tuple[Output, ...]:
    """Return what a manifest of verified checkpoints lists; lines are numbered."""
    verified = LINE | {"checkpoint": True, "verified": "2026-11-21T16:46:00Z"}
    texts = [json.dumps(verified | {"seq": seq} | line) for seq, line in enumerate(lines, 1)]
    return read_manifest("".join(f"{text}\n" for text in texts).encode()).outputs


def newest(outputs: tuple[Output, ...]) -> list[str]:
    return names(choose(outputs, (), NEWEST, most=100, here=0, over=True).take)


def test_the_newest_is_what_was_taken_last_whatever_its_time_and_its_place_in_the_list() -> None:
    outputs = listing(
        {"remote": "new.pt", "unit": "01795279800000000002-aaaaaa", "mtime": "2026-11-21T15:00Z"},
        {"remote": "old.pt", "unit": "01795279800000000001-bbbbbb", "mtime": "2026-11-21T16:00Z"},
    )
    assert newest(outputs) == ["new.pt"]


def test_versions_of_a_folder_that_were_listed_in_one_second_are_told_apart() -> None:
    folder = {"group": "last"}
    made = [(version, name) for version in (1, 2) for name in ("a", "b")]
    outputs = listing(
        *(
            {"path": f"last/{name}", "remote": f"last/{name}~{version}", "unit": f"{version}"}
            | folder
            for version, name in made
        )
    )
    assert sorted(newest(outputs)) == ["last/a~2", "last/b~2"]
    older = listing(
        *(
            {"path": f"last/{name}", "remote": f"last/{name}~{version}"} | folder
            for version, name in made
        ),
    )
    assert sorted(newest(older)) == ["last/a~2", "last/b~2"]
    assert len({one.unit for one in older}) == 2


def test_of_an_older_companion_the_newest_is_what_it_listed_last() -> None:
    assert newest(listing(*({"remote": f"{at}.pt"} for at in range(1, 12)))) == ["11.pt"]


def test_once_a_run_is_over_its_newest_checkpoint_comes_beyond_older_ones() -> None:
    outputs = [output(1, 60), output(2, 60)]
    assert not choose(outputs, {"1.pt"}, NEWEST, most=100, here=60, over=False).take
    assert names(choose(outputs, {"1.pt"}, NEWEST, most=100, here=60, over=True).take) == ["2.pt"]
    assert not choose(outputs, {"1.pt"}, NEWEST, most=50, here=50, over=True).take
