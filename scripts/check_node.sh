#!/bin/sh
# Say in one line what is wrong with Node, or nothing.
set -eu

need="Node 20 or newer is needed to build the browser half"
if ! command -v node >/dev/null 2>&1; then
    echo "$need: install it, for instance from nodejs.org." >&2
    exit 1
fi
if ! node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; then
    echo "$need, and this is $(node --version)." >&2
    exit 1
fi
