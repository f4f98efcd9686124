"""A stand-in for a Google Colab runtime, from first boot to the end without a word.

`Runtime` gives a real IPython kernel in an environment of its own, Colab's own package
(``google.colab``) beside the real google-auth, a metadata server, the Drive emulator behind a
proxy, a Drive mount, and `Runtime.end`, after which only what is on Drive counts.

What it does not know: the address at which a real runtime's metadata server answers, and how long
Colab's dialogs take. What was never tried on the real service stays unproven here too.
"""

from .kernel import Cell
from .mount import CloudMount
from .python import IMAGE, add_packages, make_python, read_image, site_of
from .vm import COMPANION, GRANT, REFUSE, TIME_OUT, Runtime

__all__ = [
    "COMPANION",
    "GRANT",
    "IMAGE",
    "REFUSE",
    "TIME_OUT",
    "Cell",
    "CloudMount",
    "Runtime",
    "add_packages",
    "make_python",
    "read_image",
    "site_of",
]
