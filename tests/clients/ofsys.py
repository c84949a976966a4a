"""The Ruby gem and curl as seen on the wire: ofsys.py BASE_URL USERNAME PASSWORD API_KEY ID_PROJECT ID_KEY KEY."""

import json
import sys
import traceback
import urllib.request

BASE, _, _, _, PROJECT, ID_KEY, KEY = sys.argv[1:8]
passed = failed = 0


def same(what, expected, actual):
    """Compares exactly, type included: True is not 1."""
    global passed, failed
    if json.dumps(expected, sort_keys=True) == json.dumps(actual, sort_keys=True):
        passed += 1
    else:
        failed += 1
        print(f"FAILED {what}\n  expected {expected!r}\n  got      {actual!r}")


def call(service, method, mark=b"", **members):
    """Posts as the gem does: no type of its own, so that the library says it is a form (OF-1.3)."""
    body = json.dumps({"AuthKey": {"idKey": int(ID_KEY), "Key": KEY}, **members}).encode()
    request = urllib.request.Request(f"{BASE}/webservices/ofc4/{service}.ashx?method={method}", data=mark + body)
    with urllib.request.urlopen(request, timeout=30) as answer:
        same(f"{service}.{method}: type", "application/json; charset=utf-8", answer.headers["Content-Type"])
        return json.loads(answer.read().decode("utf-8"))


def equal(name, value):
    return {"Field": {"Name": name, "TableCode": "Contact"}, "TypeOperator": "Equal", "ComparisonValue": value, "$type": "FieldClause"}


def gem():
    project = int(PROJECT)
    options = {"AllowInsert": True, "AllowUpdate": True, "SkipDuplicateRecords": False, "SkipUnmatchedRecords": False,
               "ReturnRecordsOnSuccess": False, "ReturnRecordsOnError": False, "FieldOptions": None}
    record = {"ID": {"key_f_EMail": "gem@example.com"}, "Data": {"f_City": "Montréal"}}
    answer = call("contacts", "Merge", idProject=project, Records=[record], MergeOptions=options)
    same("members in order", ["Success", "ErrorCode", "ErrorMessage", "CreatedRecords", "UpdatedRecords", "Records", "idRequest", "Trace"],
         list(answer))
    row = answer["Records"][0]
    same("row in order", ["IdRecord", "Status", "ValidationResult", "Message", "ID", "Data", "Record"], list(row))
    same("row", ["Created", "OK", None, {"key_f_EMail": "gem@example.com"}, None, None],
         [row[name] for name in ("Status", "ValidationResult", "Message", "ID", "Data", "Record")])
    first = answer["idRequest"]
    answer = call("contacts", "Get", mark=b"\xef\xbb\xbf", idProject=project, Clause=[equal("f_EMail", "gem@example.com")])
    same("found", [row["IdRecord"], "Montréal"], [answer["Records"][0]["idContact"], answer["Records"][0]["f_City"]])
    same("numbers grow", True, answer["idRequest"] > first)

    version = {"Culture": "en-CA", "SenderEMail": "club@example.org", "Subject": "Hi",
               "MessageBodies": [{"MIMEType": "text/plain", "Content": "hello"}]}
    message = call("messages", "Create", idProject=project, Message={"Name": "M", "MessageVersions": [version]})["idMessage"]
    several = {"Mode": "Clauses", "TableClauses": [{"TableCode": "Contact", "Clause": equal("f_EMail", "gem@example.com")}]}
    same("sent", 1, call("sendings", "SendSingle", idProject=project, idMessage=message, contactFilter=several)["AffectedContacts"])
    shown = call("messages", "Get", idMessage=message)["Message"]
    same("the message", "hello", shown["MessageVersions"][0]["MessageBodies"][0]["Content"])
    same("updated", True, call("messages", "Update", idMessage=message, Message={"Name": "N"})["Success"])
    batch = {"isDelayed": True, "dtLaunch": "2099.01.31 10:00:00", "PrepareNow": False, "AutoApprove": False}
    number = call("Sendings", "SendBatch", idProject=project, idMessage=message, contactFilter={"Mode": "All"}, sendBatchOptions=batch)["idBatch"]
    bounds = {"BatchFilterMode": "idBatch", "idBatch_Min": number, "idBatch_Max": number}
    batches = call("Sendings", "GetBatches", idProject=project, batchFilter=bounds)["Batches"]
    same("batches", [number, "WaitingForApproval"], [batches[0]["idBatch"], batches[0]["Status"]])
    same("deleted", 1, call("contacts", "Delete", idProject=project, Clause=equal("f_EMail", "gem@example.com"), MaxRows=10)["DeletedRecords"])
    same("a refusal", [False, "ProjectNotFound"],
         [call("contacts", "Get", idProject=987654, Clause=equal("idContact", 1))[name] for name in ("Success", "ErrorCode")])


try:
    gem()
except Exception:
    failed += 1
    print(f"FAILED the gem cannot go on\n{traceback.format_exc()}")
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
