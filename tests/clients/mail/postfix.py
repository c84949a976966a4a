"""Mail on its whole way, through a real Postfix: postfix.py BASE_URL USERNAME PASSWORD API_KEY ID_PROJECT ID_KEY KEY.

The relay of the server under test is a Postfix that keeps mail to reader@inbox.test in the folder UNDERSTUDY_MAILBOX, bounces mail to others of that
domain after it has taken it, and returns bounces to the server. UNDERSTUDY_DKIM_NAME and UNDERSTUDY_DKIM_RECORD are the DNS record of the sender domain.
"""

import email
import email.policy
import html
import json
import os
import pathlib
import re
import sys
import time
import traceback
import urllib.parse
import urllib.request

import dkim

BASE, USERNAME, PASSWORD, API_KEY, PROJECT, KEY_ID, KEY = sys.argv[1:8]
MAILBOX = pathlib.Path(os.environ["UNDERSTUDY_MAILBOX"])
NAME, RECORD = os.environ["UNDERSTUDY_DKIM_NAME"], os.environ["UNDERSTUDY_DKIM_RECORD"]
READER = "reader@inbox.test"
PATIENCE = 60
passed = failed = 0


def check(what, is_good, seen=""):
    global passed, failed
    if is_good:
        passed += 1
    else:
        failed += 1
        print(f"FAILED {what}\n  {seen}")


def wait_for(look):
    """What `look` finds first, asked again and again; None when it finds nothing in time."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    return None


def call(command, **params):
    body = urllib.parse.urlencode({"Command": command, "ResponseFormat": "JSON", "APIKey": API_KEY, **params})
    with urllib.request.urlopen(f"{BASE}/api.php", data=body.encode(), timeout=30) as answer:
        return json.loads(answer.read().decode("utf-8"))


def soap(operation, members):
    """PHP's call without a WSDL, as bytes: members are (name, XML text)."""
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in members)
    envelope = (
        '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        f'<n:{operation} xmlns:n="{NAMESPACE}"><AuthKey><idKey>{KEY_ID}</idKey><Key>{html.escape(KEY)}</Key></AuthKey>'
        f"<idProject>{PROJECT}</idProject>{inside}</n:{operation}></s:Body></s:Envelope>"
    )
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{operation}"'}
    request = urllib.request.Request(f"{BASE}/webservices/soap", data=envelope.encode(), headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read().decode("utf-8")


def web_service(service, method, **members):
    auth = {"idKey": int(KEY_ID), "Key": KEY}
    body = json.dumps({"AuthKey": auth, "idProject": int(PROJECT), **members})
    request = urllib.request.Request(f"{BASE}/webservices/ofc4/{service}.ashx?method={method}", data=body.encode())
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read().decode("utf-8-sig"))


def mails():
    folder = MAILBOX / "new"
    return [file.read_bytes() for file in sorted(folder.iterdir())] if folder.is_dir() else []


def mail_with(subject):
    for raw in mails():
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        if subject in str(mail["subject"]):
            return raw, mail
    return None


def dns(name, timeout=5):
    asked = name.decode() if isinstance(name, bytes) else name
    return RECORD.encode() if asked.rstrip(".") == NAME.rstrip(".") else None


def check_mail(what, found):
    check(f"{what} arrived", found is not None, f"{len(mails())} others did")
    if not found:
        return None
    raw, mail = found
    for name in ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version"]:
        check(f"{what} has one {name}", len(mail.get_all(name) or []) == 1, str(mail.items()))
    # Postfix writes line ends of its own system into mailboxes, and three headers of its own in front.
    signed = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    check(f"{what} is signed", mail["DKIM-Signature"] is not None, str(mail.items()))
    check(f"{what}: dkimpy verifies it", dkim.verify(signed, dnsfunc=dns), str(mail["DKIM-Signature"]))
    check(f"{what}: a changed one it does not", not dkim.verify(signed.replace(b"Subject: ", b"Subject: x"), dnsfunc=dns))
    sender = str(mail["Return-Path"])
    check(f"{what} has an envelope sender of its own", re.fullmatch(r"<b\+[a-z2-7]+@returns\.test>", sender), sender)
    return mail


def by_api():
    list_id = call("List.Create", SubscriberListName="By API")["ListID"]
    call("List.Update", SubscriberListID=list_id, OptInMode="Double")
    call("Subscriber.Subscribe", ListID=list_id, EmailAddress=READER, IPAddress="192.0.2.1")
    mail = check_mail("the opt-in request", wait_for(lambda: mail_with("By API") or mail_with("onfirm")))
    if mail:
        link = re.search(r"https?://\S+/confirm/\S+", mail.get_body(("plain",)).get_content())
        check("the opt-in request has its link", link is not None, mail.get_body(("plain",)).get_content())
    return list_id


def by_soap():
    version = {
        "Name": "one", "Culture": "", "SenderName": "Club", "SenderEMail": "club@example.org", "Subject": "Activate ✓",
        "MessageBodies": [{"MIMEType": "text/html", "Content": '<p>Grüß dich <a href="[[=Message.ActivationLink();]]">Yes</a></p>'}],
    }
    made = web_service("messages", "Create", Message={"Name": "m", "MessageVersions": [version]})
    answer = soap("USER.CREATE", [("Fields", f"<f_EMail>{READER}</f_EMail>"), ("isActive", "0")])
    contact = re.search(r"<idContact[^>]*>(\d+)<", answer)
    check("USER.CREATE answers a contact", contact is not None, answer)
    if not contact:
        return
    answer = soap("MESSAGE.SENDSINGLE", [("idMessage", made["idMessage"]), ("idContact", contact.group(1))])
    check("MESSAGE.SENDSINGLE succeeds", "Fault" not in answer, answer)
    mail = check_mail("the single sending", wait_for(lambda: mail_with("Activate ✓")))
    if mail:
        check("the single sending has text and HTML", {part.get_content_type() for part in mail.walk()} >= {"text/plain", "text/html"})
        check("umlauts survive", "Grüß dich" in mail.get_body(("html",)).get_content())


def bounced(list_id):
    call("List.Update", SubscriberListID=list_id, OptInMode="Double")
    call("Subscriber.Subscribe", ListID=list_id, EmailAddress="gone@inbox.test", IPAddress="192.0.2.1")

    def is_hard():
        row = call("Subscriber.Get", ListID=list_id, EmailAddress="gone@inbox.test").get("SubscriberInformation", {})
        return row if row.get("BounceType") == "Hard" else None

    check("a bounce ends as a hard bounce on the subscriber", wait_for(is_hard) is not None)
    check("nobody else bounced", call("Subscriber.Get", ListID=list_id, EmailAddress=READER)["SubscriberInformation"]["BounceType"] == "Not Bounced")


try:
    with urllib.request.urlopen(f"{BASE}/webservices/soap?wsdl", timeout=30) as wsdl:
        NAMESPACE = re.search(r'targetNamespace="([^"]+)"', wsdl.read().decode("utf-8")).group(1)
    made = by_api()
    by_soap()
    bounced(made)
except Exception:
    traceback.print_exc()
    failed += 1
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
