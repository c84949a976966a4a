using System;
using System.Collections.Generic;
using System.Web.Services.Protocols;
using System.Xml;

/// <summary>Mono's ASMX client with the classes that its wsdl makes: <c>Client FLAVOUR ENDPOINT ID_PROJECT ID_KEY KEY</c>.</summary>
static class Client
{
    const string City = "Montréal & Île <Łódź> ☺";
    static int passed, failed;

    static int Main(string[] args)
    {
        var port = new Ofsys { Url = args[1] };
        try
        {
            Check(port, args[0], long.Parse(args[2]), long.Parse(args[3]), args[4]);
        }
        catch (Exception error)
        {
            Same("runs to its end", "its end", error.ToString());
        }
        Console.WriteLine("row {0} {1} {2}", args[0], passed, failed);
        return failed == 0 ? 0 : 1;
    }

    static void Check(Ofsys port, string flavour, long project, long idKey, string key)
    {
        var address = "mono." + flavour + "." + DateTime.UtcNow.Ticks + "@example.com";
        // What the WSDL calls anyType takes elements.
        var fields = new[] { Element("f_EMail", address), Element("f_City", City) };
        var created = port.USERCREATE(Create(project, Auth(idKey, key), fields));
        Same("created", "True True", created.Success + " " + created.isActive);
        var got = port.USERGET(Get(project, Auth(idKey, key), created.idContact.Value));
        var values = new Dictionary<string, string>();
        foreach (var item in got.Fields) values[item.Name] = item.Value;
        Same("what was stored", City, values["f_City"]);
        Same("its address", address, values["f_EMail"]);
        var wrong = port.USERGET(Get(project, Auth(idKey, new string('x', 32)), created.idContact.Value));
        Same("a wrong key", "False AuthenticationFailed", wrong.Success + " " + wrong.ErrorCode);
        try
        {
            Same("a fault", "a fault", "" + port.USERCREATE(Create(project, Auth(idKey, key), "unnamed")).Success);
        }
        catch (SoapException fault)
        {
            Same("a fault", "Client Fields must hold named values", fault.Code.Name + " " + fault.Message);
        }
    }

    static XmlNode Element(string name, string text)
    {
        var element = new XmlDocument().CreateElement(name);
        element.InnerText = text;
        return element;
    }

    static AuthKey Auth(long idKey, string key)
    {
        return new AuthKey { idKey = idKey, idKeySpecified = true, Key = key };
    }

    static UserCreateRequest Create(long project, AuthKey auth, object fields)
    {
        return new UserCreateRequest { AuthKey = auth, idProject = project, idProjectSpecified = true, Fields = fields };
    }

    static UserGetRequest Get(long project, AuthKey auth, long contact)
    {
        return new UserGetRequest
        {
            AuthKey = auth, idProject = project, idProjectSpecified = true, idContact = contact, idContactSpecified = true,
        };
    }

    static void Same(string what, string expected, string actual)
    {
        if (expected == actual)
        {
            passed++;
            return;
        }
        failed++;
        Console.WriteLine("FAILED " + what + "\n  expected " + expected + "\n  got      " + actual);
    }
}
