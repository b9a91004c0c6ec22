"""Runs the Catch2 binaries under build/tests/unit and the system tests under tests/system, and counts them together.

Called by tools/test, which explains the options.
"""
import argparse
import os
import re
import subprocess
import sys
import time
import unittest
import xml.etree.ElementTree as ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def run_unit(binary, word):
    """Passed and failed test cases of one Catch2 binary (both major versions write this XML)."""
    command = [binary, "--reporter", "xml"] + ([f"*{word}*"] if word else [])
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    passed, failed = 0, []
    try:
        root = ElementTree.fromstring(done.stdout)
        for case in root.iter("TestCase"):
            if case.find("OverallResult").get("success") == "true":
                passed += 1
            else:
                failed.append(case.get("name"))
    except (ElementTree.ParseError, AttributeError):
        failed.append(f"{os.path.basename(binary)} died (exit {done.returncode})")
    if done.returncode != 0 and not failed:
        failed.append(f"{os.path.basename(binary)} exited with {done.returncode}")
    if failed:
        print(subprocess.run([binary] + command[3:], capture_output=True, text=True, cwd=ROOT).stdout[-6000:])
        print(done.stderr[-2000:])
    return passed, failed


class Verbose(unittest.TextTestResult):
    """Prints each system test with its seconds, and counts those that passed."""

    passed_count = 0

    def startTest(self, test):
        self.began = time.time()
        super().startTest(test)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed_count += 1
        print(f"  ok    {test.id()} ({time.time() - self.began:.1f} s)", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", action="store_true")
    parser.add_argument("-k", metavar="WORD", default="")
    arguments = parser.parse_args()
    if arguments.all:
        os.environ["ELB_ALL"] = "1"
    passed, failed, skipped = 0, [], []

    unit = os.path.join(ROOT, "build", "tests", "unit")
    binaries = sorted(os.path.join(d, f) for d, _, files in os.walk(unit) for f in files
                      if re.fullmatch(r"unit_\w+", f) and os.access(os.path.join(d, f), os.X_OK))
    if not binaries:
        failed.append("no unit test binary was built")
    for binary in binaries:
        began = time.time()
        good, bad = run_unit(binary, arguments.k)
        print(f"{os.path.basename(binary)}: {good} passed, {len(bad)} failed ({time.time() - began:.1f} s)", flush=True)
        passed += good
        failed += [f"{os.path.basename(binary)}: {name}" for name in bad]

    system = os.path.join(ROOT, "tests", "system")
    sys.path.insert(0, system)
    loader = unittest.TestLoader()
    if arguments.k:
        loader.testNamePatterns = [f"*{arguments.k}*"]
    suite = loader.discover(system, pattern="test_*.py")
    result = unittest.TextTestRunner(stream=sys.stdout, resultclass=Verbose, verbosity=0).run(suite)
    passed += result.passed_count
    failed += [test.id() for test, _ in result.failures + result.errors]
    failed += [test.id() for test in result.unexpectedSuccesses]
    skipped += [f"{test.id()}: {reason}" for test, reason in result.skipped]

    for name in skipped:
        print(f"skipped: {name}")
    for name in failed:
        print(f"FAILED: {name}")
    print(f"{passed} passed, {len(failed)} failed" + (f", {len(skipped)} skipped" if skipped else ""))
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
