"""Drive as a folder: what is written is there at once, and in the cloud some time later."""

import os

from google.colab import _message

__all__ = ["flush_and_unmount", "mount"]


def mount(mountpoint, force_remount=False, timeout_ms=120000, readonly=False):
    if " " in mountpoint:
        raise ValueError("Mountpoint must not contain a space.")
    if os.environ.get("VERTEX_PRODUCT") == "COLAB_ENTERPRISE":
        raise NotImplementedError("drive.mount is not supported in Colab Enterprise.")
    # As with the real one, the question comes before the look at what is mounted already.
    _message.blocking_request(
        "request_auth",
        request={"authType": "dfs_ephemeral"},
        timeout_sec=int(timeout_ms / 1000),
    )
    mountpoint = os.path.expanduser(mountpoint)
    if not force_remount and os.path.isdir(os.path.join(mountpoint, "MyDrive")):
        print(f"Drive already mounted at {mountpoint}")
        return
    if os.path.islink(mountpoint) and not force_remount:
        raise ValueError("Mountpoint must not be a symlink")
    if os.path.isdir(mountpoint) and os.listdir(mountpoint) and not force_remount:
        raise ValueError("Mountpoint must not already contain files")
    if not os.path.isdir(os.path.dirname(os.path.normpath(mountpoint))):
        raise ValueError("Mountpoint must be in a directory that exists")
    reply = _message.call_standin("mount", {"mountpoint": mountpoint, "readonly": readonly})
    if "error" in reply:
        raise ValueError("mount failed")
    print(f"Mounted at {mountpoint}")


def flush_and_unmount(timeout_ms=24 * 60 * 60 * 1000):
    reply = _message.call_standin("unmount", {})
    if not reply.get("mounted"):
        print("Drive not mounted, so nothing to flush and unmount.")
