"""The cell that a notebook begins with: in Colab it connects, elsewhere it only says so."""

from __future__ import annotations

from dataclasses import dataclass

TAG = "drive-sync"
"""The cell's tag in the notebook, by which an older cell is found and brought up to date."""

_TEXT = """\
# Drive Sync: brings the project and its libraries to Colab, and keeps safe what you train there.
# JupyterLab wrote this cell and updates it; run it first. Anywhere but in Colab it does nothing.
try:
    from google.colab import auth
except ImportError:
    print("Drive Sync: this is not Colab. JupyterLab keeps this project in sync by itself.")
else:
    try:
        import hashlib, os, sys, tempfile, urllib.request
        import google.auth, google.auth.transport.requests

        auth.authenticate_user()  # Google asks once; what follows runs with your own sign-in
        account, _ = google.auth.default(["https://www.googleapis.com/auth/drive"])
        account.refresh(google.auth.transport.requests.Request())
        files = "https://www.googleapis.com/drive/v3/files/"
        companion = urllib.request.urlopen(urllib.request.Request(
            files + "{bundle}?alt=media&supportsAllDrives=true",
            headers={{"Authorization": "Bearer " + account.token}}), timeout=60).read()
        digest = hashlib.sha256(companion).hexdigest()[:12]
        place = os.path.join(tempfile.gettempdir(), "drive-sync-" + digest + ".zip")
        with open(place, "wb") as file:
            file.write(companion)
        sys.path.insert(0, place)
        from drive_sync_colab import connect
    except Exception as problem:
        print("Drive Sync could not connect, and the project was not brought here:", problem)
        print("The other cells still run. To try again, run this cell again and allow access.")
    else:
        drive_sync = connect(
            {folder}, name={name},
            notebook={notebook},
            outputs={outputs})
"""


@dataclass(frozen=True, slots=True)
class CellFacts:
    """What a cell says about its project.

    Attributes
    ----------
    name : str
        The project's name.
    folder_id, bundle_id : str
        Drive's ids of the project's folder and of the bundle.
    notebook : str
        The notebook's path in the project.
    notebook_id : str or None
        Drive's id of it, which outlasts a new name; None: not known.
    outputs : tuple of str
        What is protected from the start.
    """

    name: str
    folder_id: str
    bundle_id: str
    notebook: str
    notebook_id: str | None = None
    outputs: tuple[str, ...] = ("checkpoints/", "runs/")


def cell_source(facts: CellFacts) -> str:
    """Return the cell's text: alike for alike facts."""
    notebook = _literal(facts.notebook)
    if facts.notebook_id is not None:
        notebook += f", notebook_id={_literal(_identifier(facts.notebook_id))}"
    return _TEXT.format(
        name=_literal(facts.name),
        folder=_literal(facts.folder_id),
        bundle=_identifier(facts.bundle_id),
        notebook=notebook,
        outputs="[" + ", ".join(_literal(path) for path in facts.outputs) + "]",
    ).rstrip("\n")


def _literal(text: str) -> str:
    """Write a text as people write it in Python, whatever is in it."""
    if "'" not in text and '"' not in text and "\\" not in text and text.isprintable():
        return f'"{text}"'
    return ascii(text)


def _identifier(drive_id: str) -> str:
    if not drive_id.replace("-", "").replace("_", "").isalnum():
        raise ValueError(f"no id of Drive: {drive_id!r}")
    return drive_id
