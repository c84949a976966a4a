<?php
/*
 * PHP's SoapClient: php/client.php BASE_URL ID_PROJECT ID_KEY KEY, the five checks of every SOAP client.
 * What PHP sites do besides is in ../../ofsys_soap.php.
 */
declare(strict_types=1);

ini_set('soap.wsdl_cache_enabled', '0');
[, $base, $project, $id_key, $key] = $argv;
$url = "$base/webservices/soap";
const CITY = 'Montréal & Île <Łódź> ☺';
$passed = $failed = 0;

function same(string $what, mixed $expected, mixed $actual): void
{
    global $passed, $failed;
    if ($expected === $actual) {
        $passed++;
        return;
    }
    $failed++;
    echo "FAILED php $what\n  expected " . json_encode($expected) . "\n  got      " . json_encode($actual) . "\n";
}

function check(string $flavour, callable $call): void
{
    global $id_key, $key;
    $auth = ['idKey' => (int) $id_key, 'Key' => $key];
    $address = "php.$flavour." . hrtime(true) . '@example.com';
    $created = $call('create', ['AuthKey' => $auth, 'Fields' => ['f_EMail' => $address, 'f_City' => CITY]]);
    same("$flavour: created", [true, null, true], [$created->Success, $created->ErrorCode, $created->isActive]);
    $got = $call('get', ['AuthKey' => $auth, 'idContact' => $created->idContact]);
    $values = array_column($got->Fields?->item ?? [], 'Value', 'Name');
    same("$flavour: what was stored", CITY, $values['f_City'] ?? null);
    same("$flavour: its address", $address, $values['f_EMail'] ?? null);
    $wrong = $call('get', ['AuthKey' => ['Key' => str_repeat('x', 32)] + $auth, 'idContact' => $created->idContact]);
    same("$flavour: a wrong key", [false, 'AuthenticationFailed'], [$wrong->Success, $wrong->ErrorCode]);
    try {
        same("$flavour: a fault", 'a fault', $call('create', ['AuthKey' => $auth, 'Fields' => 'unnamed']));
    } catch (SoapFault $fault) {
        $code = str_ends_with($flavour, '12') ? 'env:Sender' : 'SOAP-ENV:Client';
        same("$flavour: a fault", [$code, 'Fields must hold named values'], [$fault->faultcode, $fault->faultstring]);
    }
}

$plain = ['location' => $url, 'uri' => 'urn:ofsys:soap'];
$flavours = [
    'rpc' => ["$url?wsdl", []],
    'doc' => ["$url?wsdl=doc", []],
    'safe' => ["$url?wsdl=safe", []],
    '12' => ["$url?wsdl=12", ['soap_version' => SOAP_1_2]],
    'none' => [null, $plain],
    'none-12' => [null, $plain + ['soap_version' => SOAP_1_2]],
];
$all_passed = $all_failed = 0;
foreach ($flavours as $flavour => [$wsdl, $options]) {
    $flavour = (string) $flavour;
    $passed = $failed = 0;
    try {
        $client = new SoapClient($wsdl, $options + ['cache_wsdl' => WSDL_CACHE_NONE, 'features' => SOAP_SINGLE_ELEMENT_ARRAYS]);
        $names = $flavour === 'safe' ? ['create' => 'UserCreate', 'get' => 'UserGet'] : ['create' => 'USER.CREATE', 'get' => 'USER.GET'];
        check($flavour, function (string $operation, array $request) use ($client, $flavour, $names, $project) {
            $request += ['idProject' => (int) $project];
            return match ($flavour) {
                'doc', 'safe' => $client->__soapCall($names[$operation], [['Request' => $request]])->return,
                'none', 'none-12' => $client->__soapCall($names[$operation], [new SoapParam($request, 'Request')]),
                default => $client->{$names[$operation]}($request),
            };
        });
    } catch (Throwable $error) {
        same("$flavour: runs to its end", 'its end', $error->getMessage());
    }
    echo "row $flavour $passed $failed\n";
    $all_passed += $passed;
    $all_failed += $failed;
}
echo "$all_passed passed, $all_failed failed\n";
exit($all_failed === 0 ? 0 : 1);
