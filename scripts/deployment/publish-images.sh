#!/usr/bin/env bash
# Pushes the images of one build, signs each by its digest, and names the digests in the overlays.
# Usage: scripts/deployment/publish-images.sh FOLDER, which holds images.json and the archives of scripts/images/build.ts --each
# Needs skopeo, cosign and kustomize, a login at the registry, and for keyless signatures the identity of a workflow.
set -euo pipefail
folder=${1:?expected the folder with images.json}
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"

node -e '
  const images = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"))
  for (const { name, reference, digest, archive } of images) console.log([name, reference, digest, archive].join("\t"))
' "$folder/images.json" | while IFS=$'\t' read -r name reference digest archive; do
  repository=${reference%:*}
  timeout 300 skopeo copy --preserve-digests "oci-archive:$archive" "docker://$reference"
  timeout 120 cosign sign --yes "$repository@$digest"
  if [ "$name" = growbin-migrate ]; then
    printf 'migration:\n  image: %s@%s\n' "$repository" "$digest" > "$root/charts/growbin/values-images.yaml"
  else
    for overlay in "$root"/knative/overlays/{four-node,nine-node}; do
      # An overlay without the function names its digest too, which changes nothing there.
      (cd "$overlay" && kustomize edit set image "$repository=$repository@$digest")
    done
  fi
done
