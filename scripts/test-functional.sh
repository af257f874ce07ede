#!/usr/bin/env bash
# Tests on real Open vSwitch and namespaces, then scenario tests on the lab, then conversations with real clients. One file
# after the other: they share two cores, and what they measure.
set -euo pipefail
cd "$(dirname "$0")/.."
mapfile -t files < <(find test/functional test/scenarios test/compat -name '*.test.ts' 2>/dev/null | sort -t/ -k2,2)
exec node --import tsx --test --test-concurrency=1 --test-reporter=spec "${files[@]}"
