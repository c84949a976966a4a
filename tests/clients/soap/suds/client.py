"""suds: it sends encodingStyle in literal calls, and other prefixes for one namespace."""
import os
import sys

import suds.client

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import _checks  # noqa: E402


class Caller:
    def __init__(self, url, query):
        self.client = suds.client.Client(url, cache=None)
        self.is_safe = query == "?wsdl=safe"

    def create(self, auth, project, fields):
        request = self.request("UserCreateRequest", auth, project)
        request.Fields = fields if isinstance(fields, str) else self.values(fields)
        return self.call("USER.CREATE", "UserCreate", request)

    def get(self, auth, project, contact):
        request = self.request("UserGetRequest", auth, project)
        request.idContact = contact
        return self.call("USER.GET", "UserGet", request)

    def request(self, kind, auth, project):
        request = self.client.factory.create(f"{{urn:ofsys:soap}}{kind}")
        request.AuthKey = self.client.factory.create("{urn:ofsys:soap}AuthKey")
        request.AuthKey.idKey, request.AuthKey.Key = auth["idKey"], auth["Key"]
        request.idProject = project
        return request

    def values(self, fields):
        values = self.client.factory.create("{urn:ofsys:soap}FieldValues")
        for name, text in fields.items():
            value = self.client.factory.create("{urn:ofsys:soap}FieldValue")
            value.Name, value.Value = name, text
            values.item.append(value)
        return values

    def call(self, dotted, safe, request):
        result = getattr(self.client.service, safe if self.is_safe else dotted)(request)
        told = {name: value if not hasattr(value, "upper") else str(value) for name, value in dict(result).items()}
        if told.get("Fields"):
            told["Fields"] = {str(item.Name): item.Value and str(item.Value) for item in told["Fields"].item}
        return told

    @staticmethod
    def fault_code(error):
        return str(error.fault.faultcode)


_checks.run("suds", [("rpc", "?wsdl", Caller), ("doc", "?wsdl=doc", Caller), ("safe", "?wsdl=safe", Caller), ("12", "?wsdl=12", Caller)])
