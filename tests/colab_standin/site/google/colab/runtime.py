"""Letting the machine go."""

import os
import urllib.error
import urllib.request

from google.colab import errors

__all__ = ["unassign"]


def unassign():
    address = os.environ.get("TBE_RUNTIME_ADDR")
    if not address:
        raise errors.RuntimeManagementError("Unable to find the runtime management service.")
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"http://{address}/unassign", data=b"") as answer:
            answer.read()
    except urllib.error.HTTPError as problem:
        raise errors.RuntimeManagementError("Unable to request VM unassignment.") from problem
