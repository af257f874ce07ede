#!/usr/bin/env bash
# `npm run conformance`: tempest's tests of the network API, or Neutron's own, as Debian packages them, against the lab.
# Options are those of `eastwest conformance` (npm run conformance -- --suite neutron --only test_routers).
set -euo pipefail
cd "$(dirname "$0")/.."
packages=(python3-tempest)
case " $* " in *" --services debian "* | *" --services=debian "*) packages+=(postgresql rabbitmq-server python3-keystone) ;; esac
case " $* " in *" --suite neutron "* | *" --suite=neutron "* | *" --suite all "* | *" --suite=all "*) packages+=(neutron-tempest-plugin) ;; esac
bash scripts/prepare.sh "${packages[@]}"
exec node dist/cli/eastwest.js conformance "$@"
