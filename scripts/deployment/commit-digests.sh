#!/usr/bin/env bash
# Commits the digests in the overlays, and moves the tag "published" to the commit that they were built from.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
built=$(git rev-parse HEAD)
git config user.name 'github-actions[bot]'
git config user.email '41898282+github-actions[bot]@users.noreply.github.com'
git add knative/overlays charts/growbin
if ! git diff --cached --quiet; then
  git commit --message "chore(deploy): digests of $built"
  # Somebody may have pushed meanwhile: a rebase of digests alone cannot conflict with a change of code.
  git pull --rebase origin main
  git push origin HEAD:main
fi
git tag --force published "$built"
git push --force origin refs/tags/published
