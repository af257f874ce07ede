"""Carries out every case; each prints a line of JSON: its name, and what went wrong (null when all is well)."""
import json
import sys
import unittest
import warnings

import cloud


class Lines(unittest.TestResult):
    def startTest(self, test):
        super().startTest(test)
        self.reason = None

    def addError(self, test, err):
        super().addError(test, err)
        self.reason = self.errors[-1][1]

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.reason = self.failures[-1][1]

    def stopTest(self, test):
        name = f'{type(test).__name__}: {test._testMethodName[5:].replace("_", " ")}'
        print(json.dumps({'name': name, 'reason': self.reason}), flush=True)
        super().stopTest(test)


if __name__ == '__main__':
    warnings.simplefilter('ignore')
    external = cloud.make_external()
    suite = unittest.defaultTestLoader.discover(sys.path[0], pattern=sys.argv[1] if len(sys.argv) > 1 else 'test_*.py')
    suite.run(Lines())
    cloud.ADMIN.network.delete_network(external)
    cloud.ADMIN.identity.delete_user(cloud.ADMIN.identity.find_user('sdk-reader'))
    left = [port.to_dict() for port in cloud.ADMIN.network.ports()]
    print(json.dumps({'name': 'nothing is left', 'reason': str(left) if left else None}))
