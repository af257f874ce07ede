#!/usr/bin/env bash
# Tests on real Open vSwitch and namespaces, on labs, and conversations with real clients.
set -euo pipefail
cd "$(dirname "$0")/.."
mapfile -t files < <(find test/compat test/functional test/scenarios -name '*.test.ts')
exec node --import tsx test/lib/functional.ts "${files[@]}"
