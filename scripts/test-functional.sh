#!/usr/bin/env bash
# Tests on real Open vSwitch and namespaces, then scenario tests on the lab, one file after the other: they share two
# cores, and what they measure. Then conversations with real clients, two at a time: those mostly wait for each other.
set -euo pipefail
cd "$(dirname "$0")/.."
status=0
run() {
  local concurrency=$1 files
  shift
  mapfile -t files < <(find "$@" -name '*.test.ts' | sort)
  node --import tsx --test --test-concurrency="$concurrency" --test-reporter=spec "${files[@]}" || status=1
}
run 1 test/functional test/scenarios
run 2 test/compat
exit "$status"
