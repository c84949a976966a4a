<?php
// PHP's SoapClient against the test service of tests/wsdl/echo.wsdl: php _soap_echo.php URL. Prints what failed and `N passed, N failed`.

ini_set('soap.wsdl_cache_enabled', '0');
$url = $argv[1];
$passed = $failed = 0;

function check(string $what, bool $is_right, $shown = null): void
{
    global $passed, $failed;
    if ($is_right) {
        $passed++;
    } else {
        $failed++;
        echo "FAILED: $what: ", json_encode($shown, JSON_UNESCAPED_UNICODE), "\n";
    }
}

function attempt(string $what, callable $work): void
{
    global $failed;
    try {
        $work();
    } catch (Throwable $error) {
        $failed++;
        echo "FAILED: $what: ", get_class($error), ': ', $error->getMessage(), "\n";
    }
}

$base = ['trace' => 1, 'cache_wsdl' => WSDL_CACHE_NONE, 'exceptions' => true];
$object = new stdClass();
$object->a = 'é';
$object->b = 2;
$request = [
    'vText' => "é <&> ☺", 'vBoolean' => false, 'vInt' => -5, 'vLong' => 9007199254740993, 'vDouble' => 0.5, 'vBinary' => "\x00\xff",
    'vDateTime' => '2026-01-31T10:00:00Z', 'Colour' => 'dark-green', 'Inner' => ['Name' => 'n'], 'Numbers' => ['item' => [1, 2]],
    'vAny' => ['f_EMail' => 'ann@example.com', 'n' => 1, 'inner' => ['x' => 'y'], 'none' => null],
];
$modes = [
    'WSDL 1.1' => ['?wsdl', []],
    'WSDL 1.2' => ['?wsdl', ['soap_version' => SOAP_1_2]],
    'WSDL with both bindings, 1.2' => ['?wsdl=12', ['soap_version' => SOAP_1_2]],
    'compressed' => ['?wsdl', ['compression' => SOAP_COMPRESSION_ACCEPT | SOAP_COMPRESSION_GZIP | 5]],
    'deflated' => ['?wsdl', ['compression' => SOAP_COMPRESSION_ACCEPT | SOAP_COMPRESSION_DEFLATE | 5]],
    'not kept alive' => ['?wsdl', ['keep_alive' => false]],
    'latin-1 inside' => ['?wsdl', ['encoding' => 'UTF-8']],
];
foreach ($modes as $mode => [$query, $options]) {
    attempt($mode, function () use ($mode, $query, $options, $url, $base, $request, $object) {
        $client = new SoapClient($url . $query, $options + $base);
        $got = $client->{'echo.everything'}($request);
        check("$mode: text", $got->vText === $request['vText'], $got->vText);
        check("$mode: boolean", $got->vBoolean === false, $got->vBoolean);
        check("$mode: int", $got->vInt === -5, $got->vInt);
        check("$mode: long", $got->vLong === 9007199254740993, $got->vLong);
        check("$mode: double", $got->vDouble === 0.5, $got->vDouble);
        check("$mode: binary", $got->vBinary === "\x00\xff", bin2hex($got->vBinary));
        check("$mode: time", $got->vDateTime === '2026-01-31T10:00:00Z', $got->vDateTime);
        check("$mode: word", $got->Colour === 'dark-green', $got->Colour);
        check("$mode: struct", $got->Inner->Name === 'n', $got->Inner);
        check("$mode: list", $got->Numbers->item === [1, 2], $got->Numbers);
        check("$mode: nil", $got->vDecimal === null && property_exists($got, 'vDecimal'), $got);
        $answer = $client->__getLastResponse();
        foreach (['<key>f_EMail</key><value>ann@example.com</value>', '<key>x</key><value>y</value>', '<key>none</key>'] as $piece) {
            check("$mode: associative array", str_contains($answer, $piece), $answer);
        }
        $client->__soapCall('echo.everything', [['vAny' => $object]]);
        $answer = $client->__getLastResponse();
        check("$mode: object", str_contains($answer, '<key>a</key><value>é</value></item><item><key>b</key><value>2</value>'), $answer);
        $got = $client->nothing();
        check("$mode: without argument", $got->Fine === true && $got->Colour === 'dark-green', $got);
        try {
            $client->behave(['How' => 'refuse']);
            check("$mode: a fault", false);
        } catch (SoapFault $fault) {
            $is_12 = ($options['soap_version'] ?? 0) === SOAP_1_2;
            check("$mode: code", $fault->faultcode === ($is_12 ? 'env:Sender' : 'SOAP-ENV:Client'), $fault->faultcode);
            check("$mode: text of a fault", $fault->getMessage() === 'How: refused', $fault->getMessage());
            check("$mode: detail", $fault->detail->Error->ErrorCode === 'InvalidParameter', $fault->detail);
        }
    });
}
foreach (['?wsdl=doc' => 'echo.everything', '?wsdl=safe' => 'EchoEverything'] as $query => $name) {
    attempt($query, function () use ($query, $name, $url, $base) {
        $client = new SoapClient($url . $query, $base);
        $got = $client->__soapCall($name, [['Request' => ['vText' => 'é', 'vInt' => 3]]]);
        check("$query: result", $got->return->vText === 'é' && $got->return->vInt === 3, $got);
    });
}
foreach ([SOAP_1_1, SOAP_1_2] as $version) {
    attempt("without WSDL $version", function () use ($version, $url, $base, $object) {
        $options = ['location' => $url, 'uri' => 'urn:understudy:echo', 'soap_version' => $version];
        $client = new SoapClient(null, $options + $base);
        $got = (array) $client->__soapCall('echo.everything', [['vInt' => 3, 'vText' => 'é', 'vAny' => ['a' => '1']]]);
        check("without WSDL $version: typed", $got['vInt'] === 3 && $got['vText'] === 'é', $got);
        $got = (array) $client->__soapCall('echo.everything', [new SoapParam(['vInt' => 4], 'Request')]);
        check("without WSDL $version: named", $got['vInt'] === 4, $got);
        $got = (array) $client->__soapCall('echo.everything', [new SoapParam(5, 'vInt'), new SoapParam('x', 'vText')]);
        check("without WSDL $version: direct", $got['vInt'] === 5 && $got['vText'] === 'x', $got);
        $twice = new stdClass();
        $twice->vText = 'y';
        $twice->Inner = new stdClass();
        $twice->Inner->Name = 'shared';
        $twice->Inners = [$twice->Inner, $twice->Inner];
        $got = (array) $client->__soapCall('echo.everything', [new SoapParam($twice, 'Request')]);
        check("without WSDL $version: referred to", $got['Inner']->Name === 'shared', $got);
        check("without WSDL $version: boolean", ((array) $client->nothing())['Fine'] === true);
    });
}
attempt('WS-Security', function () use ($url, $base) {
    $ns = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';
    $token = "<w:Security xmlns:w=\"$ns\" SOAP-ENV:mustUnderstand=\"1\"><w:UsernameToken><w:Username>ann</w:Username><w:Password>secret</w:Password></w:UsernameToken></w:Security>";
    $client = new SoapClient("$url?wsdl", $base);
    $client->__setSoapHeaders(new SoapHeader($ns, 'Security', new SoapVar($token, XSD_ANYXML), true));
    check('WS-Security: login', $client->behave([])->Fine === true);
    $client->__setSoapHeaders(new SoapHeader('urn:other', 'Thing', 'x', true));
    try {
        $client->nothing();
        check('an unknown header', false);
    } catch (SoapFault $fault) {
        check('an unknown header', $fault->faultcode === 'SOAP-ENV:MustUnderstand', $fault->faultcode);
    }
});
attempt('Basic', function () use ($url, $base) {
    $client = new SoapClient("$url?wsdl", ['login' => 'ann', 'password' => 'secret'] + $base);
    check('Basic: login', $client->behave([])->Fine === true);
});
echo "$passed passed, $failed failed\n";
exit($failed === 0 && $passed > 0 ? 0 : 1);
