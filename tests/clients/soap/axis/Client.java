import java.net.URL;
import java.util.HashMap;
import java.util.Map;
import ofsys.*;

/** Axis 1.4 with the classes that WSDL2Java makes: {@code Client FLAVOUR ENDPOINT ID_PROJECT ID_KEY KEY}. */
public final class Client {
    private static final String CITY = "Montréal & Île <Łódź> ☺";
    private static int passed;
    private static int failed;

    public static void main(String[] args) throws Exception {
        String flavour = args[0];
        OfsysPortType port = new OfsysLocator().getOfsysPort(new URL(args[1]));
        try {
            check(port, flavour, Long.parseLong(args[2]), Long.parseLong(args[3]), args[4]);
        } catch (Exception error) {
            error.printStackTrace();
            same("runs to its end", "its end", error.toString());
        }
        System.out.println("row " + flavour + " " + passed + " " + failed);
        System.exit(failed == 0 ? 0 : 1);
    }

    private static void check(OfsysPortType port, String flavour, long project, long idKey, String key) throws Exception {
        String address = "axis." + flavour + "." + System.nanoTime() + "@example.com";
        // It writes a Map of Apache's own namespace.
        Map<String, String> fields = new HashMap<>();
        fields.put("f_EMail", address);
        fields.put("f_City", CITY);
        UserResult created = port.USERCREATE(create(project, auth(idKey, key), fields));
        same("created", "true true", created.isSuccess() + " " + created.getIsActive());
        UserGetResult got = port.USERGET(get(project, auth(idKey, key), created.getIdContact()));
        Map<String, String> values = new HashMap<>();
        for (FieldValue item : got.getFields()) {
            values.put(item.getName(), item.getValue());
        }
        same("what was stored", CITY, values.get("f_City"));
        same("its address", address, values.get("f_EMail"));
        UserGetResult wrong = port.USERGET(get(project, auth(idKey, "x".repeat(32)), created.getIdContact()));
        same("a wrong key", "false AuthenticationFailed", wrong.isSuccess() + " " + wrong.getErrorCode());
        try {
            same("a fault", "a fault", "" + port.USERCREATE(create(project, auth(idKey, key), "unnamed")).isSuccess());
        } catch (ErrorDetail fault) {
            // The fault that the WSDL declares: a class of its own.
            same("a fault", "{http://schemas.xmlsoap.org/soap/envelope/}Client InvalidParameter", fault.getFaultCode() + " " + fault.getErrorCode());
            same("its text", "Fields must hold named values", fault.getFaultString());
        }
    }

    private static AuthKey auth(long id, String key) {
        AuthKey auth = new AuthKey();
        auth.setIdKey(id);
        auth.setKey(key);
        return auth;
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
