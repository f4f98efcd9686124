#!/bin/sh
# Write requirements/constraints.txt anew: the newest versions that fit pyproject.toml and
# requirements/test.in, for all of Python 3.10 and newer on Linux, macOS and Windows.
#
# lock.sh PYTHON [further arguments of "uv pip compile", such as --upgrade-package NAME]
set -eu

python=$1
shift
tool=.venv-lock
lock=requirements/constraints.txt

[ -x "$tool/bin/uv" ] || { "$python" -m venv "$tool" && "$tool/bin/pip" install --quiet uv; }
"$tool/bin/uv" pip compile --quiet --universal --python-version 3.10 --no-header --no-annotate \
    --system-certs "$@" --output-file "$lock" pyproject.toml requirements/test.in
{
    echo "# Every version in the development environment, for Python 3.10 and newer on Linux,"
    echo "# macOS and Windows. Written by 'make lock' from pyproject.toml and test.in."
    cat "$lock"
} >"$lock.new"
mv "$lock.new" "$lock"
