"""Fails for every registered query that no test has executed.

Usage: queries_ran.py LIST_PROGRAM LOG
LIST_PROGRAM prints the names of all queries (build/.../tests/tree/list_queries); LOG is the file
that the environment variable WILDNOUT_QUERY_LOG named while the test programs ran, and the servers
of the end-to-end tests. The last line is `N passed, M failed`: the check is one test.
"""
import subprocess
import sys
from pathlib import Path


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    listing = subprocess.run([sys.argv[1]], check=True, capture_output=True, text=True).stdout
    executed = set(Path(sys.argv[2]).read_text(encoding="utf-8").split())
    names = listing.split()
    idle = [name for name in names if name not in executed]
    for name in idle:
        print(f"query {name}: no test has run it")
    if not names:
        print("no query is registered: the list is broken")
    good = bool(names) and not idle
    if good:
        print(f"ok: {len(names)} queries, each run by a test")
    print("1 passed, 0 failed" if good else "0 passed, 1 failed")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
