#!/bin/sh
# Make a virtual environment: venv.sh FOLDER [PYTHON]
#
# Without PYTHON, takes the first of python3, python3.13 ... python3.10 that is new enough. An
# environment of the same Python version stays as it is; one of another version is made anew.
set -eu

folder=$1
wanted=${2:-}
hint="Python 3.10 or newer is needed"

say() {
    echo "$1" >&2
    exit 1
}
new_enough() {
    command -v "$1" >/dev/null 2>&1 &&
        "$1" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null
}
version() {
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || echo none
}

python=
if [ -n "$wanted" ]; then
    command -v "$wanted" >/dev/null 2>&1 || say "$hint, and there is no $wanted here."
    new_enough "$wanted" || say "$hint, and $wanted is $("$wanted" --version 2>&1)."
    python=$wanted
else
    for candidate in python3 python3.14 python3.13 python3.12 python3.11 python3.10 python; do
        if new_enough "$candidate"; then
            python=$candidate
            break
        fi
    done
    [ -n "$python" ] || say "$hint: install it, or name it with 'make PYTHON=/path/to/python3'."
fi

if [ -x "$folder/bin/python" ]; then
    have=$(version "$folder/bin/python")
    { [ -z "$wanted" ] && [ "$have" != none ]; } && exit 0
    [ "$have" = "$(version "$python")" ] && exit 0
    rm -rf "$folder"
fi
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
    say "$python lacks the venv module: install it (on Debian and Ubuntu: apt-get install python3-venv)."
echo "Making $folder with $("$python" --version 2>&1)"
"$python" -m venv "$folder"
