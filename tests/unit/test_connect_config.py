"""Writing into rclone's configuration: what people wrote there by hand stays as it is."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_drive_sync.errors import ConfigUnreadable
from jupyter_drive_sync.rclone.binary import find_rclone
from jupyter_drive_sync.rclone.config_text import Sections, edited
from jupyter_drive_sync.rclone.sections import change_sections

BY_HAND = """\
# all of mine

[work]
# who asks
client_id = 1
; and with what
token = old

# the next one is my own
[home]
type = memory
"""


def change(config: Path, edit: Callable[[Sections], object]) -> None:
    """Change a configuration with the lock elsewhere."""

    def of(found: Sections) -> None:
        edit(found)

    change_sections(find_rclone(), config, of, locks=config.parent.parent / "ours")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A person's own file, in a folder of its own."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    return folder / "rclone.conf"


def test_comments_stay_where_they_are_when_a_token_is_renewed(config: Path) -> None:
    config.write_text(BY_HAND.replace("client_id", "type = drive\nclient_id"))
    change(config, lambda s: s["work"].update(token="new", scope="drive"))
    expected = BY_HAND.replace("client_id", "type = drive\nclient_id")
    expected = expected.replace("token = old\n", "token = new\nscope = drive\n")
    assert config.read_text() == expected + "\n"
    assert list(config.parent.iterdir()) == [config]
    lock = next((config.parent.parent / "ours").iterdir())
    assert stat.S_IMODE(lock.stat().st_mode) == 0o600
    assert stat.S_IMODE(lock.parent.stat().st_mode) == 0o700


def test_a_remote_that_goes_leaves_the_comment_of_the_next_one(config: Path) -> None:
    config.write_text(BY_HAND)

    def take_out(sections: Sections) -> None:
        del sections["work"]

    change(config, take_out)
    assert config.read_text() == (
        "# all of mine\n\n# the next one is my own\n[home]\ntype = memory\n\n"
    )


def test_what_is_no_utf_8_and_windows_line_ends_stay(config: Path) -> None:
    before = b"\xef\xbb\xbf[a]\r\n# Gr\xfc\xdfe\r\ntype = memory\r\ndescription = \xfc\r\n\r\n"
    config.write_bytes(before)
    change(config, lambda s: s["a"].update(token="x"))
    change(config, lambda s: s.update(b={"type": "memory"}))
    end = b"token = x\r\n\r\n[b]\r\ntype = memory\r\n\r\n"
    assert config.read_bytes() == before.removesuffix(b"\r\n") + end


VALUES = ['"a"', "`a`", "``", "`", " a", "a ", '"', '""', "'a'", '"a`"`', "# a", "a\\", "[a]", "="]


def test_quotes_and_blanks_come_out_as_they_went_in(config: Path) -> None:
    given_now = {"type": "memory", **{f"x{index}": value for index, value in enumerate(VALUES)}}
    change(config, lambda s: s.update(a=dict(given_now)))
    change(config, lambda s: s["a"].update(x0="z"))
    read: Sections = {}
    change(config, read.update)
    assert read == {"a": {**given_now, "x0": "z"}}


@pytest.mark.parametrize("value", ["two\nlines", "%(type)s"])
def test_a_value_that_cannot_be_kept_is_refused_by_its_name(config: Path, value: str) -> None:
    config.write_text("[box]\ntype = sftp\n")
    with pytest.raises(ConfigUnreadable, match="pass of box") as caught:
        change(config, lambda s: s["box"].update({"pass": value}))
    assert value not in caught.value.message + caught.value.hint
    assert config.read_text() == "[box]\ntype = sftp\n"


LINES = st.lists(
    st.sampled_from(["# c", "; d", "", "k = v", "token = old", "[a]", "[b]", "odd"]), max_size=12
)


@given(LINES, st.booleans())
def test_a_renewed_token_changes_no_other_line(lines: list[str], also: bool) -> None:
    text = "\n".join(lines)
    old: Sections = {"a": {"token": "old"}}
    new: Sections = {"a": {"token": "new", **({"more": "1"} if also else {})}}
    after = edited(text, old, new).split("\n")
    changed = [line for line in after if line not in ("token = new", "more = 1", "", "[a]")]
    section = ""
    expected = []
    for line in lines:
        section = line if line.startswith("[") else section
        if line not in ("", "[a]") and not (section == "[a]" and line == "token = old"):
            expected.append(line)
    assert changed == expected
