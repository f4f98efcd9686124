"""The cell that a notebook begins with: in Colab it connects, elsewhere it only says so."""

from __future__ import annotations

from dataclasses import dataclass

TAG = "drive-sync"
"""The cell's tag in the notebook, by which an older cell is found and brought up to date."""

_TEXT = """\
# Drive Sync: brings the project and its libraries to Colab, and keeps safe what you train there.
# Run it first; at home it does nothing. JupyterLab updates it: change only the call of connect.
try:
    from google.colab import auth
except ImportError:
    print("Drive Sync: this is not Colab. JupyterLab keeps this project in sync by itself.")
else:
    import os, sys, tempfile, zlib, google.auth, google.auth.transport.requests as web
    trouble = "Colab Enterprise is not supported: its sign-in does not lead to your own Drive."
    try:
        if os.environ.get("VERTEX_PRODUCT") == "COLAB_ENTERPRISE": raise RuntimeError(trouble)
        trouble = "Access to Drive was not allowed. Run this cell again, and choose Allow."
        auth.authenticate_user()  # Google asks once; what follows runs with your own sign-in
        account, _ = google.auth.default(["https://www.googleapis.com/auth/drive"])
        trouble = "Drive did not answer as it should. Run this cell again in a moment."
        answer = web.AuthorizedSession(account).get(
            "https://www.googleapis.com/drive/v3/files/{bundle}",
            params={{"alt": "media", "supportsAllDrives": "true"}}, timeout=60)
        if answer.status_code == 404:
            trouble = "This account has no such project. Allow another, or insert the cell anew."
        answer.raise_for_status()
        name = f"drive-sync-{{zlib.crc32(answer.content)}}.zip"
        sys.path.insert(0, os.path.join(tempfile.gettempdir(), name))
        open(sys.path[0], "wb").write(answer.content)
        from drive_sync_colab import connect
    except Exception as problem:
        print("Drive Sync:", trouble, "The other cells still run. Google said:", str(problem)[:300])
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
