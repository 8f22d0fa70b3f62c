#!/usr/bin/env bash
# Builds a preset of CMakePresets.json into build/<preset>, all of it or the named targets.
#   scripts/build.sh release [wildnout …]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

megabytes_per_compiler=1200 # a file that uses Beast takes 0.9 GB

# As many compilers as there are cores, as far as the memory reaches.
compiler_count() {
  local cores free count
  cores=$(nproc)
  free=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
  count=$((free / megabytes_per_compiler))
  if ((count > cores)); then count=$cores; fi
  if ((count < 1)); then count=1; fi
  printf '%s' "$count"
}

# Installs a folder's npm packages when its lock file is newer than what was installed.
install_npm_packages() {
  local folder=$1 stamp=$1/node_modules/.wildnout-installed
  [[ -f $folder/package-lock.json ]] || return 0
  if [[ -f $stamp && ! $folder/package-lock.json -nt $stamp ]]; then return 0; fi
  say "npm packages of ${folder#"$project"/}"
  (cd "$folder" && npm ci --no-audit --no-fund --no-update-notifier)
  touch "$stamp"
}

if [[ ${1:-} == --npm ]]; then
  install_npm_packages "$project/$2"
  exit
fi

preset=${1:?a preset of CMakePresets.json}
shift
build=$project/build/$preset
mkdir -p "$build"
# Two builds of one preset would write the same files: the second waits for the first.
exec {lock}>"$build.lock"
if ! flock -n "$lock"; then
  say "another build of the preset $preset is under way; waiting for it"
  flock "$lock"
fi

install_npm_packages "$project/web"
cd "$project"
if [[ -f $build/CMakeCache.txt ]] &&
  ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$project" "$build/CMakeCache.txt"; then
  say "the project has moved since build/$preset was made; building it anew"
  rm -rf "$build"
fi
if [[ ! -f $build/build.ninja || CMakePresets.json -nt $build/build.ninja ]]; then
  say "configuring $preset"
  cmake --preset "$preset"
fi
say "building $preset: ${*:-everything}"
ninja -C "$build" -j "$(compiler_count)" "$@"
