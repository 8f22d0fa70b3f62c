#!/usr/bin/env bash
# A private PostgreSQL 15 in a folder, on a Unix socket alone, for as long as this script runs.
#   scripts/postgres.sh FOLDER            what ./run uses: durable, started again when it dies
#   scripts/postgres.sh --once FOLDER     durable, ends when PostgreSQL ends (fault tests)
#   scripts/postgres.sh --fast FOLDER     as --once, without fsync: for tests that lose nothing
# When it accepts connections the superuser's URL is printed as one line. SIGTERM, SIGINT or the
# death of the caller stop it (fast shutdown). The server's log is FOLDER/server.log.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

binaries=/usr/lib/postgresql/15/bin
longest_socket_path=107 # bytes, sun_path less its end
start_deadline=60       # seconds; a crash recovery may take some
stop_deadline=30        # seconds
most_restarts=5         # in a row, each living under a minute
log_limit=$((16 * 1024 * 1024))

mode=durable
restart=yes
case ${1:-} in
  --once) restart=no; shift ;;
  --fast) mode=fast; restart=no; shift ;;
esac
[[ $# == 1 && $1 != -* ]] || die "usage: postgres.sh [--once|--fast] FOLDER"
mkdir -p "$1"
folder=$(cd "$1" && pwd -P)
cluster=$folder/cluster
log=$folder/server.log
server=''
stopping=''

# PostgreSQL refuses to run as root: then it runs as the cluster's owner, `postgres` for a new one.
account=''
if [[ $(id -u) == 0 ]]; then
  account=postgres
  owner=$(stat -c %U "$cluster" 2>/dev/null || true)
  if [[ -n $owner && $owner != root ]]; then account=$owner; fi
  chown "$account" "$folder"
  chmod 700 "$folder"
elif [[ ! -O $folder ]]; then
  die "$folder belongs to $(stat -c %U "$folder"); start as that user, or set WILDNOUT_DATA to" \
    "another folder"
fi
mkdir -p "$cluster"
chmod 700 "$cluster"
if [[ -n $account ]]; then chown "$account" "$cluster"; fi

# Runs a command as the account. It inherits descriptor 7, the cluster's folder.
as_account() {
  if [[ -n $account ]]; then
    setpriv --reuid "$account" --regid "$(id -g "$account")" --init-groups "$@"
  else
    "$@"
  fi
}

# The account may have no way through the folders above (a project under /root, say). Then it
# reaches the cluster by the open descriptor, which asks nothing of the path that led to it.
exec 7<"$cluster"
reach=$cluster
cd /
if ! as_account test -x "$cluster/."; then reach=/proc/self/fd/7; fi

choose_socket_folder() {
  sockets=$folder/socket
  if [[ $reach != "$cluster" ]] ||
    (($(printf '%s/.s.PGSQL.5432' "$sockets" | wc -c) > longest_socket_path)); then
    # The name is kept: a start after kill -9 takes the same folder again.
    sockets=$(cat "$folder/socket-folder" 2>/dev/null || true)
    if [[ ! -d $sockets || $(stat -c %U "$sockets") != "${account:-$(id -un)}" ]]; then
      sockets=$(mktemp -d /tmp/wildnout-socket.XXXXXX)
      printf '%s\n' "$sockets" >"$folder/socket-folder"
    fi
    trap 'rm -rf "$sockets"' EXIT
  fi
  mkdir -p "$sockets"
  chmod 700 "$sockets"
  if [[ -n $account ]]; then chown "$account" "$sockets"; fi
}

make_cluster() {
  if [[ -s $cluster/PG_VERSION ]]; then
    [[ $(<"$cluster/PG_VERSION") == 15 ]] ||
      die "$cluster was made by PostgreSQL $(<"$cluster/PG_VERSION"), this one is 15"
    return
  fi
  # A first start that was cut off leaves a folder without PG_VERSION: nothing of worth is in it.
  find "$cluster" -mindepth 1 -delete
  local sync=(--no-sync)
  if [[ $mode == durable ]]; then sync=(); fi
  as_account "$binaries/initdb" -D "$reach" --username=postgres --auth=trust --encoding=UTF8 \
    --locale=C.UTF-8 "${sync[@]}" >"$log" 2>&1 7<&7 ||
    die "initdb failed: $(tail -n 5 "$log")"
}

# An eighth of the memory this machine or container has, between 64 MB and 2 GB.
shared_buffers_megabytes() {
  local total limit
  total=$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo)
  limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || true)
  if [[ $limit =~ ^[0-9]+$ ]] && ((limit / 1048576 < total)); then total=$((limit / 1048576)); fi
  total=$((total / 8))
  if ((total < 64)); then total=64; fi
  if ((total > 2048)); then total=2048; fi
  printf '%s' "$total"
}

write_settings() {
  {
    printf '# Written by scripts/postgres.sh at every start.\n'
    printf "listen_addresses = ''\nport = 5432\nunix_socket_permissions = 0700\n"
    printf "unix_socket_directories = '%s'\n" "${sockets//\'/\'\'}"
    printf "timezone = 'UTC'\nlog_timezone = 'UTC'\nlogging_collector = off\n"
    printf "log_line_prefix = '%%m [%%p] '\ncluster_name = 'wildnout'\n"
    printf "wal_compression = lz4\nmax_wal_size = '8GB'\ncheckpoint_timeout = '15min'\n"
    if [[ $mode == fast ]]; then
      printf 'fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n'
      printf "max_connections = 400\nshared_buffers = '256MB'\nautovacuum_naptime = '1min'\n"
    else
      printf 'fsync = on\nsynchronous_commit = on\nfull_page_writes = on\n'
      printf "max_connections = 200\nshared_buffers = '%sMB'\n" "$(shared_buffers_megabytes)"
    fi
  } >"$cluster/wildnout.conf"
  chmod 644 "$cluster/wildnout.conf"
  grep -qxF "include 'wildnout.conf'" "$cluster/postgresql.conf" ||
    printf "\ninclude 'wildnout.conf'\n" >>"$cluster/postgresql.conf"
}

# The lock file of a server that was killed names a process that is gone, or is someone else by
# now. A server of ours that still runs (its ./run was killed) is asked to stop, and waited for.
clear_leftover() {
  local pid waited=0
  pid=$(head -n 1 "$cluster/postmaster.pid" 2>/dev/null) || return 0
  while [[ $pid =~ ^[0-9]+$ && $(readlink "/proc/$pid/cwd" 2>/dev/null) == "$cluster" ]]; do
    kill -INT "$pid" 2>/dev/null || true
    if ((waited++ > stop_deadline * 10)); then
      die "PostgreSQL (process $pid) still runs on $cluster and does not stop"
    fi
    sleep 0.1
  done
  rm -f "$cluster/postmaster.pid"
}

start_server() {
  if [[ -f $log ]] && (($(stat -c %s "$log") > log_limit)); then mv -f "$log" "$log.old"; fi
  clear_leftover
  # The death of this script reaches the server as SIGINT, a fast shutdown.
  local identity=()
  if [[ -n $account ]]; then
    identity=(--reuid "$account" --regid "$(id -g "$account")" --init-groups)
  fi
  env --default-signal=INT,QUIT,TERM setpriv "${identity[@]}" --pdeathsig INT \
    setsid "$binaries/postgres" -D "$reach" >>"$log" 2>&1 </dev/null 7<&7 &
  server=$!
  local waited=0
  until "$binaries/pg_isready" -q -h "$sockets" -U postgres -d postgres; do
    kill -0 "$server" 2>/dev/null || return 1
    if ((waited++ > start_deadline * 20)); then return 1; fi
    sleep 0.05
  done
}

stop_server() {
  stopping=yes
  if [[ -n $server ]]; then kill -INT "$server" 2>/dev/null || true; fi
}

# Waits until the server has ended, through the signals that interrupt a wait.
wait_for_server() {
  while kill -0 "$server" 2>/dev/null; do
    wait "$server" 2>/dev/null || true
  done
}

supervise() {
  local born short_lives=0
  while :; do
    born=$SECONDS
    wait_for_server
    if [[ -n $stopping || $restart == no ]]; then return 0; fi
    if ((SECONDS - born >= 60)); then short_lives=0; fi
    if ((++short_lives > most_restarts)); then return 1; fi
    say "the private PostgreSQL ended; starting it again (its log: $log)"
    # Backends that outlive a killed postmaster hold its shared memory for a moment.
    sleep 0.5
    start_server || wait_for_server
  done
}

trap stop_server INT TERM HUP
choose_socket_folder
make_cluster
write_settings
if [[ -n $stopping ]]; then exit 0; fi
if ! start_server; then
  if [[ -n $stopping ]]; then wait_for_server; exit 0; fi
  kill -INT "$server" 2>/dev/null || true
  wait_for_server
  die "PostgreSQL did not start: $(tail -n 5 "$log")"
fi
printf 'postgresql://postgres@/postgres?host=%s\n' "$(url_encode "$sockets")"
supervise || die "PostgreSQL keeps ending: $(tail -n 5 "$log")"
[[ -n $stopping ]] || die "PostgreSQL ended: $(tail -n 3 "$log")"
