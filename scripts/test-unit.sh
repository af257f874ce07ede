#!/usr/bin/env bash
# Unit tests: beside the code, and those in test/ that need no root.
set -euo pipefail
cd "$(dirname "$0")/.."
mapfile -t files < <(find src test -name '*.test.ts' -not -path 'test/functional/*' -not -path 'test/scenarios/*' -not -path 'test/compat/*' | sort)
exec node --import tsx --test --test-concurrency=2 --test-reporter=spec "${files[@]}"
