"""rclone's log, listings, names and rules as values."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_drive_sync.drive.links import colab_url, folder_url
from jupyter_drive_sync.errors import (
    ConfigUnreadable,
    DiskFull,
    NotOnDrive,
    Offline,
    QuotaFull,
    RateLimited,
    RcloneFailed,
    RemoteMissing,
    RemoteUnknown,
    SignInNeeded,
)
from jupyter_drive_sync.ports.listing import EntryKind
from jupyter_drive_sync.ports.transfer import BisyncResult, Progress
from jupyter_drive_sync.rclone.copying import copy_result
from jupyter_drive_sync.rclone.entries import ListingReader, parse_time_ns
from jupyter_drive_sync.rclone.environment import child_environment
from jupyter_drive_sync.rclone.filters import filter_input
from jupyter_drive_sync.rclone.log import clean, error_messages, file_notes, parse_line
from jupyter_drive_sync.rclone.names import from_rclone, to_rclone
from jupyter_drive_sync.rclone.outcome import bisync_outcome, command_error


def said(message, level="error", **more):
    return parse_line(json.dumps({"time": "x", "level": level, "msg": message, **more}))


# -- environment


def test_the_child_sees_no_variable_of_rclone_but_the_proxy_and_the_certificates():
    parent = {
        "RCLONE_CONFIG": "/x",
        "rclone_resync": "true",
        "RCLONE_CONFIG_GDRIVE_TYPE": "local",
        "HTTPS_PROXY": "http://proxy",
        "no_proxy": "localhost",
        "SSL_CERT_FILE": "/ca.pem",
        "HOME": "/home/me",
        "PYTHONPATH": "/secret",
    }
    assert child_environment(parent, windows=False) == {
        "HTTPS_PROXY": "http://proxy",
        "no_proxy": "localhost",
        "SSL_CERT_FILE": "/ca.pem",
        "HOME": "/home/me",
    }


def test_on_windows_names_are_compared_without_case():
    parent = {"SystemRoot": "C:\\Windows", "Https_Proxy": "x", "Rclone_Resync": "true"}
    assert child_environment(parent, windows=True) == {
        "SystemRoot": "C:\\Windows",
        "Https_Proxy": "x",
    }


# -- log


def test_reports_become_progress():
    stats = {
        "bytes": 5,
        "totalBytes": 10,
        "transfers": 1,
        "totalTransfers": 3,
        "speed": 2.5,
        "eta": 2,
        "transferring": [{"name": "a/b\u240ac", "percentage": 40}, {"name": "new"}],
    }
    line = said("Transferred", "info", stats=stats)
    assert line.progress == Progress(5, 10, 1, 3, 2.5, 2, (("a/b\nc", 40), ("new", 0)))
    assert said("Transferred", "info", stats={**stats, "eta": None}).progress.eta_seconds is None


def test_lines_that_are_not_json_are_read_all_the_same():
    line = parse_line("2026/11/21 16:59:44 CRITICAL: Failed to load config file\n")
    assert (line.level, line.is_error) == ("critical", True)
    assert line.message == "Failed to load config file"
    assert parse_line("Error: unknown flag: --x").is_error
    assert not parse_line("Usage:").is_error
    assert parse_line("{not json").message == "{not json"
    assert parse_line('["a"]').level == "text"


@given(st.text())
def test_no_line_is_too_odd_to_read(text):
    parse_line(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"access_token":"SECRET","expiry":"x"}',
        '{\\"refresh_token\\":\\"SECRET\\"}',
        "client_secret=SECRET&grant_type=refresh_token",
        "client_secret: SECRET",
        "Authorization: Bearer SECRET",
        "got Bearer SECRET.x",
        "Get https://www.googleapis.com/drive/v3/files?key=SECRET&q=x: dial tcp",
        "proxyconnect to http://me:SECRET@proxy:3128",
        "ya29.SECRET-x",
        "GOCSPX-SECRET",
    ],
)
def test_secrets_are_taken_out(text):
    assert "SECRET" not in clean(text)
    assert "SECRET" not in said(text).message


def test_the_reason_of_a_refused_token_stays_readable():
    assert "invalid_grant" in clean("couldn't fetch token: invalid_grant: maybe token expired?")


def test_messages_are_kept_to_a_readable_length_and_number():
    assert len(clean("x" * 10_000)) == 600
    assert len(error_messages([said(f"error {n}") for n in range(500)])) == 100
    assert error_messages([said("same"), said("same")]) == ("same",)


def test_notes_are_of_paths_only():
    lines = [
        said("Copied (new)", "info", object="a", objectType="*drive.Object"),
        said("not deleting", object="Google drive root", objectType="*drive.Fs"),
        said("Set directory modification time", "info", object="d", objectType="*local.Directory"),
        said("Failed to copy: x", object="b", objectType="*local.Object"),
    ]
    assert [(note.path, note.error) for note in file_notes(lines)] == [("a", False), ("b", True)]


# -- outcome


@pytest.mark.parametrize(
    ("code", "message", "result"),
    [
        (1, "Failed to bisync: couldn't fetch token: invalid_grant", BisyncResult.SIGN_IN),
        (7, "oauth2: invalid_client", BisyncResult.SIGN_IN),
        (7, "googleapi: Error 401: Invalid Credentials, authError", BisyncResult.SIGN_IN),
        (7, "googleapi: Error 403: x, storageQuotaExceeded", BisyncResult.QUOTA_FULL),
        (
            7,
            "Received upload limit error: googleapi: userRateLimitExceeded",
            BisyncResult.QUOTA_FULL,
        ),
        (7, "write /x: no space left on device", BisyncResult.DISK_FULL),
        (7, "preallocate: file too big for remaining disk space", BisyncResult.DISK_FULL),
        (1, "googleapi: Error 403: x, accessNotConfigured", BisyncResult.API_NOT_ENABLED),
        (7, "googleapi: Error 403: x, userRateLimitExceeded", BisyncResult.RATE_LIMITED),
        (7, "googleapi: got HTTP response code 429 with body:", BisyncResult.RATE_LIMITED),
        (1, "dial tcp: lookup www.googleapis.com: no such host", BisyncResult.OFFLINE),
        (7, "net/http: TLS handshake timeout", BisyncResult.OFFLINE),
        (7, "Empty current Path2 listing. Cannot sync", BisyncResult.REMOTE_MISSING),
        (7, "Empty current Path1 listing. Cannot sync", BisyncResult.LOCAL_MISSING),
        (7, "Bisync aborted. Must run --resync to recover.", BisyncResult.NEEDS_RESYNC),
        (7, "something nobody has seen", BisyncResult.FAILED),
        (-9, "", BisyncResult.KILLED),
        (143, "", BisyncResult.CANCELLED),
    ],
)
def test_recorded_messages_are_told_apart(code, message, result):
    outcome = bisync_outcome(code, [said(message)])
    assert (outcome.result, outcome.exit_code) == (result, code)


def test_what_a_person_must_do_wins_over_what_broke():
    lines = [
        said("googleapi: Error 403: x, storageQuotaExceeded"),
        said("Bisync aborted. Must run --resync to recover."),
    ]
    outcome = bisync_outcome(7, lines, locked_out=True)
    assert outcome.result is BisyncResult.QUOTA_FULL
    assert outcome.locked_out


def test_harmless_noise_does_not_make_a_run_degraded():
    noise = said("hash unexpectedly blank despite Fs support (a, b)", object="x")
    assert bisync_outcome(0, [noise, said("Bisync successful", "info")]).result is BisyncResult.FINE
    assert bisync_outcome(0, [noise]).result is BisyncResult.FAILED


def test_a_graceful_stop_is_cancelled_although_it_calls_itself_successful():
    lines = [
        said("Graceful shutdown completed successfully.", "notice"),
        said("Bisync successful", "info"),
    ]
    assert bisync_outcome(0, lines, cancelled=True).result is BisyncResult.CANCELLED
    too_late = bisync_outcome(0, lines[1:], cancelled=True)
    assert too_late.result is BisyncResult.FINE


@pytest.mark.parametrize(
    ("code", "message", "error"),
    [
        (1, "couldn't fetch token: invalid_grant", SignInNeeded),
        (1, "dial tcp 1.2.3.4:443: connect: connection refused", Offline),
        (1, "x509: certificate signed by unknown authority", Offline),
        (1, "Temporary failure in name resolution", Offline),
        (1, "googleapi: Error 429: Too Many Requests", RateLimited),
        (1, "x, storageQuotaExceeded", QuotaFull),
        (1, "no space left on device", DiskFull),
        (3, "error listing: directory not found", RemoteMissing),
        (1, 'Failed to load config file "x": permission denied', ConfigUnreadable),
        (1, 'didn\'t find section in config file ("gdrive")', RemoteUnknown),
        (1, "what is this", RcloneFailed),
        (-9, "", RcloneFailed),
    ],
)
def test_failed_commands_become_the_error_that_fits(code, message, error):
    found = command_error(code, [said(message)], remote="gdrive:ml")
    assert type(found) is error
    assert found.message
    assert found.hint


def test_a_folder_that_vanished_inside_is_no_missing_root():
    inside = said("error listing: directory not found", object="sub", objectType="string")
    assert not isinstance(command_error(3, [inside]), RemoteMissing)


def test_a_failed_copy_is_believed_only_for_what_it_names():
    lines = [
        said("Copied (new)", "info", object="a"),
        said("Failed to copy: open b: permission denied", object="b"),
    ]
    result = copy_result(["a", "b", "c"], 1, lines)
    assert result.done == ("a",)
    assert result.failed["b"] == "it may not be read or written (permission denied)"
    assert set(result.failed) == {"b", "c"}
    with pytest.raises(Offline):
        copy_result(["a"], 1, [said("dial tcp: no route to host")])


# -- listings


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)),
    st.integers(0, 10**9 - 1),
    st.integers(-14 * 60, 14 * 60),
)
def test_times_are_read_exactly(moment, nanoseconds, minutes):
    whole = moment.replace(microsecond=0)
    sign, ahead = ("-" if minutes < 0 else "+"), abs(minutes)
    text = f"{whole.isoformat()}.{nanoseconds:09}{sign}{ahead // 60:02}:{ahead % 60:02}"
    zone = timezone(timedelta(minutes=minutes))
    since = whole.replace(tzinfo=zone) - datetime(1970, 1, 1, tzinfo=timezone.utc)
    expected = (since.days * 86400 + since.seconds) * 10**9 + nanoseconds
    assert parse_time_ns(text) == expected


def test_times_of_every_length_are_read():
    assert parse_time_ns("1970-01-01T00:00:01Z") == 10**9
    assert parse_time_ns("1970-01-01T00:00:00.5Z") == 5 * 10**8
    with pytest.raises(ValueError, match="RFC 3339"):
        parse_time_ns("yesterday")


def listing(*items):
    reader = ListingReader()
    reader.take(b"[\n")
    for item in items:
        reader.take(json.dumps(item).encode() + b",\n")
    reader.take(b"]\n")
    return reader


def entry(path, *, folder=False, size=1, **more):
    return {"Path": path, "Size": size, "ModTime": "2026-01-01T00:00:00Z", "IsDir": folder, **more}


def test_entries_are_read_line_by_line():
    reader = listing(
        entry("a", ID="x", Hashes={"md5": "ABC"}),
        entry("d", folder=True, size=-1),
        entry("doc", size=-1),
    )
    assert reader.entries["a"].version.md5 == "abc"
    assert reader.entries["a"].id == "x"
    assert reader.entries["d"].kind is EntryKind.FOLDER
    assert reader.entries["doc"].problem
    assert reader.unreadable == 0


def test_two_folders_of_one_name_are_one_but_two_files_are_told():
    reader = listing(
        entry("d", folder=True), entry("d", folder=True), entry("d/a"), entry("d/a"), entry("b")
    )
    assert reader.duplicates == {"d/a"}
    reader = listing(entry("x", folder=True), entry("x"))
    assert reader.duplicates == {"x"}


def test_entries_that_cannot_be_understood_are_counted():
    reader = listing({"Path": "a"}, entry("b", size="big"))
    reader.take(b"{broken\n")
    assert reader.unreadable == 3
    assert reader.entries == {}


# -- names and rules

ODD = st.text(st.sampled_from("ab \t\n\r\x7f\x01/.\u240a\u2421\uff0f\uff1a\u00e9:*?"))


@given(ODD)
def test_spelling_a_name_and_back_changes_nothing(path):
    if all(name not in (".", "..") for name in path.split("/")):
        assert from_rclone(to_rclone(path, windows=False), windows=False) == path


@given(ODD)
def test_rclones_spelling_is_always_one_line(path):
    assert "\n" not in to_rclone(path, windows=False)
    assert "\r" not in to_rclone(path, windows=False)


def test_windows_spells_what_its_disk_cannot_hold():
    assert from_rclone("a:b?/c. /d.", windows=True) == "a\uff1ab\uff1f/c.\u2420/d\uff0e"
    assert to_rclone("a\uff1ab\uff1f/c.\u2420/d\uff0e", windows=True) == "a:b?/c. /d."


def test_every_rule_is_one_line_whatever_it_holds():
    rules = ("- /a\nb", "- /c ", "- /d\\ ", "+ /e\\\\ ", "- /f")
    lines = filter_input(rules, windows=False).decode().splitlines()
    assert lines[-5:] == ["- /a\u240ab", "- /c[ ]", "- /d[ ]", "+ /e\\\\[ ]", "- /f"]
    assert "- *.drive-sync-part" in lines


def test_on_windows_a_wide_star_does_not_become_a_wildcard():
    assert filter_input(("- /a\uff0a",), windows=True).decode().endswith("- /a\\*\n")


# -- links


def test_links_are_made_of_ids_alone():
    assert folder_url("1aB-_9") == "https://drive.google.com/drive/folders/1aB-_9"
    assert colab_url("1aB-_9") == "https://colab.research.google.com/drive/1aB-_9"
    for odd in ("", "a/b", "a?b", "a b", "a\n", "..", "a#b"):
        with pytest.raises(NotOnDrive):
            colab_url(odd)
