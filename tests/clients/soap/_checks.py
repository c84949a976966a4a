"""What every SOAP client of Python must manage; the other languages check the same five things.

A client hands over, for each flavour of the WSDL, what makes a caller: an object with `create(auth, project, fields)` and
`get(auth, project, contact)`, which answer a dict of the result's members (`Fields` as name to value), and `fault_code(error)`.
`fields` is a dict, or a text where the call must fail.
"""
import os
import sys
import time
import traceback

CITY = "Montréal & Île <Łódź> ☺"


def run(client, flavours):
    """Runs `SCRIPT BASE_URL ID_PROJECT ID_KEY KEY`: a line `row FLAVOUR PASSED FAILED` for each flavour, then the sum."""
    base, project, id_key, key = sys.argv[1:5]
    n_passed = n_failed = 0
    for flavour, query, connect in flavours:
        checks = _Checks(f"{client} {flavour}")
        try:
            caller = connect(f"{base}/webservices/soap{query}", query)
            _check(checks, caller, client, flavour, int(project), int(id_key), key)
        except Exception:
            checks.same("runs to its end", "its end", traceback.format_exc())
        print(f"row {flavour} {checks.n_passed} {checks.n_failed}")
        n_passed += checks.n_passed
        n_failed += checks.n_failed
    print(f"{n_passed} passed, {n_failed} failed")
    sys.exit(1 if n_failed else 0)


def _check(checks, caller, client, flavour, project, id_key, key):
    auth = {"idKey": id_key, "Key": key}
    address = f"{client}.{flavour}.{time.time_ns()}.{os.getpid()}@example.com"
    created = caller.create(auth, project, {"f_EMail": address, "f_City": CITY})
    checks.same("created", (True, None, True), (created["Success"], created["ErrorCode"], created["isActive"]))
    got = caller.get(auth, project, created["idContact"])
    checks.same("what was stored", CITY, got["Fields"].get("f_City"))
    checks.same("its address", address, got["Fields"].get("f_EMail"))
    wrong = caller.get({"idKey": id_key, "Key": "x" * 32}, project, created["idContact"])
    checks.same("a wrong key", (False, "AuthenticationFailed"), (wrong["Success"], wrong["ErrorCode"]))
    try:
        checks.same("a fault", "a fault", caller.create(auth, project, "unnamed"))
    except Exception as error:
        code = caller.fault_code(error)
        checks.same("a fault", (True, True), ("Client" in code or "Sender" in code, "Fields must hold named values" in str(error)))


class _Checks:
    def __init__(self, name):
        self.name, self.n_passed, self.n_failed = name, 0, 0

    def same(self, what, expected, actual):
        if expected == actual:
            self.n_passed += 1
            return
        self.n_failed += 1
        print(f"FAILED {self.name}: {what}\n  expected {expected!r}\n  got      {actual}")
