#!/usr/bin/env bash
# `npm run conformance`: tempest's tests of the network API, as Debian packages them, against the lab. Options are those
# of `eastwest conformance` (npm run conformance -- --only test_routers --json results.json).
set -euo pipefail
cd "$(dirname "$0")/.."
services=()
case " $* " in *" --services debian "* | *" --services=debian "*) services=(postgresql rabbitmq-server python3-keystone) ;; esac
bash scripts/prepare.sh python3-tempest "${services[@]}"
exec node dist/cli/eastwest.js conformance "$@"
