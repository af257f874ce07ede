#!/usr/bin/env bash
# `npm test`: installs what is missing, then runs every check and test, fast ones first.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/prepare.sh python3-openstackclient python3-neutronclient python3-tempest neutron-tempest-plugin python3-keystone python3-placement \
  postgresql rabbitmq-server golang-go golang-github-gophercloud-gophercloud-dev openstack-dashboard
step() { printf '\n== %s ==\n' "$1"; }
step types
npx tsc -p tsconfig.json --noEmit
step lint
npx biome check --error-on-warnings .
step 'unit tests'
bash scripts/test-unit.sh
step 'functional, scenario and client tests'
bash scripts/test-functional.sh
