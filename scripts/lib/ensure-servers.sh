# Sourced by ./scripts/start and ./scripts/test. Usage: ensure_servers [log directory]; ensure_faketime [log directory]
# ensure_servers provides a real Redis and a real RabbitMQ for tests, from the first of these: REDIS_URL and AMQP_URL as given;
# the installed programs (the caller starts them); programs installed with apt; containers, whose URLs are exported.
# Otherwise it prints what is missing and returns 1. Call release_servers at the end: it removes containers started here.
# It sets GROWBIN_SERVERS to the source: "given", "installed" or "docker".
# ensure_faketime installs libfaketime, with which the fault suite changes the clocks of single processes; when it cannot, it
# returns 1, and the caller reports the faults that need it as not run.

GROWBIN_CONTAINERS=${GROWBIN_CONTAINERS:-}

_growbin_missing_servers() {
  local missing=''
  # rabbitmq-server may be in /usr/sbin, which is not on every PATH.
  [ -n "${REDIS_URL:-}" ] || command -v redis-server > /dev/null 2>&1 || missing=redis-server
  [ -n "${AMQP_URL:-}" ] || command -v rabbitmq-server > /dev/null 2>&1 || [ -x /usr/sbin/rabbitmq-server ] ||
    missing="$missing rabbitmq-server"
  printf '%s' "${missing# }"
}

_growbin_can_apt() { [ "$(id -u)" -eq 0 ] && command -v apt-get > /dev/null 2>&1; }

# Installs with apt without letting the packages start their services. Usage: _growbin_apt_install <log directory> <package>...
_growbin_apt_install() {
  local log=$1/apt.log policy=/usr/sbin/policy-rc.d made_policy='' status=0
  mkdir -p "$1"
  shift
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' > "$policy" && chmod 755 "$policy" && made_policy=1
  fi
  printf 'Installing %s with apt ...\n' "$*" >&2
  (
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q && apt-get install -q -y --no-install-recommends "$@"
  ) > "$log" 2>&1 < /dev/null || status=$?
  if [ -n "$made_policy" ]; then rm -f "$policy"; fi
  if [ "$status" -ne 0 ]; then
    printf 'apt could not install %s. Its last lines (full log in "%s"):\n' "$*" "$log" >&2
    tail -n 5 "$log" | sed 's/^/  /' >&2
  fi
  return "$status"
}

# Runs an image on a free local port, waits up to 90 s until the remaining arguments succeed in it, and sets `address`.
_growbin_run_container() {
  local name=growbin-$1-$$ image=$2 port=$3 deadline=$((SECONDS + 90))
  shift 3
  GROWBIN_CONTAINERS="$GROWBIN_CONTAINERS $name"
  docker run --detach --rm --name "$name" --publish "127.0.0.1::$port" "$image" > /dev/null || return 1
  address=$(docker port "$name" "$port/tcp" | head -n 1) || return 1
  until docker exec "$name" "$@" > /dev/null 2>&1; do
    if [ "$SECONDS" -ge "$deadline" ]; then return 1; fi
    sleep 1
  done
}

_growbin_start_containers() {
  local address
  printf 'Starting %s with docker ...\n' "$1" >&2
  case $1 in *redis*)
    _growbin_run_container redis redis:7 6379 redis-cli ping || return 1
    export REDIS_URL="redis://$address"
    ;;
  esac
  case $1 in *rabbitmq*)
    _growbin_run_container rabbitmq rabbitmq:4 5672 rabbitmq-diagnostics -q check_port_listener 5672 || return 1
    export AMQP_URL="amqp://guest:guest@$address"
    ;;
  esac
}

release_servers() {
  local name
  for name in $GROWBIN_CONTAINERS; do docker rm --force "$name" > /dev/null 2>&1 || true; done
  GROWBIN_CONTAINERS=''
}

ensure_servers() {
  local missing reasons='apt needs root on a Debian or Ubuntu'
  GROWBIN_SERVERS=installed
  if [ -n "${REDIS_URL:-}" ] && [ -n "${AMQP_URL:-}" ]; then GROWBIN_SERVERS=given; fi
  missing=$(_growbin_missing_servers)
  if [ -n "$missing" ] && _growbin_can_apt; then
    # Unquoted: one word for each package.
    # shellcheck disable=SC2086
    _growbin_apt_install "${1:-.local}" $missing || true
    reasons='apt failed (see above)'
    missing=$(_growbin_missing_servers)
  fi
  if [ -z "$missing" ]; then return 0; fi
  if ! { command -v docker && docker info; } > /dev/null 2>&1; then
    reasons="$reasons; no docker engine answers"
  elif _growbin_start_containers "$missing"; then
    GROWBIN_SERVERS=docker
    return 0
  else
    release_servers
    reasons="$reasons; docker could not start them"
  fi
  printf 'Missing: %s (%s).\n' "$missing" "$reasons" >&2
  printf 'Install them, or set REDIS_URL and AMQP_URL to running servers, and start again.\n' >&2
  return 1
}

ensure_faketime() {
  compgen -G '/usr/lib/*/faketime/libfaketime.so.1' > /dev/null || [ -e /usr/lib/faketime/libfaketime.so.1 ] ||
    { _growbin_can_apt && _growbin_apt_install "${1:-.local}" libfaketime; } ||
    { printf 'Missing: libfaketime (install the package "libfaketime" or "faketime"). Clock faults will not run.\n' >&2 && return 1; }
}
