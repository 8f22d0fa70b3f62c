#!/usr/bin/env bash
# A private Redis in a folder, on a Unix socket alone, for as long as this script runs.
#   scripts/redis.sh FOLDER          what ./run uses: started again when it dies
#   scripts/redis.sh --once FOLDER   ends when Redis ends (tests)
# It keeps nothing on disk: what stands in it may be lost at any time. When it answers, its URL is
# printed as one line. SIGTERM, SIGINT or the death of the caller stop it. Its log is
# FOLDER/server.log.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

longest_socket_path=107 # bytes, sun_path less its end
start_deadline=30       # seconds
stop_deadline=10        # seconds
most_restarts=5         # in a row, each living under a minute
most_memory=256mb
log_limit=$((16 * 1024 * 1024))

restart=yes
if [[ ${1:-} == --once ]]; then restart=no; shift; fi
[[ $# == 1 && $1 != -* ]] || die "usage: redis.sh [--once] FOLDER"
command -v redis-server >/dev/null || die "there is no redis-server on this machine"
mkdir -p "$1"
folder=$(cd "$1" && pwd -P)
[[ -O $folder ]] || die "$folder belongs to $(stat -c %U "$folder"); start as that user, or set" \
  "WILDNOUT_DATA to another folder"
chmod 700 "$folder"
log=$folder/server.log
pid_file=$folder/redis.pid
server=''
stopping=''

choose_socket() {
  socket=$folder/redis.sock
  if (($(printf '%s' "$socket" | wc -c) > longest_socket_path)); then
    sockets=$(mktemp -d /tmp/wildnout-socket.XXXXXX)
    trap 'rm -rf "$sockets"' EXIT
    socket=$sockets/redis.sock
  fi
}

# A server of ours that still runs (its ./run was killed) is asked to stop, and waited for. The
# number of one that is gone may be someone else's by now: whose folder it is in tells.
clear_leftover() {
  local pid waited=0
  pid=$(cat "$pid_file" 2>/dev/null) || return 0
  while [[ $pid =~ ^[0-9]+$ && $(readlink "/proc/$pid/cwd" 2>/dev/null) == "$folder" ]]; do
    kill -TERM "$pid" 2>/dev/null || true
    if ((waited++ > stop_deadline * 10)); then kill -KILL "$pid" 2>/dev/null || true; fi
    sleep 0.1
  done
  rm -f "$pid_file"
}

answers() { [[ $(redis-cli -s "$socket" PING 2>/dev/null) == PONG ]]; }

start_server() {
  if [[ -f $log ]] && (($(stat -c %s "$log") > log_limit)); then mv -f "$log" "$log.old"; fi
  clear_leftover
  rm -f "$socket"
  # The death of this script reaches the server as SIGTERM.
  env --default-signal=INT,QUIT,TERM setpriv --pdeathsig TERM setsid redis-server \
    --port 0 --unixsocket "$socket" --unixsocketperm 700 --dir "$folder" --pidfile "$pid_file" \
    --save '' --appendonly no --maxmemory "$most_memory" --maxmemory-policy volatile-ttl \
    --daemonize no >>"$log" 2>&1 </dev/null &
  server=$!
  local waited=0
  until answers; do
    kill -0 "$server" 2>/dev/null || return 1
    if ((waited++ > start_deadline * 20)); then return 1; fi
    sleep 0.05
  done
}

stop_server() {
  stopping=yes
  if [[ -n $server ]]; then kill -TERM "$server" 2>/dev/null || true; fi
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
    say "the private Redis ended; starting it again (its log: $log)"
    start_server || wait_for_server
  done
}

trap stop_server INT TERM HUP
choose_socket
if ! start_server; then
  if [[ -n $stopping ]]; then wait_for_server; exit 0; fi
  kill -TERM "$server" 2>/dev/null || true
  wait_for_server
  die "Redis did not start: $(tail -n 5 "$log")"
fi
printf 'unix://%s\n' "$(url_encode "$socket")"
supervise || die "Redis keeps ending: $(tail -n 5 "$log")"
[[ -n $stopping ]] || die "Redis ended: $(tail -n 3 "$log")"
