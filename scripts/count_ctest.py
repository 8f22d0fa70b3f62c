"""Counts the test cases in a JUnit report of ctest: prints `passed failed`.

A program of GoogleTest counts as many cases as it says it ran; any other program counts as one.
"""

import re
import sys
import xml.etree.ElementTree as tree

PASSED = re.compile(r"^\[  PASSED  \] (\d+) tests?\.", re.M)
FAILED = re.compile(r"^\[  FAILED  \] (\d+) tests?, listed below", re.M)
SKIPPED = re.compile(r"^\[  SKIPPED \] (\d+) tests?, listed below", re.M)


def cases(program):
    """Returns (passed, failed) of one <testcase>."""
    output = program.findtext("system-out") or ""
    passed = sum(map(int, PASSED.findall(output)))
    failed = sum(map(int, FAILED.findall(output))) + sum(map(int, SKIPPED.findall(output)))
    ended_well = program.get("status") == "run" and program.find("failure") is None
    if not ended_well:
        return passed, max(failed, 1)
    return (passed if passed or failed else 1), failed


def main():
    passed = failed = 0
    for program in tree.parse(sys.argv[1]).getroot().iter("testcase"):
        good, bad = cases(program)
        passed += good
        failed += bad
    print(passed, failed)


main()
