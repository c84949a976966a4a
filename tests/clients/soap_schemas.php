<?php
/*
 * Every kind of answer of the Ofsys service against the envelope's schemas and the served WSDL's: soap_schemas.php BASE_URL USERNAME PASSWORD API_KEY ID_PROJECT ID_KEY KEY.
 * All operations done and refused, every fault that a caller can bring about; in SOAP 1.1 and 1.2, by both sets of names, with types and without.
 */
declare(strict_types=1);

require __DIR__ . '/_schemas.php';

[, $base, , , , $project, $id_key, $key] = $argv;
$url = "$base/webservices/soap";
const NS = 'urn:ofsys:soap';
const SAFE = [
    'USER.CREATE' => 'UserCreate', 'USER.GET' => 'UserGet', 'USER.UPDATE' => 'UserUpdate', 'USER.ACTIVATE' => 'UserActivate', 'USER.DEACTIVATE' => 'UserDeactivate',
    'USER.DELETE' => 'UserDelete', 'MESSAGE.CREATE' => 'MessageCreate', 'MESSAGE.SENDSINGLE' => 'MessageSendsingle',
];
$schemas = new Schemas($url);
$auth = "<AuthKey><idKey>$id_key</idKey><Key>$key</Key></AuthKey><idProject>$project</idProject>";

function typed_as(string $version): array
{
    return ['Content-Type: ' . VERSIONS[$version][1]];
}

/** The text of a member of an answer. */
function member(Answer $answer, string $name): string
{
    return preg_match("#<{$name}[^>]*>([^<]*)</$name>#", $answer->text, $found) ? $found[1] : '';
}

/** Calls an operation that must answer Success as told, and checks the answer. */
function operate(string $way, string $operation, string $members, bool $success): Answer
{
    global $schemas, $url;
    [$version, $names, $types] = explode(' ', $way);
    $name = $names === 'safe' ? SAFE[$operation] : $operation;
    $answer = send($url, call($version, NS, $name, $members, $types === 'typed'), typed_as($version));
    $told = $success ? 'true' : 'false';
    $holds = $types === 'typed' ? "<Success xsi:type=\"xsd:boolean\">$told</Success>" : "<Success>$told</Success>";
    check($schemas, "$way: $operation, $told", $answer, $version, $names, $holds);
    return $answer;
}

$fields = fn (string $address) => "<Fields><f_EMail>$address</f_EMail><f_City>Île &amp; &lt;Łódź&gt; ☺</f_City><optin_News>true</optin_News></Fields>";
$done = $typed = $fault = [];
foreach (['1.1', '1.2'] as $version) {
    foreach (['dotted untyped', 'dotted typed', 'safe untyped', 'safe typed'] as $rest) {
        $way = "$version $rest";
        $address = str_replace([' ', '.'], '', $way) . '@example.com';
        $bodies = '<MessageBodies><item><MIMEType>text/plain</MIMEType><Content>hi</Content></item></MessageBodies>';
        $text = "<MessageVersions><item><Name>v</Name><SenderEMail>club@example.org</SenderEMail><Subject>Hi</Subject>$bodies</item></MessageVersions>";
        $message = member(operate($way, 'MESSAGE.CREATE', "$auth<Message><Name>m</Name>$text</Message>", true), 'idMessage');
        $contact = member(operate($way, 'USER.CREATE', $auth . $fields($address) . '<isActive>false</isActive>', true), 'idContact');
        $one = "$auth<idContact>$contact</idContact>";
        operate($way, 'MESSAGE.SENDSINGLE', "$one<idMessage>$message</idMessage>", true);
        operate($way, 'USER.ACTIVATE', $one, true);
        $got = operate($way, 'USER.GET', $one, true);
        operate($way, 'USER.UPDATE', "$one<Fields><f_City/></Fields>", true);
        operate($way, 'USER.GET', $one, true);
        operate($way, 'USER.DEACTIVATE', $one, true);
        operate($way, 'USER.CREATE', $auth . $fields($address), false);
        operate($way, 'USER.DELETE', $one, true);
        operate($way, 'USER.GET', $one, false);
        operate($way, 'MESSAGE.SENDSINGLE', "$one<idMessage>$message</idMessage>", false);
        foreach (array_keys(SAFE) as $operation) {
            operate($way, $operation, '', false);
        }
        $done[$version] = $rest === 'dotted untyped' ? $got->text : $done[$version];
        $typed[$version] = $rest === 'dotted typed' ? $got->text : $typed[$version] ?? '';
    }
}

const SECURITY = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';
foreach (['1.1', '1.2'] as $version) {
    [$client, $is_12] = [$version === '1.1' ? 'SOAP-ENV:Client' : 'env:Sender', $version === '1.2'];
    $good = call($version, NS, 'USER.GET', '', false);
    $create = fn (string $members) => call($version, NS, 'USER.CREATE', $auth . $members, false);
    $block = '<x:Thing xmlns:x="urn:a&amp;b" e:mustUnderstand="1"/>';
    $boundary = 'Content-Type: multipart/related; boundary=x';
    // What it is → the code, the body, and where it matters lines of the head and the method.
    $faults = [
        'an unknown version' => ['VersionMismatch', str_replace(VERSIONS[$version][0], 'urn:other', $good)],
        'a block not understood' => ['MustUnderstand', envelope($version, '', $block)],
        'blocks not understood' => ['MustUnderstand', envelope($version, '', $block . '<y:Other xmlns:y="urn:y" e:mustUnderstand="1"/>')],
        'nothing' => [$client, ''],
        'no XML' => [$client, 'Hello <&> "☺" \' '],
        'a control character' => [$client, $create("<Fields><f_City>\x01</f_City></Fields>")],
        'an unbound prefix' => [$client, str_replace('<Request>', '<z:Request>', $good)],
        'a document type' => [$client, '<!DOCTYPE a [<!ENTITY b "c">]>' . substr($good, strpos($good, '<e:'))],
        'no envelope' => [$client, '<a/>'],
        'an empty Body' => [$client, envelope($version, '')],
        'two calls' => [$client, envelope($version, '<t:USER.GET xmlns:t="urn:ofsys:soap"/><t:USER.GET xmlns:t="urn:ofsys:soap"/>')],
        'an unknown operation' => [$client, call($version, NS, 'USER.EXPLODE', '', false)],
        'a foreign namespace' => [$client, call($version, 'urn:other', 'USER.GET', '', false)],
        'another action' => [$client, $good, ['SOAPAction: "urn:ofsys:soap#USER.DELETE"']],
        'a bad number' => [$client, call($version, NS, 'USER.GET', '<idProject>one &amp; two</idProject>', false)],
        'values without names' => [$client, $create('<Fields>unnamed</Fields>')],
        'a member twice' => [$client, $create('<isActive>1</isActive><isActive>1</isActive>')],
        'a reference to nothing' => [$client, $create('<Fields href="#no"/>')],
        'unknown encoding rules' => [
            $is_12 ? 'env:DataEncodingUnknown' : $client, str_replace('<Request>', '<Request>', str_replace(' xmlns:t=', ' e:encodingStyle="urn:&lt;x&gt;" xmlns:t=', $good)),
        ],
        'too deep' => [$client, $create('<Fields>' . str_repeat('<a>', 70) . str_repeat('</a>', 70) . '</Fields>')],
        'too large' => [$client, str_pad($good, 1_100_000)],
        'too large inflated' => [$client, gzencode(str_pad($good, 5_000_000)), ['Content-Encoding: gzip']],
        'broken compression' => [$client, 'no gzip', ['Content-Encoding: gzip']],
        'an unknown compression' => [$client, $good, ['Content-Encoding: br']],
        'an unknown character set' => [$client, $good, ['Content-Type: ' . str_replace('utf-8', 'x-klingon', VERSIONS[$version][1])]],
        'a bad login' => [$client, envelope($version, '', '<w:Security xmlns:w="' . SECURITY . '"><w:UsernameToken/><w:UsernameToken/></w:Security>')],
        'another type' => ['SOAP-ENV:Client', $good, ['Content-Type: application/json']],
        'attachments' => ['SOAP-ENV:Client', $good, [$boundary]],
        'another method' => ['SOAP-ENV:Client', $good, [], 'PUT'],
    ];
    foreach ($faults as $what => $fault_of) {
        [$code, $body, $fields_of, $method] = $fault_of + [2 => [], 3 => 'POST'];
        $has_type = $fields_of && str_starts_with($fields_of[0], 'Content-Type');
        $answer = send($url, $body, $has_type ? $fields_of : [...typed_as($version), ...$fields_of], $method);
        $written = $code === 'VersionMismatch' || str_starts_with($code, 'SOAP-ENV') ? '1.1' : $version;
        $holds = match (true) {
            $written === '1.1' => '<faultcode>' . (str_contains($code, ':') ? $code : "SOAP-ENV:$code") . '<',
            default => '<env:Value>' . (str_contains($code, ':') ? $code : "env:$code") . '<',
        };
        check($schemas, "$version: $what", $answer, $written, 'dotted', $holds);
        $fault[$version][$what] = $answer->text;
    }
}

// The schemas see what is wrong with an answer.
foreach (['1.1', '1.2'] as $version) {
    check_that_breaks_are_seen($schemas, "$version: a result", $done[$version], $version, 'dotted', [
        'another name' => ['idContact>', 'idPerson>'],
        'another order' => ['<ErrorCode xsi:nil="true"/><ErrorMessage xsi:nil="true"/>', '<ErrorMessage xsi:nil="true"/><ErrorCode xsi:nil="true"/>'],
        'a member less' => ['<ErrorCode xsi:nil="true"/>', ''],
        'a member more' => ['</return>', '<More/></return>'],
        'no boolean' => ['<Success>true<', '<Success>yes<'],
        'nil where it may not be' => ['<Success>true</Success>', '<Success xsi:nil="true"/>'],
        'a result with a namespace' => ['return>', 'ns1:return>'],
        'another operation' => ['USER.GETResponse', 'USER.GOTResponse'],
        'another namespace' => ['"urn:ofsys:soap"', '"urn:ofsys:soup"'],
        'a name of another flavour' => ['USER.GETResponse', 'UserGetResponse'],
        'an item without a value' => ['<Name>f_City</Name>', ''],
        'text between members' => ['<return>', '<return>x'],
    ]);
    check_that_breaks_are_seen($schemas, "$version: a typed result", $typed[$version], $version, 'dotted', [
        'another type' => ['xsi:type="xsd:boolean"', 'xsi:type="xsd:dateTime"'],
        'an unbound type' => ['xsi:type="xsd:boolean"', 'xsi:type="y:boolean"'],
        'other encoding rules' => [VERSIONS[$version][2], 'urn:other'],
    ]);
}
check_that_breaks_are_seen($schemas, '1.1: a fault', $fault['1.1']['values without names'], '1.1', 'dotted', [
    'a code with a namespace' => ['faultcode>', 'SOAP-ENV:faultcode>'],
    'an own code' => ['SOAP-ENV:Client<', 'SOAP-ENV:Client.Mine<'],
    'no code' => ['<faultcode>SOAP-ENV:Client</faultcode>', ''],
    'text after detail' => [['<detail>', '</SOAP-ENV:Fault>'], ['<detail>', '<faultactor>urn:x</faultactor></SOAP-ENV:Fault>']],
    'another detail' => ['e:Error', 'e:Mistake'],
    'a detail without its code' => ['<ErrorCode>InvalidParameter</ErrorCode>', ''],
    'a second fault' => ['</SOAP-ENV:Fault>', '</SOAP-ENV:Fault><SOAP-ENV:Fault><faultcode>SOAP-ENV:Client</faultcode><faultstring/></SOAP-ENV:Fault>'],
]);
check_that_breaks_are_seen($schemas, '1.2: a fault', $fault['1.2']['values without names'], '1.2', 'dotted', [
    'an own code' => ['env:Sender<', 'env:Client<'],
    'an own subcode' => ['rpc:BadArguments', 'rpc:Nonsense'],
    'no language' => [' xml:lang="en"', ''],
    'no reason' => ['env:Reason>', 'env:Cause>'],
    'a detail without a namespace' => ['e:Error', 'Error'],
    'a detail without its message' => ['ErrorMessage>', 'ErrorText>'],
]);
check_that_breaks_are_seen($schemas, '1.2: blocks not understood', $fault['1.2']['blocks not understood'], '1.2', 'dotted', [
    'a block without its name' => [' qname=', ' name='],
    'an unbound name' => ['xmlns:h=', 'xmlns:i='],
    'another block' => ['env:NotUnderstood', 'env:NotLiked'],
]);

finish();
