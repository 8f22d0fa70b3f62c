# What the two commands share: where the project is, how they speak, how they run a long step.
# shellcheck shell=bash

unset CDPATH
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
scripts=$project/scripts
# Caches stay inside the project: nothing is written to the caller's home.
export CCACHE_DIR=${CCACHE_DIR:-$project/build/ccache}
# Paths below the project are taken as relative: clones and worktrees may share a cache.
export CCACHE_BASEDIR=$project CCACHE_NOHASHDIR=1
# As ccache asks for where headers are precompiled.
export CCACHE_SLOPPINESS=pch_defines,time_macros
export npm_config_cache=${npm_config_cache:-$project/build/npm}

# Steps that a person may wait for are named before they begin.
say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
if [[ ! -t 2 ]]; then
  say() { printf '==> %s\n' "$*" >&2; }
fi

die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# Runs a long step in a process group of its own, so that a signal sent to this script alone ends
# the whole step at once: bash holds a trap back until a foreground command ends by itself.
step_pid=''
run_step() {
  env --default-signal=INT,QUIT setsid "$@" &
  step_pid=$!
  local status=0
  wait "$step_pid" || status=$?
  step_pid=''
  return "$status"
}

# Ends the step that is under way, for traps.
stop_step() {
  [[ -n $step_pid ]] || return 0
  kill -TERM -- "-$step_pid" 2>/dev/null || true
  wait "$step_pid" 2>/dev/null || true
  step_pid=''
}

# Percent-encodes everything that a connection URI may not hold as it stands.
url_encode() {
  local LC_ALL=C text=$1 i byte
  for ((i = 0; i < ${#text}; i++)); do
    byte=${text:i:1}
    case $byte in
      [a-zA-Z0-9/._~-]) printf '%s' "$byte" ;;
      *) printf '%%%02X' "'$byte" ;;
    esac
  done
}
