"""The settings that the server has too, read from Jupyter's configuration files."""

from __future__ import annotations

from pathlib import Path

from jupyter_core.application import JupyterApp
from jupyter_core.paths import jupyter_config_path, jupyter_data_dir
from traitlets.config import Application, Config

from jupyter_drive_sync.engine.check import DeleteLimit
from jupyter_drive_sync.errors import ConfigUnreadable
from jupyter_drive_sync.files.base import BaseLimits
from jupyter_drive_sync.ports.records import Keep
from jupyter_drive_sync.wiring import Settings

_FILES = ("jupyter_config", "jupyter_server_config", "jupyter_jupyter_drive_sync_config")


def read_settings(rclone_config: str = "") -> Settings:
    """Return the settings of ``DriveSyncApp``, as the server would read them.

    The folders in which people may link are the server's affair; here every folder can be.

    Parameters
    ----------
    rclone_config : str
        rclone's configuration file, if the person named one.

    Raises
    ------
    ConfigUnreadable
        The file that the person named is not there.
    """
    if rclone_config and not Path(rclone_config).expanduser().exists():
        raise ConfigUnreadable(f"rclone's configuration {rclone_config} is not there.")
    mine = _configured()
    limit, base = DeleteLimit(), BaseLimits()
    usual = Settings(Path())
    return Settings(
        data_dir=Path(jupyter_data_dir()),
        rclone=str(mine.get("rclone", "")),
        rclone_config=rclone_config or str(mine.get("rclone_config", "")),
        allowed_remotes=tuple(mine.get("allowed_remotes", ())),
        keep=Keep.BOTH if mine.get("conflicts") == "both" else None,
        limit=DeleteLimit(
            int(mine.get("delete_limit_files", limit.files)),
            float(mine.get("delete_limit_percent", 100 * limit.share)) / 100,
        ),
        trash_days=int(mine.get("trash_days", usual.trash_days)),
        trash_bytes=_bytes(mine, "trash_megabytes", usual.trash_bytes),
        base=BaseLimits(
            file_bytes=_bytes(mine, "base_file_megabytes", base.file_bytes),
            keep_days=int(mine.get("base_days", base.keep_days)),
            max_bytes=_bytes(mine, "base_megabytes", base.max_bytes),
        ),
    )


def _bytes(mine: Config, name: str, usual: int) -> int:
    return int(mine[name] * 1024 * 1024) if name in mine else usual


class _Reader(JupyterApp):
    """Knows where Jupyter's configuration files are."""

    name = "jupyter_drive_sync"


def _configured() -> Config:
    reader = _Reader()
    for name in _FILES:
        Application.load_config_file(reader, name, path=jupyter_config_path())
    return Config(reader.config.get("DriveSyncApp", {}))
