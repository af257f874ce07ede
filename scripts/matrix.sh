#!/usr/bin/env bash
# `npm run matrix`: every type of project network, external network and router with real packets, a row each. Options
# are those of `eastwest matrix` (npm run matrix -- --only vxlan,flat,dvr).
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/prepare.sh
exec node dist/cli/eastwest.js matrix "$@"
