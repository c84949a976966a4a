"""pysimplesoap: it reads document style alone, and its calls are names and plain dicts."""
import os
import sys

from pysimplesoap.client import SoapClient, SoapFault

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import _checks  # noqa: E402


class Caller:
    def __init__(self, url, query):
        self.client = SoapClient(wsdl=url, trace=False, cache=None)
        self.is_safe = query == "?wsdl=safe"

    def create(self, auth, project, fields):
        # Its reading of the WSDL has no free containers: such a call is made by name, and its answer read by element.
        name = "UserCreate" if self.is_safe else "USER.CREATE"
        operation = self.client.get_operation(name)
        self.client.action, self.client.namespace = operation["action"], operation["namespace"]
        result = self.client.call(name, ("Request", {"AuthKey": auth, "idProject": project, "Fields": fields}))("return")
        told = {child.get_name(): None if child["xsi:nil"] == "true" else str(child) for child in result.children()}
        return told | {name: told[name] == "true" for name in ("Success", "isActive")}

    def get(self, auth, project, contact):
        return self.call("USER.GET", "UserGet", {"AuthKey": auth, "idProject": project, "idContact": contact})

    def call(self, dotted, safe, request):
        told = dict(getattr(self.client, safe if self.is_safe else dotted)(Request=request)["return"])
        if told.get("Fields"):
            told["Fields"] = {item["Name"]: item["Value"] for item in told["Fields"]["item"]}
        return told

    @staticmethod
    def fault_code(error):
        return str(error.faultcode) if isinstance(error, SoapFault) else ""


_checks.run("pysimplesoap", [("doc", "?wsdl=doc", Caller), ("safe", "?wsdl=safe", Caller)])
