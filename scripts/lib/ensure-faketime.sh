# Sourced by ./scripts/test, after ensure-servers.sh. Usage: ensure_faketime [log directory]
# Sees to it that libfaketime is installed, with apt when it is not: the fault suite moves the clocks of single processes with it.
# Otherwise prints that and returns 1; what needs it is then named as not run.

ensure_faketime() {
  local directory=${1:-.local} library
  for library in /usr/lib/*/faketime/libfaketime.so.1 /usr/lib/faketime/libfaketime.so.1; do
    if [ -e "$library" ]; then return 0; fi
  done
  if [ "$(id -u)" -eq 0 ] && command -v apt-get > /dev/null 2>&1; then
    mkdir -p "$directory"
    if _growbin_apt_install "$directory/apt.log" libfaketime; then return 0; fi
  fi
  printf 'Missing: libfaketime (install the package "libfaketime" or "faketime"). Clocks will not be moved.\n' >&2
  return 1
}
