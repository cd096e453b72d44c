#!/usr/bin/env bash
# Builds the images that changed since the last published commit (the tag "published"), and prints "images=<JSON list>".
# Usage: scripts/deployment/build-changed.sh FOLDER
set -euo pipefail
folder=${1:?expected a folder for the images}
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
cd "$root"

# Without a published commit everything is new: the empty tree.
since=$(git rev-parse --verify --quiet 'refs/tags/published^{commit}' || git hash-object -t tree /dev/null)
images=$(node scripts/deployment/changed/main.ts "$since")
if [ "$images" != '[]' ]; then
  kustomize=$(node -e '
    const { kustomize } = JSON.parse(require("node:fs").readFileSync("charts/versions.json", "utf8"))
    console.log(kustomize.source.replace("{version}", kustomize.version))')
  go install "$kustomize" >&2
  mapfile -t only < <(node -e 'for (const name of JSON.parse(process.argv[1])) console.log(`--only=${name}`)' "$images")
  node scripts/images/build.ts --each --tag "$(git rev-parse HEAD)" --output "$folder" "${only[@]}" >&2
fi
printf 'images=%s\n' "$images"
