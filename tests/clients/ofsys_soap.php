<?php
/*
 * PHP sites that register people by SOAP: ofsys_soap.php BASE_URL USERNAME PASSWORD API_KEY ID_PROJECT ID_KEY KEY.
 * PHP's own SoapClient in every way in which sites make it; UNDERSTUDY_OUTBOX is the folder in which the server keeps mails.
 */
declare(strict_types=1);

ini_set('soap.wsdl_cache_enabled', '0');
[, $base, , , , $project, $id_key, $key] = $argv;
$url = "$base/webservices/soap";
$passed = $failed = 0;

function same(string $what, mixed $expected, mixed $actual): void
{
    global $passed, $failed;
    if ($expected === $actual) {
        $passed++;
        return;
    }
    $failed++;
    echo "FAILED $what\n  expected " . json_encode($expected) . "\n  got      " . json_encode($actual) . "\n";
}

/** The fault of a call that must fail. */
function fault(string $what, callable $call): ?SoapFault
{
    try {
        same($what, 'a fault', $call());
    } catch (SoapFault $fault) {
        return $fault;
    }
    return null;
}

/** The mail to an address, once it is there. */
function mail_to(string $address): string
{
    for ($i = 0; $i < 100; $i++) {
        foreach (glob(getenv('UNDERSTUDY_OUTBOX') . '/*.eml') as $file) {
            $mail = quoted_printable_decode(file_get_contents($file));
            if (str_contains($mail, "To: $address\r\n")) {
                return $mail;
            }
        }
        usleep(100_000);
    }
    return '';
}

$auth = ['AuthKey' => ['idKey' => (int) $id_key, 'Key' => $key], 'idProject' => (int) $project];
$common = ['exceptions' => true, 'cache_wsdl' => WSDL_CACHE_NONE, 'connection_timeout' => 10];
$packed = SOAP_COMPRESSION_ACCEPT | SOAP_COMPRESSION_GZIP | 5;
$plain = ['location' => $url, 'uri' => 'urn:ofsys:soap'];
// Name → the client, and whether it wraps what it sends and gets (document style).
$clients = [
    'rpc' => [new SoapClient("$url?wsdl", $common), false],
    'rpc 1.2' => [new SoapClient("$url?wsdl", $common + ['soap_version' => SOAP_1_2]), false],
    'rpc packed' => [new SoapClient("$url?WSDL", $common + ['compression' => $packed]), false],
    'both bindings' => [new SoapClient("$url?wsdl=12", $common + ['soap_version' => SOAP_1_2]), false],
    'document' => [new SoapClient("$url?wsdl=doc", $common), true],
    'without WSDL' => [new SoapClient(null, $common + $plain), false],
    'without WSDL 1.2' => [new SoapClient(null, $common + $plain + ['soap_version' => SOAP_1_2]), false],
];

foreach ($clients as $name => [$client, $is_wrapped]) {
    $call = function (string $operation, array $request) use ($client, $is_wrapped, $auth, $name) {
        $request += $auth;
        if (str_starts_with($name, 'without')) {
            return $client->__soapCall($operation, [new SoapParam($request, 'Request')]);
        }
        return $is_wrapped ? $client->__soapCall($operation, [['Request' => $request]])->return : $client->{$operation}($request);
    };
    $slug = str_replace([' ', '.'], '', strtolower($name));
    $city = "Montréal & Île <$name> ☺";

    $version = ['Name' => 'v', 'Culture' => '', 'SenderEMail' => 'club@example.org', 'Subject' => 'Confirm, [[=Contact.f_City;]]'];
    $bodies = ['item' => [['MIMEType' => 'text/plain', 'Content' => '[[=Message.Parameter("code");]] [[=Message.ActivationLink();]]']]];
    $definition = ['Name' => 'confirm', 'MessageVersions' => ['item' => [$version + ['MessageBodies' => $bodies]]]];
    $made = $call('MESSAGE.CREATE', ['Message' => $definition]);
    same("$name: MESSAGE.CREATE", true, $made->Success);

    // Single opt-in: an associative array.
    $created = $call('USER.CREATE', ['Fields' => ['f_EMail' => "a.$slug@example.com", 'f_City' => $city, 'optin_News' => true]]);
    same("$name: created", true, $created->Success);
    same("$name: no error", null, $created->ErrorCode);
    same("$name: active at once", true, $created->isActive);
    same("$name: a number", true, is_int($created->idContact));

    // Double opt-in: an object, inactive, confirmed by the site.
    $fields = new stdClass();
    $fields->EMail = "b.$slug@example.com";
    $fields->City = $city;
    $inactive = $call('USER.CREATE', ['Fields' => $fields, 'isActive' => false]);
    same("$name: inactive", [true, false], [$inactive->Success, $inactive->isActive]);
    $sent = $call('MESSAGE.SENDSINGLE', [
        'idMessage' => $made->idMessage, 'idContact' => $inactive->idContact, 'Parameters' => ['code' => "c-$slug"],
    ]);
    same("$name: sent", [true, 1], [$sent->Success, $sent->AffectedContacts]);
    $activated = $call('USER.ACTIVATE', ['idContact' => $inactive->idContact]);
    same("$name: activated", [true, true], [$activated->Success, $activated->isActive]);

    // What was stored comes back as it went in.
    $got = $call('USER.GET', ['idContact' => $created->idContact]);
    $items = is_array($got->Fields) ? $got->Fields : $got->Fields->item;
    $values = [];
    foreach ($items as $item) {
        $values[$item->Name] = $item->Value;
    }
    same("$name: the city", $city, $values['f_City']);
    same("$name: the opt-in", '1', (string) $values['optin_News']);

    // Refusals are answers; only what is no call is a fault.
    $again = $call('USER.CREATE', ['Fields' => ['f_EMail' => "A.$slug@example.com"]]);
    same("$name: twice", [false, 'DuplicateRecord', $created->idContact], [$again->Success, $again->ErrorCode, $again->idContact]);
    $wrong = $call('USER.GET', ['AuthKey' => ['idKey' => (int) $id_key, 'Key' => str_repeat('x', 32)], 'idContact' => 1]);
    same("$name: a wrong key", [false, 'AuthenticationFailed'], [$wrong->Success, $wrong->ErrorCode]);
    $fault = fault("$name: unnamed values", fn () => $call('USER.CREATE', ['Fields' => ['x@example.com', 'y']]));
    $is_12 = str_contains($name, '1.2') || $name === 'both bindings';
    same("$name: the fault's code", $is_12 ? 'env:Sender' : 'SOAP-ENV:Client', $fault?->faultcode);

    // The other way of double opt-in: the link in the mail.
    $linked = $call('USER.CREATE', ['Fields' => ['f_EMail' => "c.$slug@example.com"], 'isActive' => false]);
    $call('MESSAGE.SENDSINGLE', ['idMessage' => $made->idMessage, 'idContact' => $linked->idContact]);
    preg_match('#/activate/[0-9]+/[0-9]+/[0-9a-f]+#', mail_to("c.$slug@example.com"), $link);
    same("$name: a link", true, isset($link[0]));
    $page = file_get_contents($base . $link[0]);
    same("$name: a button", true, str_contains($page, '<button'));
    same("$name: seeing changes nothing", false, $call('USER.GET', ['idContact' => $linked->idContact])->isActive);
    file_get_contents($base . $link[0], false, stream_context_create(['http' => ['method' => 'POST', 'content' => '']]));
    same("$name: pressing does", true, $call('USER.GET', ['idContact' => $linked->idContact])->isActive);
}

// A site that knows its key by login.
$client = new SoapClient("$url?wsdl", $common + ['login' => $id_key, 'password' => $key]);
$got = $client->{'USER.GET'}(['idProject' => (int) $project, 'Fields' => ['f_EMail' => 'a.rpc@example.com']]);
same('HTTP Basic', true, $got->Success);

echo "$passed passed, $failed failed\n";
exit($failed === 0 ? 0 : 1);
