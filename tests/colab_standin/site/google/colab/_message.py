"""Requests to the page in the browser, which the test plays; only from the main thread."""

import json
import os
import threading
import urllib.request

from google.colab import errors


class MessageError(errors.Error):
    pass


def call_standin(what, body):
    """Ask the machine around the kernel, past every proxy."""
    request = urllib.request.Request(
        os.environ["COLAB_STANDIN"] + "/standin/" + what,
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(request) as answer:
        return json.load(answer)


def blocking_request(request_type, request="", timeout_sec=5, parent=None):
    """Return the page's reply, or None when nobody answers in time.

    Colab's own would mix up replies, or wait for ever, when it is called from another thread.
    """
    on_main = threading.current_thread() is threading.main_thread()
    reply = call_standin(
        "request", {"type": request_type, "request": request, "main_thread": on_main}
    )
    assert on_main, "blocking_request was called off the main thread"
    if "error" in reply:
        raise MessageError(reply["error"])
    return reply.get("data")
