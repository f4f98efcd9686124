"""How much time a transfer says it has left."""

from __future__ import annotations

from jupyter_drive_sync.engine.pace import Pace, PacedObserver
from jupyter_drive_sync.engine.session import RunObserver
from jupyter_drive_sync.ports.projects import RemoteKind
from jupyter_drive_sync.ports.transfer import Progress


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def at(files: int, total: int, eta: int | None = None) -> Progress:
    return Progress(files=files, total_files=total, eta_seconds=eta)


def test_many_small_files_take_as_long_as_their_number_says() -> None:
    clock = Clock()
    pace = Pace(0.0, clock)
    for second in range(30):
        clock.now = second
        shown = pace.measured(at(5 * second, 300, 1))
    assert shown.eta_seconds == (300 - 145) / 5


def test_before_anything_is_measured_the_usual_pace_counts_or_rclones_word() -> None:
    assert Pace(2.0, Clock()).measured(at(0, 100)).eta_seconds == 50
    assert Pace(0.0, Clock()).measured(at(0, 100, 7)).eta_seconds == 7
    assert Pace(0.0, Clock()).measured(at(0, 100)).eta_seconds is None


def test_a_big_file_takes_as_long_as_its_bytes_say_and_spoils_nothing() -> None:
    clock = Clock()
    pace = Pace(2.0, clock)
    for second in range(600):
        clock.now = second
        shown = pace.measured(at(0, 101, 900))
    assert shown.eta_seconds == 900
    for second in range(600, 610):
        clock.now = second
        shown = pace.measured(at(1 + 4 * (second - 600), 101, 0))
    assert shown.eta_seconds is not None
    assert shown.eta_seconds <= 64 / 2


def test_the_next_transfer_of_a_run_is_measured_anew() -> None:
    clock = Clock()
    pace = Pace(0.0, clock)
    for second in range(5):
        clock.now = second
        pace.measured(at(100 * second, 500))
    clock.now = 5
    assert pace.measured(at(0, 40)).eta_seconds is None


def test_what_is_done_has_no_time_left_to_add() -> None:
    assert Pace(2.0, Clock()).measured(at(9, 9, 0)).eta_seconds == 0


def test_nothing_but_the_time_left_is_changed_for_who_listens() -> None:
    class Heard(RunObserver):
        last: Progress | None = None

        def progress(self, progress: Progress) -> None:
            self.last = progress

    heard = Heard()
    said = Progress(bytes=1, total_bytes=2, files=0, total_files=2, speed=3.0, current=(("a", 5),))
    PacedObserver(heard, RemoteKind.FOLDER).progress(said)
    assert heard.last == said
    PacedObserver(heard, RemoteKind.DRIVE).progress(said)
    assert heard.last is not None
    assert heard.last.eta_seconds == 1
