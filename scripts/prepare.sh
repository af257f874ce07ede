#!/usr/bin/env bash
# Installs what is missing for the lab and the tests: Debian packages, npm packages, the build. Safe to repeat; does
# nothing (in well under a second) when everything is there.
# usage: prepare.sh [DEBIAN_PACKAGE...]   further packages beside the lab's own
set -euo pipefail
cd "$(dirname "$0")/.."

need_root() {
  if [ "$(id -u)" -ne 0 ]; then
    echo "Eastwest makes network namespaces and needs root. Run it again with sudo." >&2
    exit 1
  fi
}

node_version() {
  if ! command -v node >/dev/null || [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ]; then
    echo "Node.js 20 or newer is needed (found: $(node --version 2>/dev/null || echo none))." >&2
    exit 1
  fi
}

# command -> Debian package that brings it
debian_packages() {
  local missing=() pair
  for pair in ovs-vswitchd:openvswitch-switch ip:iproute2 iptables:iptables nft:nftables ipset:ipset conntrack:conntrack \
    dnsmasq:dnsmasq-base haproxy:haproxy ping:iputils-ping arping:iputils-arping curl:curl ethtool:ethtool tcpdump:tcpdump \
    udhcpc:udhcpc dhclient:isc-dhcp-client radvd:radvd keepalived:keepalived ndptool:libndp-tools sysctl:procps nsenter:util-linux; do
    PATH="$PATH:/usr/sbin:/sbin" command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
  done
  for pair in "$@"; do
    dpkg-query -W -f '${Status}' "$pair" 2>/dev/null | grep -q 'ok installed' || missing+=("$pair")
  done
  [ "${#missing[@]}" -eq 0 ] && return
  echo "installing Debian packages: ${missing[*]}"
  if ! command -v apt-get >/dev/null; then
    echo "This is no Debian: install these packages by hand and start again." >&2
    exit 1
  fi
  # the packages' services (a system-wide Open vSwitch, haproxy) are not wanted: the lab starts its own
  local policy=/usr/sbin/policy-rc.d made=
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    made=yes
  fi
  local status=0
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
    >/tmp/eastwest-apt.$$ 2>&1 || status=$?
  [ -n "$made" ] && rm -f "$policy"
  if [ "$status" -ne 0 ]; then
    tail -20 /tmp/eastwest-apt.$$ >&2
    rm -f /tmp/eastwest-apt.$$
    exit "$status"
  fi
  rm -f /tmp/eastwest-apt.$$
}

npm_packages() {
  local wanted have=node_modules/.eastwest-lock
  wanted=$(sha256sum package-lock.json)
  [ -f "$have" ] && [ "$(cat "$have")" = "$wanted" ] && return
  echo "installing npm packages"
  npm ci --no-audit --no-fund --loglevel=error
  echo "$wanted" >"$have"
}

build() {
  if [ -f dist/.built ] && [ -z "$(find src package.json tsconfig.build.json -newer dist/.built -print -quit)" ]; then
    return
  fi
  echo "building"
  rm -rf dist
  npx tsc -p tsconfig.build.json
  chmod +x dist/cli/*.js dist/processes/*.js
  touch dist/.built
}

# parts of the kernel that the hybrid firewall needs; built in or loaded on most systems
kernel() {
  [ -e /proc/sys/net/bridge/bridge-nf-call-iptables ] || modprobe br_netfilter 2>/dev/null || {
    echo "The kernel has no br_netfilter, which security groups on Linux bridges need." >&2
    exit 1
  }
}

need_root
node_version
debian_packages "$@"
npm_packages
build
kernel
