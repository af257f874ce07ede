#!/usr/bin/env bash
# `npm run bench NAME`: prints one benchmark's figures as JSON.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/prepare.sh >&2
exec node --import tsx bench/run.ts "$@"
