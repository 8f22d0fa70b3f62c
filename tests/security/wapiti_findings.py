"""Reads wapiti's report and fails on what it found. Usage: wapiti_findings.py REPORT"""

import json
import sys

# What is reported and is as it should be, with the reason.
EXPECTED = {
    ("HTTP Secure Headers", "Strict-Transport-Security"):
        "a development server without TLS; production sends it (docs/security.md)",
    ("HTTP Secure Headers", "X-XSS-Protection"):
        "sent as 0 on purpose (docs/security.md)",
}


def reason_for(category, finding):
    for (expected, text), reason in EXPECTED.items():
        if category == expected and text in finding["info"]:
            return reason
    return None


def main(path):
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    status = 0
    for part in ("vulnerabilities", "anomalies"):
        for category, findings in report[part].items():
            for finding in findings:
                reason = reason_for(category, finding)
                word = "expected" if reason else "FOUND"
                print(f"{word}: {category}: {finding['method']} {finding['path']}: "
                      f"{finding['info']}" + (f" ({reason})" if reason else ""))
                status = status if reason else 1
    print("wapiti: " + ("nothing" if status == 0 else "findings"))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
