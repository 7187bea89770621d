#!/bin/sh
# Puts all that the module needs into one folder, FOLDER/AuthKeep, which can be
# copied to any machine of the library's kind:
#
#   bindings/powershell/pack.sh LIBRARY FOLDER
set -eu
if [ $# -ne 2 ] || [ ! -f "$1" ]; then
    echo "usage: $0 LIBRARY FOLDER, LIBRARY being libauthkeep.so, libauthkeep.dylib or authkeep.dll" >&2
    exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
module=$2/AuthKeep
rm -rf "$module"
mkdir -p "$2"
cp -R "$here/AuthKeep" "$module"
mkdir "$module/dotnet"
cp "$here"/../dotnet/*.cs "$module/dotnet"
cp "$1" "$module"
