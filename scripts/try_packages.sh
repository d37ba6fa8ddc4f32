#!/usr/bin/env bash
# Build the wheel and the sdist in dist/, and try them the way users install them: with pip, pipx and
# uv, each in a clean environment. The dependencies are downloaded once; nothing else needs a network.
# `make package` runs this with build, twine, pipx, uv and cyclonedx-py on the PATH.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wheels=$work/wheels
export PIP_DISABLE_PIP_VERSION_CHECK=1 CVMIMG_CONFIG=/dev/null CVMIMG_SANDBOX_SPEED=3600
export PIPX_HOME=$work/pipx PIPX_BIN_DIR=$work/pipx-bin PIPX_MAN_DIR=$work/pipx-man
export UV_TOOL_DIR=$work/uv UV_TOOL_BIN_DIR=$work/uv-bin UV_PYTHON_DOWNLOADS=never
export UV_CACHE_DIR=$work/uv-cache

build_packages() {
    rm -rf dist
    python -m build --quiet --outdir dist >"$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
    twine check --strict dist/*
    wheel=$(echo dist/*.whl)
    sdist=$(echo dist/*.tar.gz)
    pip download --quiet --dest "$wheels" "$wheel" 'hatchling>=1.24'
}

holds() { # ARCHIVE PATTERN…: the archive lists a file for each pattern
    local archive=$1 listing pattern
    shift
    listing=$(python -c 'import sys, tarfile, zipfile
path = sys.argv[1]
names = zipfile.ZipFile(path).namelist() if path.endswith(".whl") else tarfile.open(path).getnames()
print(*names, sep="\n")' "$archive")
    for pattern in "$@"; do
        grep -q "$pattern" <<<"$listing" || { echo "$archive lacks $pattern" >&2; exit 1; }
    done
}

create_environment() {
    python -m venv "$1"
    "$1/bin/pip" install --quiet --no-index --find-links "$wheels" "$2"
}

try() { # HOW COMMAND: the first things that a user types
    local how=$1 cvmimg=$2 image
    export CVMIMG_STATE_DIR=$work/state-$how
    "$cvmimg" --version -v >/dev/null
    "$cvmimg" --sandbox check --instance ins-web00001 --quiet >/dev/null
    image=$("$cvmimg" --sandbox create --instance ins-web00001 --name web-v2 --quiet -o id)
    "$cvmimg" --sandbox launch --image "$image" --count 2 --yes --quiet -o json >/dev/null
    echo "$how: $("$cvmimg" --version)"
}

build_packages
holds "$wheel" licenses/LICENSE licenses/NOTICE cvmimg/py.typed guest/scripts/inspect.sh
holds "$sdist" /LICENSE /NOTICE /docs/tutorial.md /tests/cli/test_program.py

create_environment "$work/pip-wheel" "$wheel"
try pip-wheel "$work/pip-wheel/bin/cvmimg"
create_environment "$work/pip-sdist" "$sdist"
try pip-sdist "$work/pip-sdist/bin/cvmimg"
pipx install --quiet --pip-args "--no-index --find-links $wheels" "$wheel" >/dev/null
try pipx "$PIPX_BIN_DIR/cvmimg"
uv tool install --quiet --no-index --find-links "$wheels" "$wheel"
try uv "$UV_TOOL_BIN_DIR/cvmimg"

cyclonedx-py environment "$work/pip-wheel" --pyproject pyproject.toml --output-reproducible \
    --output-file dist/cvmimg.cdx.json
grep -q '"name": "click"' dist/cvmimg.cdx.json
echo "sbom: dist/cvmimg.cdx.json"
