#!/usr/bin/env bash
# Tests on real Open vSwitch and namespaces, on labs, and conversations with real clients. Most of their time they wait for
# something, so two files run side by side; each brings up labs, services and folders of its own. The one that looks at the
# whole machine, for what labs leave there, has it to itself.
set -euo pipefail
cd "$(dirname "$0")/.."
alone=test/scenarios/cycles.test.ts
status=0
run() {
  local concurrency=$1
  shift
  node --import tsx --test --test-concurrency="$concurrency" --test-reporter=spec "$@" || status=1
}
mapfile -t others < <(find test/compat test/functional test/scenarios -name '*.test.ts' -not -path "$alone")
run 1 "$alone"
run 2 "${others[@]}"
exit "$status"
