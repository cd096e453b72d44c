# Sourced by ./scripts/start and ./scripts/test. Usage: ensure_node <repository root>
# Installs the packages when they are missing or the lock file changed, and puts the pinned Node first on PATH.
# Needs bash 3.2, Node 20 or later, and npm. Prints nothing when there is nothing to do.

# Prints the identity of an installation: platform and lock file. The last one is stored as .local/packages.stamp.
_growbin_wanted_packages() {
  printf '%s\n' "${OSTYPE:-unknown}-${HOSTTYPE:-unknown}"
  cat "$1/package-lock.json"
}

_growbin_packages_are_current() {
  [ -d "$1/node_modules" ] && _growbin_wanted_packages "$1" | cmp -s - "$1/.local/packages.stamp"
}

# Takes the lock of the installation, or waits for its holder: concurrent installations remove each other's files.
# Creating a link is atomic; its target is the process id of the holder.
_growbin_lock_installation() {
  local lock=$1 holder reported=''
  until ln -s "$$" "$lock" 2> /dev/null; do
    holder=$(readlink "$lock") || continue
    if kill -0 "$holder" 2> /dev/null; then
      if [ -z "$reported" ]; then printf 'Waiting for the installation of packages by process %s ...\n' "$holder" >&2; fi
      reported=1
      sleep 1
    # Only one process at a time checks again and removes it, so that none removes the lock of the next holder.
    elif mkdir "$lock.stale" 2> /dev/null; then
      if [ "$(readlink "$lock" || true)" = "$holder" ]; then rm -f "$lock"; fi
      rm -rf "$lock.stale"
    fi
  done
}

_growbin_npm_ci() {
  local root=$1 pid status=0 started=$SECONDS
  printf 'Installing packages (npm ci) ...\n' >&2
  (cd "$root" && exec npm ci --no-audit --no-fund --loglevel=warn) > "$root/.local/npm-ci.log" 2>&1 &
  pid=$!
  # A background command of a script ignores Ctrl-C, and would continue during the next start.
  # shellcheck disable=SC2064
  trap "kill $pid 2> /dev/null; wait $pid; rm -f '$root/.local/npm-ci.lock'; exit 130" INT TERM HUP
  wait "$pid" || status=$?
  trap - INT TERM HUP
  if [ "$status" -eq 0 ]; then printf 'Packages installed in %s s.\n' "$((SECONDS - started))" >&2; fi
  return "$status"
}

_growbin_install_packages() {
  local root=$1 stamp=$1/.local/packages.stamp
  # Without a stamp, the next start detects an interrupted installation.
  rm -f "$stamp"
  _growbin_wanted_packages "$root" > "$stamp.next"
  if ! _growbin_npm_ci "$root"; then
    printf 'npm ci failed; retrying once.\n' >&2
    if ! _growbin_npm_ci "$root"; then
      printf 'npm ci failed twice. Its last lines (full log in "%s"):\n' "$root/.local/npm-ci.log" >&2
      tail -n 15 "$root/.local/npm-ci.log" | sed 's/^/  /' >&2
      return 1
    fi
  fi
  mv "$stamp.next" "$stamp"
}

_growbin_ensure_packages() {
  local root=$1 status=0
  if _growbin_packages_are_current "$root"; then return 0; fi
  if ! command -v npm > /dev/null 2>&1; then
    printf 'npm is not on PATH; install Node 20 or later, which brings it, and start again.\n' >&2
    return 1
  fi
  mkdir -p "$root/.local"
  _growbin_lock_installation "$root/.local/npm-ci.lock"
  # Another process may have installed them meanwhile.
  _growbin_packages_are_current "$root" || _growbin_install_packages "$root" || status=$?
  rm -f "$root/.local/npm-ci.lock"
  return "$status"
}

# Succeeds when the first version is at least the second; both are A.B.C.
_growbin_is_at_least() {
  local IFS=. have want
  read -r -a have <<< "$1"
  read -r -a want <<< "$2"
  [ "$((have[0] * 1000000 + have[1] * 1000 + have[2]))" -ge "$((want[0] * 1000000 + want[1] * 1000 + want[2]))" ]
}

ensure_node() {
  local root=$1 wanted candidate version seen=''
  _growbin_ensure_packages "$root" || return 1
  wanted=$(sed -n 's/.*"node": *"\(>=[0-9]*\.[0-9]*\.[0-9]* <[0-9]*\)".*/\1/p' "$root/package.json" | head -n 1)
  if [ -z "$wanted" ]; then
    printf '"engines.node" in "%s/package.json" is missing or not of the form ">=A.B.C <D".\n' "$root" >&2
    return 1
  fi
  # The package of another platform may be installed too; only a program that prints its version counts.
  for candidate in "$root"/node_modules/node-*/bin/node "$(command -v node || true)"; do
    version=$("$candidate" --version 2> /dev/null) || continue
    if [[ $version =~ ^v([0-9]+)\.[0-9]+\.[0-9]+$ ]] && [ "${BASH_REMATCH[1]}" -lt "${wanted##*<}" ] &&
      _growbin_is_at_least "${version#v}" "$(sed 's/>=//; s/ .*//' <<< "$wanted")"; then
      export PATH="${candidate%/*}:$PATH"
      return 0
    fi
    seen="$seen $candidate is $version;"
  done
  printf 'No Node %s:%s no Node package is pinned for %s. Install Node 24 and start again.\n' \
    "$wanted" "${seen:- none found;}" "$(uname -sm)" >&2
  return 1
}
