/* gSOAP in C with what wsdl2h and soapcpp2 make: client FLAVOUR ENDPOINT ID_PROJECT ID_KEY KEY. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "soapH.h"
#include "OfsysBinding.nsmap"

#define CITY "Montréal & Île <Łódź> ☺"

/* The two styles differ in what stands around the request and the result. */
#ifdef DOCUMENT
typedef struct ns1__USER_x002eCREATE_x002eAnswer Created;
typedef struct ns1__USER_x002eGET_x002eAnswer Got;
#else
typedef struct ns1__USER_x002eCREATEResponse Created;
typedef struct ns1__USER_x002eGETResponse Got;
#endif

static int n_passed, n_failed;

static void same(const char *what, const char *expected, const char *actual)
{
    if (actual && strcmp(expected, actual) == 0) {
        n_passed++;
        return;
    }
    n_failed++;
    printf("FAILED %s\n  expected %s\n  got      %s\n", what, expected, actual ? actual : "(null)");
}

static int create(struct soap *soap, const char *endpoint, struct ns1__UserCreateRequest *request, Created *created)
{
#ifdef DOCUMENT
    struct ns1__USER_x002eCREATE_x002eCall call = { request };
    return soap_call___ns1__USER_x002eCREATE(soap, endpoint, NULL, &call, created);
#else
    return soap_call_ns1__USER_x002eCREATE(soap, endpoint, NULL, request, created);
#endif
}

static int get(struct soap *soap, const char *endpoint, struct ns1__UserGetRequest *request, Got *got)
{
#ifdef DOCUMENT
    struct ns1__USER_x002eGET_x002eCall call = { request };
    return soap_call___ns1__USER_x002eGET(soap, endpoint, NULL, &call, got);
#else
    return soap_call_ns1__USER_x002eGET(soap, endpoint, NULL, request, got);
#endif
}

/* The value of one field in a result. */
static const char *value_of(const struct ns1__FieldValues *fields, const char *name)
{
    int i;
    for (i = 0; fields && i < fields->__sizeitem; i++)
        if (strcmp(fields->item[i].Name, name) == 0)
            return fields->item[i].Value;
    return NULL;
}

int main(int argc, char **argv)
{
    struct soap *soap = soap_new1(SOAP_C_UTFSTRING | SOAP_XML_STRICT);
    char address[120], fields[400];
    LONG64 project, id_key;
    struct ns1__AuthKey auth = { &id_key, NULL };
    struct ns1__UserCreateRequest creation = { &auth, &project, fields, NULL };
    struct ns1__UserGetRequest selection = { &auth, &project, NULL, NULL };
    Created created;
    Got got;

    if (argc != 6)
        return 2;
    project = atoll(argv[3]);
    id_key = atoll(argv[4]);
    auth.Key = argv[5];
    snprintf(address, sizeof address, "gsoap.%s.%lld@example.com", argv[1], (long long)time(NULL));
    /* A free container is XML of the caller's own. */
    snprintf(fields, sizeof fields, "<f_EMail>%s</f_EMail><f_City>Montréal &amp; Île &lt;Łódź&gt; ☺</f_City>", address);
    if (create(soap, argv[2], &creation, &created)) {
        soap_print_fault(soap, stdout);
        same("created", "an answer", "a fault");
    } else {
        same("created", "true", created.return_->Success == xsd__boolean__true_ ? "true" : created.return_->ErrorMessage);
        selection.idContact = created.return_->idContact;
    }
    if (get(soap, argv[2], &selection, &got)) {
        soap_print_fault(soap, stdout);
        same("got", "an answer", "a fault");
    } else {
        same("what was stored", CITY, value_of(got.return_->Fields, "f_City"));
        same("its address", address, value_of(got.return_->Fields, "f_EMail"));
    }
    auth.Key = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    if (get(soap, argv[2], &selection, &got))
        same("a wrong key", "an answer", "a fault");
    else
        same("a wrong key", "AuthenticationFailed", got.return_->Success == xsd__boolean__true_ ? "true" : got.return_->ErrorCode);
    auth.Key = argv[5];
    creation.Fields = "unnamed";
    if (create(soap, argv[2], &creation, &created)) {
        same("a fault", "Fields must hold named values", *soap_faultstring(soap));
        same("its code", strcmp(argv[1], "12") == 0 ? "SOAP-ENV:Sender" : "SOAP-ENV:Client", *soap_faultcode(soap));
    } else {
        same("a fault", "a fault", "an answer");
    }
    printf("row %s %d %d\n", argv[1], n_passed, n_failed);
    return n_failed != 0;
}
