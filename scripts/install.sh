#!/usr/bin/env bash
# Installs the Debian 12 packages of the named sections of packages.txt that are missing.
#   scripts/install.sh build [test]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

oldest_node=18

section() {
  awk -v wanted="[$1]" '/^\[/ { here = ($0 == wanted); next } here && NF && !/^#/' \
    "$scripts/packages.txt"
}

node_is_new_enough() {
  local version
  version=$(node --version 2>/dev/null) || return 1
  version=${version#v}
  ((${version%%.*} >= oldest_node))
}

missing_packages() {
  local wanted installed package
  wanted=$(for name in "$@"; do section "$name"; done)
  if node_is_new_enough; then
    wanted=$(grep -vx nodejs <<<"$wanted")
    # npm of another origin than Debian has no package of this name.
    if command -v npm >/dev/null; then wanted=$(grep -vx npm <<<"$wanted"); fi
  fi
  # One query for all; a package that dpkg does not know is only missing from the answer.
  # shellcheck disable=SC2086
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null |
    sed -n 's/^installed //p') || true
  for package in $wanted; do
    grep -qxF "$package" <<<"$installed" || printf '%s\n' "$package"
  done
}

# Debian makes and starts a cluster on port 5432 when postgresql-15 arrives. The product never uses
# it, so on a machine that had no PostgreSQL that is switched off for the length of the install.
createcluster=/etc/postgresql-common/createcluster.conf
restore_createcluster() {
  if [[ ! -e $createcluster.before-wildnout ]]; then return; fi
  mv -f "$createcluster.before-wildnout" "$createcluster"
}

install_as_root() {
  export DEBIAN_FRONTEND=noninteractive
  local apt=(apt-get -y --no-install-recommends -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300
    -o Acquire::Retries=3)
  "${apt[@]}" update
  if [[ ! -e $createcluster ]] && printf '%s\n' "$@" | grep -qx postgresql-15; then
    "${apt[@]}" install postgresql-common
    cp -p "$createcluster" "$createcluster.before-wildnout"
    trap restore_createcluster EXIT
    printf '\ncreate_main_cluster = false\n' >>"$createcluster"
  fi
  keep_services_down
  "${apt[@]}" install "$@"
}

# Debian starts a Redis on port 6379 when redis-server arrives, which nothing here uses: for the
# length of the install new services stay down, unless the machine has a rule of its own.
policy=/usr/sbin/policy-rc.d
keep_services_down() {
  if [[ -e $policy ]] || command -v redis-server >/dev/null; then return; fi
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"; restore_createcluster' EXIT
}

main() {
  local packages
  mapfile -t packages < <(missing_packages "$@")
  if ((${#packages[@]} == 0)); then return; fi
  command -v apt-get >/dev/null || die "these Debian 12 packages are missing, and there is no" \
    "apt-get here to install them: ${packages[*]}"
  say "installing Debian packages: ${packages[*]}"
  if [[ $(id -u) == 0 ]]; then
    install_as_root "${packages[@]}"
  elif command -v sudo >/dev/null; then
    sudo --preserve-env=http_proxy,https_proxy,no_proxy \
      bash "$scripts/install.sh" --as-root "${packages[@]}"
  else
    die "not root, and there is no sudo here; as root run:" \
      "apt-get install --no-install-recommends ${packages[*]}"
  fi
  mapfile -t packages < <(missing_packages "$@")
  if ((${#packages[@]} > 0)); then die "still missing after the install: ${packages[*]}"; fi
}

if [[ ${1:-} == --as-root ]]; then
  shift
  install_as_root "$@"
else
  main "$@"
fi
