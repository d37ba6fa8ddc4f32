#!/bin/sh
# Create a virtual environment unless it exists, and install into it with pip.
#
#   PYTHON=python3.12 setup_venv.sh FOLDER PIP-INSTALL-ARGUMENT…
set -eu

folder=$1
shift

usable() {
    command -v "$1" >/dev/null 2>&1 &&
        "$1" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python3.10}; do
        if usable "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "cvmimg needs Python 3.10 or newer, and '${PYTHON:-python3}' is not. Choose one with" >&2
    echo "    make … PYTHON=/path/to/python3" >&2
    exit 1
}

# Debian and Ubuntu omit ensurepip from python3; their own pip can replace it.
create() {
    if "$1" -c 'import ensurepip' 2>/dev/null; then
        "$1" -m venv "$folder"
    elif "$1" -c 'import venv' 2>/dev/null && "$1" -m pip --version >/dev/null 2>&1; then
        "$1" -m venv --without-pip "$folder"
        "$1" -m pip --python "$folder/bin/python" install --quiet pip
    else
        echo "'$1' cannot create virtual environments. To fix this on Debian and Ubuntu, run:" >&2
        echo "    apt-get install python3-venv" >&2
        exit 1
    fi
}

if ! [ -x "$folder/bin/pip" ]; then
    python=$(find_python)
    echo "Setting up $folder with $("$python" --version)" >&2
    create "$python"
fi

# Dependency groups came with pip 25.1.
"$folder/bin/pip" install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
"$folder/bin/pip" install --quiet --disable-pip-version-check "$@"
