# Sourced by ./scripts/start and ./scripts/test. Usage: ensure_node <repository root>
# Installs the packages when they are missing or the lock file changed, and puts the pinned Node first on PATH.
# Needs bash 3.2, any Node from 20 on, and npm. Quiet when there is nothing to do.

# Prints what identifies an installation: the lock file and the platform.
_growbin_install_stamp() {
  local sum
  if command -v sha256sum > /dev/null 2>&1; then
    sum=$(sha256sum < "$1/package-lock.json") || return 1
  else
    sum=$(shasum -a 256 < "$1/package-lock.json") || return 1
  fi
  printf '%s %s\n' "${sum%% *}" "${OSTYPE:-unknown}-${HOSTTYPE:-unknown}"
}

# Runs npm ci once, with a line that shows that it is alive on a terminal, or one line elsewhere.
_growbin_npm_ci() {
  local root=$1 log=$2 pid status=0 started=$SECONDS
  (cd "$root" && exec npm ci --no-audit --no-fund --loglevel=warn) > "$log" 2>&1 &
  pid=$!
  # A background command of a script ignores Ctrl-C, and would go on beside the next start.
  # shellcheck disable=SC2064
  trap "kill $pid 2> /dev/null; wait $pid; rm -f '$root/.local/npm-ci.lock'; exit 130" INT TERM HUP
  if [ ! -t 2 ]; then printf 'Installing packages (npm ci) ...\n' >&2; fi
  while [ -t 2 ] && kill -0 "$pid" 2> /dev/null; do
    printf '\rInstalling packages (npm ci) ... %ss ' "$((SECONDS - started))" >&2
    sleep 1
  done
  wait "$pid" || status=$?
  trap - INT TERM HUP
  if [ -t 2 ]; then printf '\r' >&2; fi
  if [ "$status" -eq 0 ]; then printf 'Packages installed in %s s.    \n' "$((SECONDS - started))" >&2; fi
  return "$status"
}

# Takes the lock of the installation, waiting for whoever has it: two installations remove each other's files.
# A link is made in one step, with the holder's process id as its target.
_growbin_lock_installation() {
  local lock=$1 holder told=''
  until ln -s "$$" "$lock" 2> /dev/null; do
    holder=$(readlink "$lock") || continue
    if ! kill -0 "$holder" 2> /dev/null; then
      # One at a time looks again and removes it, so that nobody removes the lock of the next holder.
      if mkdir "$lock.stale" 2> /dev/null; then
        if [ "$(readlink "$lock" || true)" = "$holder" ]; then rm -f "$lock"; fi
        rm -rf "$lock.stale"
      fi
      continue
    fi
    if [ -z "$told" ]; then printf 'Waiting for the installation of packages by process %s ...\n' "$holder" >&2; fi
    told=1
    sleep 1
  done
}

_growbin_packages_are_current() {
  [ -d "$1/node_modules" ] && [ -f "$1/.local/packages.stamp" ] && [ "$(< "$1/.local/packages.stamp")" = "$2" ]
}

_growbin_install_packages() {
  local root=$1 stamp status=0
  stamp=$(_growbin_install_stamp "$root") || { printf 'Cannot read "%s/package-lock.json".\n' "$root" >&2; return 1; }
  if _growbin_packages_are_current "$root" "$stamp"; then return 0; fi
  if ! command -v npm > /dev/null 2>&1; then
    printf 'npm is not on PATH; install Node 20 or later, which brings it, and start again.\n' >&2
    return 1
  fi
  mkdir -p "$root/.local"
  _growbin_lock_installation "$root/.local/npm-ci.lock"
  # Another may have installed them meanwhile.
  _growbin_packages_are_current "$root" "$stamp" || _growbin_install_twice "$root" "$stamp" || status=$?
  rm -f "$root/.local/npm-ci.lock"
  return "$status"
}

_growbin_install_twice() {
  local root=$1 stamp=$2 log="$1/.local/npm-ci.log"
  # Without a stamp a killed installation is seen as such next time.
  rm -f "$root/.local/packages.stamp"
  if ! _growbin_npm_ci "$root" "$log"; then
    printf 'npm ci failed; trying once more.\n' >&2
    if ! _growbin_npm_ci "$root" "$log"; then
      printf 'npm ci failed twice. Its last lines (all of them are in "%s"):\n' "$log" >&2
      tail -n 15 "$log" | sed 's/^/  /' >&2
      return 1
    fi
  fi
  printf '%s\n' "$stamp" > "$root/.local/packages.stamp"
}

# Prints the range in "engines.node", which must be of the form ">=A.B.C <D".
_growbin_wanted_node() {
  sed -n 's/.*"node": *"\(>=[0-9.]* <[0-9]*\)".*/\1/p' "$1/package.json" | head -n 1
}

# Whether a version like v24.21.0 lies in a range like ">=24.21.0 <25".
_growbin_node_fits() {
  local version=${1#v} low=${2#>=} have_major have_minor have_patch want_major want_minor want_patch
  low=${low%% *}
  IFS=. read -r have_major have_minor have_patch <<< "$version"
  IFS=. read -r want_major want_minor want_patch <<< "$low"
  have_patch=${have_patch%%-*}
  case "$have_major$have_minor$have_patch" in '' | *[!0-9]*) return 1 ;; esac
  [ "$have_major" -lt "${2##*<}" ] || return 1
  [ "$((have_major * 1000000 + have_minor * 1000 + have_patch))" -ge \
    "$((want_major * 1000000 + ${want_minor:-0} * 1000 + ${want_patch:-0}))" ]
}

ensure_node() {
  local root=$1 wanted candidate version seen=''
  _growbin_install_packages "$root" || return 1
  wanted=$(_growbin_wanted_node "$root")
  if [ -z "$wanted" ]; then
    printf '"engines.node" in "%s/package.json" is missing or not of the form ">=A.B.C <D".\n' "$root" >&2
    return 1
  fi
  # The package of another platform may be installed beside; only a program that runs and tells its version counts.
  for candidate in "$root"/node_modules/node-*/bin/node "$(command -v node || true)"; do
    if [ ! -x "$candidate" ]; then continue; fi
    version=$("$candidate" --version 2> /dev/null) || continue
    if _growbin_node_fits "$version" "$wanted"; then
      PATH="${candidate%/*}:$PATH"
      export PATH
      return 0
    fi
    seen="$seen $candidate is $version;"
  done
  printf 'No Node %s:%s no Node package is pinned for %s. Install Node 24 and start again.\n' \
    "$wanted" "${seen:- none found;}" "$(uname -sm)" >&2
  return 1
}
