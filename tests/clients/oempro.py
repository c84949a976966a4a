"""Clients in Python and Ruby as seen on the wire: oempro.py BASE_URL USERNAME PASSWORD API_KEY (python-oempro, Roempro, TS-py)."""

import json
import re
import sys
import traceback
import urllib.parse
import urllib.request

BASE, USERNAME, PASSWORD, API_KEY = sys.argv[1:5]
passed = failed = 0


def same(what, expected, actual):
    """Compares exactly, type included: True is not 1."""
    global passed, failed
    if json.dumps(expected, sort_keys=True) == json.dumps(actual, sort_keys=True):
        passed += 1
    else:
        failed += 1
        print(f"FAILED {what}\n  expected {expected!r}\n  got      {actual!r}")


def post(body):
    request = urllib.request.Request(f"{BASE}/api.php", data=body.encode())
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read().decode("utf-8"))


def head(answer):
    return [answer.get("Success"), answer.get("ErrorCode")]


class PythonOempro:
    """Posts urlencoded; logs in with RememberMe, DisableCaptcha and an empty SessionID (OE-14.1)."""

    def __init__(self):
        self.session = ""

    def call(self, command, **params):
        sent = {"Command": command, "ResponseFormat": "JSON", "SessionID": self.session, **params}
        return post(urllib.parse.urlencode(sent, doseq=True))

    def login(self, password):
        answer = self.call("User.Login", Username=USERNAME, Password=password, RememberMe="", DisableCaptcha="true")
        self.session = answer.get("SessionID", "")
        return answer


def python_oempro():
    client = PythonOempro()
    answer = client.login("wrong")
    same("failed login", [False, [3]], head(answer))
    same("failed login has texts", True, isinstance(answer["ErrorText"], list) and len(answer["ErrorText"]) == 1)
    same("login", [True, 0], head(client.login(PASSWORD)))
    same("SessionID is a word", True, re.match(r"^[\w-]+$", client.session) is not None)

    list_id = client.call("List.Create", SubscriberListName="Python ünd more")["ListID"]
    same("ListID is a number", True, isinstance(list_id, int))
    same("List.Update", [True, 0], head(client.call("List.Update", SubscriberListID=list_id, OptInMode="Single")))
    answer = client.call("CustomField.Create", SubscriberListID=list_id, FieldName="Age", FieldType="Single line",
                         ValidationMethod="Numbers")
    field = f"CustomField{answer['CustomFieldID']}"

    ann = {"ListID": list_id, "EmailAddress": "ann+tag@example.com"}
    same("no IP is code 3", [False, 3], head(client.call("Subscriber.Subscribe", IPAddress="", **ann)))
    answer = client.call("Subscriber.Subscribe", IPAddress="192.0.2.1", **ann, **{field: "old"})
    same("a value that is no number is code 8", [False, 8], head(answer))
    same("the field is named", answer.get("ErrorCustomFieldTitle"), "Age")
    answer = client.call("Subscriber.Subscribe", IPAddress="192.0.2.1", **ann, **{field: "41"})
    same("Subscribe", [True, 0], head(answer))
    subscriber_id = answer["SubscriberID"]
    row = client.call("Subscriber.Get", **ann)["SubscriberInformation"]
    same("the row", [str(subscriber_id), "ann+tag@example.com", "41"], [row["SubscriberID"], row["EmailAddress"], row[field]])
    answer = client.call("Subscriber.Update", SubscriberListID=list_id, SubscriberID=subscriber_id,
                         EmailAddress=ann["EmailAddress"], **{f"Fields[{field}]": "42"})
    same("Subscriber.Update", [True, 0], head(answer))
    same("the new value", "42", client.call("Subscriber.Get", **ann)["SubscriberInformation"][field])

    lines = "\n".join(f"p{n}@example.com" for n in range(120))
    answer = client.call("Subscribers.Import", ListID=list_id, ImportStep=1, ImportType="Copy", ImportData=lines)
    same("import, step 1", [True, 0], head(answer))
    answer = client.call("Subscribers.Import", ListID=list_id, ImportStep=2, ImportID=answer["ImportID"],
                         **{"MappedFields[FIELD1]": "EmailAddress"})
    same("import, step 2", [True, 0], head(answer))
    same("imported", [120, 120, 0, 0],
         [int(answer[key]) for key in ("TotalData", "TotalImported", "TotalDuplicates", "TotalFailed")])
    seen = []
    while True:
        page = client.call("Subscribers.Get", SubscriberListID=list_id, SubscriberSegment="Active",
                           OrderField="SubscriptionDate", OrderType="DESC", RecordsFrom=len(seen), RecordsPerRequest=50)
        same("totals are unpaged", 121, int(page["TotalSubscribers"]))
        if not page["Subscribers"]:
            break
        seen += [row["EmailAddress"] for row in page["Subscribers"]]
    same("every row once", 121, len(set(seen)))
    same("no row twice", 121, len(seen))

    answer = client.call("Subscriber.Unsubscribe", IPAddress="192.0.2.1", CampaignID="", EmailID="", **ann)
    same("Unsubscribe", [True, 0], head(answer))
    answer = client.call("Subscriber.Unsubscribe", ListID=list_id, EmailAddress="none@example.com", IPAddress="1")
    same("unknown address is code 7", [False, 7], head(answer))
    same("Subscribers.Delete", [True, 0],
         head(client.call("Subscribers.Delete", SubscriberListID=list_id, Subscribers=f"{subscriber_id}")))
    same("gone", [False, [3]], head(client.call("Subscriber.Get", **ann)))
    same("several missing parameters", [False, [1, 2]], head(client.call("Subscriber.Get")))
    same("Lists.Delete", [True, 0], head(client.call("Lists.Delete", Lists=list_id)))


def roempro():
    """Lower-case keys and commands, a bare `sessionid` at the login (OE-14.2)."""
    login = urllib.parse.urlencode({"command": "user.login", "username": USERNAME, "password": PASSWORD})
    answer = post(f"{login}&responseformat=JSON&disablecaptcha=true&sessionid")
    same("Roempro login", [True, 0], head(answer))
    body = f"command=lists.get&responseformat=JSON&sessionid={answer['SessionID']}"
    same("Roempro lists.get", [True, 0], head(post(body)))
    answer = post("command=lists.get&responseformat=JSON&sessionid=gone")
    same("Roempro expiry is the number 99998", [False, 99998], head(answer))


def ts_py():
    """GET for everything; a session longer than five signs (OE-14.14)."""
    query = urllib.parse.urlencode({"Command": "User.Login", "ResponseFormat": "JSON", "Username": USERNAME,
                                    "Password": PASSWORD, "DisableCaptcha": "true"})
    with urllib.request.urlopen(f"{BASE}/api.php?{query}", timeout=30) as answer:
        session = json.loads(answer.read())["SessionID"]
    same("TS-py session", True, len(session) > 5)


for client in (python_oempro, roempro, ts_py):
    try:
        client()
    except Exception:
        failed += 1
        print(f"FAILED {client.__name__} cannot go on\n{traceback.format_exc()}")
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
