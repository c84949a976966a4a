"""zeep, strict as it comes: it refuses answers with one element that the WSDL does not declare."""
import os
import sys

import zeep

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import _checks  # noqa: E402

NAMESPACE = "{urn:ofsys:soap}"


class Caller:
    def __init__(self, url, query):
        self.client = zeep.Client(url)
        self.port = "OfsysPort12" if query == "?wsdl=12" else "OfsysPort"
        self.service = self.client.bind("Ofsys", self.port)
        self.is_safe = query == "?wsdl=safe"

    def create(self, auth, project, fields):
        if not isinstance(fields, str):
            values, value = self.client.get_type(NAMESPACE + "FieldValues"), self.client.get_type(NAMESPACE + "FieldValue")
            fields = zeep.xsd.AnyObject(values, values(item=[value(Name=name, Value=text) for name, text in fields.items()]))
        return self.call("USER.CREATE", "UserCreate", AuthKey=auth, idProject=project, Fields=fields)

    def get(self, auth, project, contact):
        return self.call("USER.GET", "UserGet", AuthKey=auth, idProject=project, idContact=contact)

    def call(self, dotted, safe, **request):
        result = self.service[safe if self.is_safe else dotted](Request=request)
        told = zeep.helpers.serialize_object(result, dict)
        if told.get("Fields"):
            told["Fields"] = {item["Name"]: item["Value"] for item in told["Fields"]["item"]}
        return told

    @staticmethod
    def fault_code(error):
        return str(error.code)


_checks.run("zeep", [("rpc", "?wsdl", Caller), ("doc", "?wsdl=doc", Caller), ("safe", "?wsdl=safe", Caller), ("12", "?wsdl=12", Caller)])
