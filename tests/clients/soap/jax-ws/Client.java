import java.net.URL;
import java.util.HashMap;
import java.util.Map;
import javax.xml.namespace.QName;
import javax.xml.ws.soap.SOAPFaultException;
import ofsys.*;

/** JAX-WS 2.3 with the classes that wsimport makes: {@code Client FLAVOUR WSDL_URL ID_PROJECT ID_KEY KEY}. */
public final class Client {
    private static final String CITY = "Montréal & Île <Łódź> ☺";
    private static int passed;
    private static int failed;

    public static void main(String[] args) throws Exception {
        String flavour = args[0];
        Ofsys service = new Ofsys(new URL(args[1]));
        OfsysPortType port = flavour.equals("12") ? port12(service) : service.getOfsysPort();
        try {
            check(port, flavour, Long.parseLong(args[2]), Long.parseLong(args[3]), args[4]);
        } catch (Exception error) {
            error.printStackTrace();
            same("runs to its end", "its end", error.toString());
        }
        System.out.println("row " + flavour + " " + passed + " " + failed);
        System.exit(failed == 0 ? 0 : 1);
    }

    /** The port of SOAP 1.2, which the classes of other flavours do not name. */
    private static OfsysPortType port12(Ofsys service) {
        return service.getPort(new QName("urn:ofsys:soap", "OfsysPort12"), OfsysPortType.class);
    }

    private static void check(OfsysPortType port, String flavour, long project, long idKey, String key) throws Exception {
        String address = "jax-ws." + flavour + "." + System.nanoTime() + "@example.com";
        FieldValues fields = new FieldValues();
        fields.getItem().add(value("f_EMail", address));
        fields.getItem().add(value("f_City", CITY));
        UserResult created = port.userCREATE(create(project, auth(idKey, key), fields));
        same("created", "true true", created.isSuccess() + " " + created.isIsActive());
        UserGetResult got = port.userGET(get(project, auth(idKey, key), created.getIdContact()));
        Map<String, String> values = new HashMap<>();
        got.getFields().getItem().forEach(item -> values.put(item.getName(), item.getValue()));
        same("what was stored", CITY, values.get("f_City"));
        same("its address", address, values.get("f_EMail"));
        UserGetResult wrong = port.userGET(get(project, auth(idKey, "x".repeat(32)), created.getIdContact()));
        same("a wrong key", "false AuthenticationFailed", wrong.isSuccess() + " " + wrong.getErrorCode());
        try {
            same("a fault", "a fault", "" + port.userCREATE(create(project, auth(idKey, key), "unnamed")).isSuccess());
        } catch (FaultMessage fault) {
            // The fault that the WSDL declares: a class of its own.
            same("a fault", "Fields must hold named values InvalidParameter", fault.getMessage() + " " + fault.getFaultInfo().getErrorCode());
        } catch (SOAPFaultException fault) {
            same("a fault", "of the declared class", fault.toString());
        }
    }

    private static AuthKey auth(long id, String key) {
        AuthKey auth = new AuthKey();
        auth.setIdKey(id);
        auth.setKey(key);
        return auth;
    }

    private static FieldValue value(String name, String text) {
        FieldValue value = new FieldValue();
        value.setName(name);
        value.setValue(text);
        return value;
    }

    private static UserCreateRequest create(long project, AuthKey auth, Object fields) {
        UserCreateRequest request = new UserCreateRequest();
        request.setAuthKey(auth);
        request.setIdProject(project);
        request.setFields(fields);
        return request;
    }

    private static UserGetRequest get(long project, AuthKey auth, long contact) {
        UserGetRequest request = new UserGetRequest();
        request.setAuthKey(auth);
        request.setIdProject(project);
        request.setIdContact(contact);
        return request;
    }

    private static void same(String what, String expected, String actual) {
        if (expected.equals(actual)) {
            passed++;
            return;
        }
        failed++;
        System.out.println("FAILED " + what + "\n  expected " + expected + "\n  got      " + actual);
    }
}
