"""Addresses of things on Drive and in Colab. Pure."""

from __future__ import annotations

import re

from jupyter_drive_sync.errors import NotOnDrive

_ID = re.compile(r"[A-Za-z0-9_-]+")


def folder_url(folder_id: str) -> str:
    """Return the page of a folder on Drive.

    Raises
    ------
    NotOnDrive
        This is no id of Drive.
    """
    return f"https://drive.google.com/drive/folders/{checked_id(folder_id)}"


def colab_url(file_id: str) -> str:
    """Return the address at which Colab opens a notebook.

    Raises
    ------
    NotOnDrive
        This is no id of Drive.
    """
    return f"https://colab.research.google.com/drive/{checked_id(file_id)}"


def checked_id(value: str) -> str:
    """Return an id of Drive unchanged, once it is sure that it can mean nothing else in a URL.

    Raises
    ------
    NotOnDrive
        It holds anything but letters, digits, ``_`` and ``-``, or nothing.
    """
    if _ID.fullmatch(value) is None:
        raise NotOnDrive("This has no id on Google Drive.", "Sync it to Google Drive first.")
    return value
