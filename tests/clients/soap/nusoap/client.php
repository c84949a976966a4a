<?php
/*
 * NuSOAP: nusoap/client.php BASE_URL ID_PROJECT ID_KEY KEY, with the library as Debian installs it.
 * It speaks HTTP/1.0, and ISO-8859-1 unless told otherwise.
 */
declare(strict_types=1);

error_reporting(E_ALL & ~E_DEPRECATED & ~E_WARNING & ~E_NOTICE);
load('/usr/share/php/nusoap/nusoap.php');
[, $base, $project, $id_key, $key] = $argv;
const CITY = 'Montréal & Île <Łódź> ☺';
const LATIN_CITY = 'Montréal & Île';

/** Loads the library with its constructors renamed: PHP 8 calls none that is named after its class. */
function load(string $file): void
{
    [$class, $parent] = ['', ''];
    $renamed = '';
    foreach (file($file) as $line) {
        if (preg_match('/^\s*class\s+(\w+)(?:\s+extends\s+(\w+))?/', $line, $found)) {
            [$class, $parent] = [$found[1], $found[2] ?? ''];
        }
        $line = preg_replace("/function\s+$class\s*\(/", 'function __construct(', $line);
        $renamed .= $parent === '' ? $line : str_replace("parent::$parent(", 'parent::__construct(', $line);
    }
    $path = tempnam(sys_get_temp_dir(), 'nusoap');
    file_put_contents($path, $renamed);
    require $path;
    unlink($path);
}

final class Checks
{
    public int $passed = 0;
    public int $failed = 0;

    public function __construct(private string $name)
    {
    }

    public function same(string $what, mixed $expected, mixed $actual): void
    {
        if ($expected === $actual) {
            $this->passed++;
            return;
        }
        $this->failed++;
        $shown = fn (mixed $value) => json_encode($value, JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_UNICODE);
        echo "FAILED nusoap {$this->name}: $what\n  expected {$shown($expected)}\n  got      {$shown($actual)}\n";
    }
}

/** Calls one operation: its result, or the fault as NuSOAP gives it. */
function called(nusoap_client $client, string $operation, array $request): array
{
    $answer = $client->call($operation, ['Request' => $request], 'urn:ofsys:soap');
    $error = $client->getError();
    if (!$client->fault && $error) {
        throw new RuntimeException("$error\n{$client->response}");
    }
    return $answer['return'] ?? $answer;
}

function check(Checks $checks, nusoap_client $client, string $flavour, array $auth, array $names, string $city): void
{
    global $project;
    $has_wsdl = !str_starts_with($flavour, 'none');
    $call = fn (int $operation, array $request) => called($client, $names[$operation], $request + ['idProject' => $project]);
    $address = "nusoap.$flavour." . hrtime(true) . '@example.com';
    $fields = ['f_EMail' => $address, 'f_City' => $city];
    if ($has_wsdl) {
        // For an array where the WSDL says anyType NuSOAP writes the word "Array": the type has to be named.
        $items = [['Name' => 'f_EMail', 'Value' => $address], ['Name' => 'f_City', 'Value' => $city]];
        $fields = new soapval('Fields', 'FieldValues', ['item' => $items], false, 'urn:ofsys:soap');
    }
    $created = $call(0, ['AuthKey' => $auth, 'Fields' => $fields]);
    // With a WSDL it keeps the text; its calls without one are encoded, are answered with types, and it reads those.
    $checks->same('created', $has_wsdl ? 'true' : true, $created['Success'] ?? $created);
    $got = $call(1, ['AuthKey' => $auth, 'idContact' => $created['idContact'] ?? '']);
    $values = array_column($got['Fields']['item'] ?? [], 'Value', 'Name');
    $checks->same('what was stored', $city, $values['f_City'] ?? null);
    $checks->same('its address', $address, $values['f_EMail'] ?? null);
    $wrong = $call(1, ['AuthKey' => ['Key' => str_repeat('x', 32)] + $auth, 'idContact' => $created['idContact'] ?? '']);
    $checks->same('a wrong key', [$has_wsdl ? 'false' : false, 'AuthenticationFailed'], [$wrong['Success'] ?? null, $wrong['ErrorCode'] ?? null]);
    $fault = $call(0, ['AuthKey' => $auth, 'Fields' => 'unnamed']);
    $checks->same('a fault', ['SOAP-ENV:Client', 'Fields must hold named values'], [$fault['faultcode'] ?? null, $fault['faultstring'] ?? null]);
}

$dotted = ['USER.CREATE', 'USER.GET'];
$flavours = [
    'rpc' => ['?wsdl', 'UTF-8', $dotted],
    'doc' => ['?wsdl=doc', 'UTF-8', $dotted],
    'safe' => ['?wsdl=safe', 'UTF-8', ['UserCreate', 'UserGet']],
    '12' => ['?wsdl=12', 'UTF-8', $dotted],
    'none' => ['', 'UTF-8', $dotted],
    'none-latin' => ['', 'ISO-8859-1', $dotted],
];
$all_passed = $all_failed = 0;
foreach ($flavours as $flavour => [$query, $encoding, $names]) {
    $flavour = (string) $flavour;
    $checks = new Checks($flavour);
    try {
        $client = new nusoap_client("$base/webservices/soap$query", $query === '' ? false : 'wsdl');
        $client->soap_defencoding = $encoding;
        $client->decode_utf8 = $encoding !== 'UTF-8';
        $city = $encoding === 'UTF-8' ? CITY : iconv('UTF-8', 'ISO-8859-1', LATIN_CITY);
        check($checks, $client, $flavour, ['idKey' => $id_key, 'Key' => $key], $names, $city);
    } catch (Throwable $error) {
        $checks->same('runs to its end', 'its end', $error->getMessage());
    }
    echo "row $flavour {$checks->passed} {$checks->failed}\n";
    $all_passed += $checks->passed;
    $all_failed += $checks->failed;
}
echo "$all_passed passed, $all_failed failed\n";
exit($all_failed === 0 ? 0 : 1);
