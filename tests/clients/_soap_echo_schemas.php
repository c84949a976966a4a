<?php
/*
 * Answers of the test service of tests/wsdl/echo.wsdl against the schemas: _soap_echo_schemas.php URL. What the Ofsys service has no member or no occasion
 * for: every type of value, and the faults of a server that is busy, breaks or takes too long.
 */
declare(strict_types=1);

require __DIR__ . '/_schemas.php';

$url = $argv[1];
const NS = 'urn:understudy:echo';
$schemas = new Schemas($url);

// libxml2 knows decimals of up to 24 digits, which is more than XML Schema asks for.
$values = [
    'nothing' => '',
    'one of each' => '<vText>é &amp; &lt;☺&gt; &#13; "</vText><vBoolean>1</vBoolean><vInt> -5 </vInt><vLong>9007199254740993</vLong><vFloat>0.5</vFloat><vDouble>1e300</vDouble>'
        . '<vDecimal>-0.10</vDecimal><vDateTime>2026-01-31T10:00:00.5+02:00</vDateTime><vBinary>AP8=</vBinary><vAny><a>1</a><b>x</b></vAny><Colour>BLUE</Colour>'
        . '<Inner><Name>n</Name><Deeper><item><Name>m</Name></item><item/></Deeper></Inner><Numbers><item>1</item><item>2</item></Numbers><Inners><item/></Inners>',
    'infinite' => '<vFloat>INF</vFloat><vDouble>-INF</vDouble>',
    'no number' => '<vFloat>NaN</vFloat><vDouble>NaN</vDouble>',
    'largest' => '<vInt>2147483647</vInt><vLong>9223372036854775807</vLong><vFloat>3.4e38</vFloat><vDouble>1.7e308</vDouble><vDecimal>' . str_repeat('9', 24) . '</vDecimal>',
    'smallest' => '<vInt>-2147483648</vInt><vLong>-9223372036854775808</vLong><vFloat>1e-44</vFloat><vDouble>5e-324</vDouble><vDecimal>0.0000000000000000001</vDecimal>',
    'early and late' => '<vDateTime>0001-01-01T00:00:00</vDateTime>',
    'late' => '<vDateTime>9999-12-31T23:59:59.999Z</vDateTime>',
    'empty lists' => '<Inner/><Numbers/><Inners/><vBinary/>',
    'any: a list' => '<vAny><item>1</item><item>2</item></vAny>',
    'any: a text' => '<vAny>  x  </vAny>',
    'any: inside of each other' => '<vAny><a><b><c>1</c></b><b/></a><d.e-f_g>1</d.e-f_g></vAny>',
    'any: a Map' => '<vAny><item><key>a b&lt;</key><value>1</value></item><item><key/><value/></item></vAny>',
];
foreach (['1.1', '1.2'] as $version) {
    $head = ['Content-Type: ' . VERSIONS[$version][1]];
    foreach (['dotted' => 'echo.everything', 'safe' => 'EchoEverything'] as $names => $operation) {
        foreach ([false, true] as $is_typed) {
            $way = "$version $names " . ($is_typed ? 'typed' : 'untyped');
            foreach ($values as $what => $members) {
                $answer = send($url, call($version, NS, $operation, $members, $is_typed), $head);
                check($schemas, "$way: $what", $answer, $version, $names, "{$operation}Response");
            }
            // A name without dots is the same in all flavours.
            $answer = send($url, call($version, NS, 'nothing', '', $is_typed), $head);
            check($schemas, "$way: without parameters", $answer, $version, $names, 'nothingResponse');
        }
    }
    [$client, $server] = $version === '1.1' ? ['SOAP-ENV:Client', 'SOAP-ENV:Server'] : ['env:Sender', 'env:Receiver'];
    foreach (['refuse' => $client, 'break' => $server, 'busy' => $server, 'panic' => $server, 'wait' => $server] as $how => $code) {
        $answer = send($url, call($version, NS, 'behave', "<How>$how</How>", false), $head);
        $written = $version === '1.1' ? "<faultcode>$code<" : "<env:Value>$code<";
        check($schemas, "$version: $how", $answer, $version, 'dotted', $written);
    }
}
$answer = send($url, call('1.1', NS, 'echo.everything', $values['one of each'], false), ['Content-Type: text/xml']);
check_that_breaks_are_seen($schemas, 'one of each', $answer->text, '1.1', 'dotted', [
    'no number' => ['<vInt>-5<', '<vInt>-5.5<'],
    'a number too large' => ['<vInt>-5<', '<vInt>2147483648<'],
    'no time' => ['<vDateTime>2026-', '<vDateTime>26-'],
    'no base64' => ['<vBinary>AP8=<', '<vBinary>AP8<'],
    'no word of the list' => ['<Colour>BLUE<', '<Colour>mauve<'],
    'a list of other members' => ['<item>1</item>', '<number>1</number>'],
    'a list of no numbers' => ['<item>1</item>', '<item>one</item>'],
]);

finish();
