"""Reads {"rules": {name: text}, "callers": [...], "targets": [...]}; prints for each rule what oslo.policy says of each pair."""
import json
import sys

from oslo_config import cfg
from oslo_policy import _checks, policy


@_checks.register('field')
class FieldCheck(_checks.Check):
    """As Neutron has it: RESOURCE:ATTRIBUTE=VALUE, or =~PATTERN."""

    def __call__(self, target, creds, enforcer, current_rule=None):
        import re
        attribute, _, value = self.match.split(':', 1)[1].partition('=')
        found = target.get(attribute)
        if found is None:
            return False
        if value.startswith('~'):
            return bool(re.match(value[1:], str(found)))
        return str(found) == value


asked = json.load(sys.stdin)
enforcer = policy.Enforcer(cfg.ConfigOpts(), use_conf=False, rules=policy.Rules.from_dict(asked['rules']))
answers = {
    name: [
        [bool(enforcer.rules[name](target, caller, enforcer, current_rule=name)) for target in asked['targets']]
        for caller in asked['callers']]
    for name in asked['ask']}
json.dump(answers, sys.stdout)
