#!/bin/sh
# Installs Phiếu from this folder, without a network:   sh install.sh [FOLDER]     (default /opt/phieu; PYTHON=python3)
# Beside versions installed before: FOLDER/venv leads to the new one only once it works. See README.md.
set -eu
umask 022
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
folder=${1:-/opt/phieu}
python=${PYTHON:-python3}

refuse() {
    echo "install.sh: $1" >&2
    exit 1
}

# Everything is what was packed, and nothing came to it since.
cd "$here"
sha256sum --check --strict --quiet SHA256SUMS >&2 || refuse "a file is not what was packed: nothing was installed"
listed=$(sed 's/^[0-9a-f]*  //' SHA256SUMS | LC_ALL=C sort)
found=$(find . ! -type d ! -path ./SHA256SUMS | sed 's|^\./||' | LC_ALL=C sort)
[ "$listed" = "$found" ] || refuse "there are files here that were not packed: nothing was installed"

wanted=$(cat PYTHON)
has=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])') || refuse "there is no $python"
[ "$has" = "$wanted" ] || refuse "this bundle is for Python $wanted, and $python is $has: set PYTHON=python$wanted"
"$python" -c 'import ensurepip, venv' 2> /dev/null || refuse "$python makes no environments: install python3-venv"

name=$(cat VERSION)
new=$folder/$name
[ ! -e "$new" ] || refuse "$new is there already: remove it, or install into another folder"
for each in venv docs; do # where another way of installing made folders of these names, nothing could be moved over them
    [ -L "$folder/$each" ] || [ ! -e "$folder/$each" ] || refuse "$folder/$each is no link, as this script makes them: \
stop the services and move it away (mv $folder/$each $folder/$each.old), or install into another folder; nothing was installed"
done
mkdir -p "$folder"
trap 'rm -rf "$new"' EXIT
trap 'exit 1' INT TERM
"$python" -m venv "$new/venv"
# No setting of this machine may lead elsewhere: --isolated reads none, and every file is held against its sum again.
env -u PIP_INDEX_URL -u PIP_EXTRA_INDEX_URL "$new/venv/bin/python" -m pip --isolated install \
    --quiet --disable-pip-version-check --no-cache-dir --no-compile --no-index --find-links wheels --no-deps \
    --require-hashes -r requirements.txt
"$new/venv/bin/python" -m compileall -q "$new/venv/lib" > /dev/null 2>&1 || true
cp -R docs "$new/docs"
"$new/venv/bin/phieu" --version

trap - EXIT INT TERM
for each in venv docs; do
    ln -s "$name/$each" "$folder/.$each.new"
    mv -T "$folder/.$each.new" "$folder/$each"
done
echo "Installed in $folder; next: docs/operations.md, docs/vi/so-tay-van-hanh.md, or \`phieu upgrade\` where an instance is."
