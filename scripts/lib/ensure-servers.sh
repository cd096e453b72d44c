# Sourced by ./scripts/start and ./scripts/test. Usage: ensure_servers [log directory]
# Sees to it that tests can reach a real Redis and a real RabbitMQ, in this order: REDIS_URL and AMQP_URL as given; the
# installed programs (the caller starts them); programs installed with apt; containers, whose URLs are exported.
# Otherwise prints what is missing and returns 1. Call release_servers at the end: it removes containers started here.
# GROWBIN_SERVERS tells how: "given", "installed" or "docker".

GROWBIN_CONTAINERS=${GROWBIN_CONTAINERS:-}

# rabbitmq-server may lie in /usr/sbin, which is not on everybody's PATH.
_growbin_has() {
  command -v "$1" > /dev/null 2>&1 || [ -x "/usr/sbin/$1" ]
}

_growbin_missing_servers() {
  local missing=''
  if [ -z "${REDIS_URL:-}" ] && ! _growbin_has redis-server; then missing="$missing redis-server"; fi
  if [ -z "${AMQP_URL:-}" ] && ! _growbin_has rabbitmq-server; then missing="$missing rabbitmq-server"; fi
  printf '%s' "${missing# }"
}

# Installs with apt without letting the packages start their services.
_growbin_apt_install() {
  local log=$1 policy=/usr/sbin/policy-rc.d made_policy='' status=0
  shift
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' > "$policy" && chmod 755 "$policy" && made_policy=1
  fi
  printf 'Installing %s with apt ...\n' "$*" >&2
  {
    DEBIAN_FRONTEND=noninteractive apt-get update -q &&
      DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
  } > "$log" 2>&1 < /dev/null || status=$?
  if [ -n "$made_policy" ]; then rm -f "$policy"; fi
  if [ "$status" -ne 0 ]; then
    printf 'apt could not install %s. Its last lines (all of them are in "%s"):\n' "$*" "$log" >&2
    tail -n 5 "$log" | sed 's/^/  /' >&2
  fi
  return "$status"
}

# Starts a container on a free port of this machine and prints that port.
_growbin_run_container() {
  local name=$1 image=$2 port=$3 address
  docker run --detach --rm --name "$name" --publish "127.0.0.1::$port" "$image" > /dev/null || return 1
  address=$(docker port "$name" "$port/tcp") || return 1
  address=${address%%$'\n'*}
  printf '%s' "${address##*:}"
}

# Waits until a command succeeds, for at most 90 seconds.
_growbin_wait_for() {
  local deadline=$((SECONDS + 90))
  until "$@" > /dev/null 2>&1; do
    if [ "$SECONDS" -ge "$deadline" ]; then return 1; fi
    sleep 1
  done
}

_growbin_start_containers() {
  local name port
  printf 'Starting %s with docker ...\n' "$1" >&2
  case " $1 " in *' redis-server '*)
    name="growbin-redis-$$"
    GROWBIN_CONTAINERS="$GROWBIN_CONTAINERS $name"
    port=$(_growbin_run_container "$name" redis:7 6379) || return 1
    _growbin_wait_for docker exec "$name" redis-cli ping || return 1
    export REDIS_URL="redis://127.0.0.1:$port"
    ;;
  esac
  case " $1 " in *' rabbitmq-server '*)
    name="growbin-rabbitmq-$$"
    GROWBIN_CONTAINERS="$GROWBIN_CONTAINERS $name"
    port=$(_growbin_run_container "$name" rabbitmq:4 5672) || return 1
    _growbin_wait_for docker exec "$name" rabbitmq-diagnostics -q check_port_listener 5672 || return 1
    export AMQP_URL="amqp://guest:guest@127.0.0.1:$port"
    ;;
  esac
}

release_servers() {
  local name
  for name in $GROWBIN_CONTAINERS; do docker rm --force "$name" > /dev/null 2>&1 || true; done
  GROWBIN_CONTAINERS=''
}

ensure_servers() {
  local directory=${1:-.local} missing reasons=''
  GROWBIN_SERVERS=installed
  if [ -n "${REDIS_URL:-}" ] && [ -n "${AMQP_URL:-}" ]; then GROWBIN_SERVERS=given; fi
  missing=$(_growbin_missing_servers)
  if [ -z "$missing" ]; then return 0; fi
  if [ "$(id -u)" -eq 0 ] && command -v apt-get > /dev/null 2>&1; then
    mkdir -p "$directory"
    # Unquoted: one word for each package.
    # shellcheck disable=SC2086
    _growbin_apt_install "$directory/apt.log" $missing || reasons='apt failed (see above)'
    missing=$(_growbin_missing_servers)
    if [ -z "$missing" ]; then return 0; fi
  else
    reasons='apt needs root on a Debian or Ubuntu'
  fi
  if command -v docker > /dev/null 2>&1 && docker info > /dev/null 2>&1; then
    if _growbin_start_containers "$missing"; then
      GROWBIN_SERVERS=docker
      return 0
    fi
    release_servers
    reasons="$reasons; docker could not start them"
  else
    reasons="$reasons; no docker engine answers"
  fi
  printf 'Missing: %s (%s).\n' "$missing" "$reasons" >&2
  printf 'Install them, or set REDIS_URL and AMQP_URL to running servers, and start again.\n' >&2
  return 1
}
