#!/usr/bin/env bash
# `npm run lab`: installs what is missing, brings the lab up afresh, carries out the guide's walk-through and leaves the
# lab running. Options are those of `eastwest lab up` (npm run lab -- --name two --port-offset 10000).
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/prepare.sh
name=lab
previous=
for argument in "$@"; do
  [ "$previous" = --name ] && name=$argument
  case $argument in --name=*) name=${argument#--name=} ;; esac
  previous=$argument
done
echo "bringing up lab '$name'"
node dist/cli/eastwest.js lab down --name "$name" >/dev/null
node dist/cli/eastwest.js lab up "$@"
node dist/cli/eastwest.js scenario --name "$name"
echo "The lab is running. 'npx eastwest lab down' ends it."
