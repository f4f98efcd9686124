"""A stand-in for the package that Colab puts into its runtimes; see `tests.colab_standin`."""

from google.colab import auth, drive, errors, files, runtime, userdata

__all__ = ["auth", "drive", "errors", "files", "runtime", "userdata"]
__version__ = "0.0.1a2"
