<?php
// Clients on PHP's stream wrappers: streams.php BASE_URL USERNAME PASSWORD API_KEY. They see a body only under a status of 2xx (OE-1.10).

declare(strict_types=1);

require __DIR__ . '/_scenario.php';

[, $base, $username, $password, $api_key] = $argv;

/** Calls and answers the body, and what stood before it. */
function fetch(string $url, array $http, ?array &$headers = null): string
{
    $context = stream_context_create(['http' => $http + ['timeout' => 30]]);
    $body = file_get_contents($url, false, $context);
    $headers = $http_response_header ?? [];
    if ($body === false) {
        throw new RuntimeException('no answer: ' . implode(' | ', $headers));
    }
    return $body;
}

/** A query as clients write it that do not encode: only what would break the line or the pairs is encoded; `[ ] @ : ,` stay raw (OE-1.11). */
function raw_query(array $params): string
{
    $pairs = [];
    foreach (explode('&', http_build_query($params)) as $pair) {
        $pairs[] = str_ireplace(['%5B', '%5D', '%40', '%3A', '%2C'], ['[', ']', '@', ':', ','], $pair);
    }
    return implode('&', $pairs);
}

// WP: GET with raw brackets; empty values and "0" are left out (OE-14.9).
$wordpress = static function (string $command, array $params) use ($base): array {
    $params = array_filter(['Command' => $command, 'ResponseFormat' => 'JSON'] + $params);
    return from_json(fetch("$base/api.php?" . raw_query($params), ['method' => 'GET']));
};
scenario('WP', $wordpress, $username, $password);

// 4Dem: GET over HTTP/1.0; the JSON is cut out of headers and body together, on one line (OE-14.10).
$magento = static function (string $command, array $params) use ($base): array {
    $query = str_replace('+', '%20', raw_query(['Command' => $command, 'ResponseFormat' => 'JSON'] + $params));
    $body = fetch("$base/api.php?$query", ['method' => 'GET', 'protocol_version' => 1.0], $headers);
    $all = implode("\r\n", $headers) . "\r\n\r\n" . $body;
    if (!preg_match('/{.*}/', $all, $found)) {
        throw new RuntimeException("no one-line JSON in $all");
    }
    same('4Dem: not chunked', [], preg_grep('/^transfer-encoding/i', $headers));
    return from_json($found[0]);
};
scenario('4Dem', $magento, $username, $password);

// 1a65: every parameter twice, the first ResponseFormat with rubbish in it (OE-1.7, OE-14.5).
$doubled = static function (string $command, array $params) use ($base): array {
    $query = http_build_query(['Command' => $command, 'ResponseFormat' => 'JSON'] + $params);
    return from_json(fetch("$base/api.php?Command=$command&ResponseFormat=JSON$query", ['method' => 'GET']));
};
scenario('1a65', $doubled, $username, $password);

// OemproConnect: a POST by stream context (OE-14.6).
$posted = static function (string $command, array $params) use ($base): array {
    return from_json(fetch("$base/api.php", [
        'method' => 'POST',
        'header' => "Content-type: application/x-www-form-urlencoded; charset=UTF-8\r\nCookie: PHPSESSID=\r\n",
        'content' => http_build_query(['Command' => $command, 'ResponseFormat' => 'JSON'] + $params),
    ]));
};
scenario('OemproConnect', $posted, $username, $password);

// Everything in the query, an empty body, the command in the path too (OE-1.3, OE-1.6).
$by_path = static function (string $command, array $params) use ($base): array {
    $query = http_build_query(['ResponseFormat' => 'JSON'] + $params);
    return from_json(fetch("$base/api.php/$command?$query", ['method' => 'POST', 'header' => "Content-Length: 0\r\n", 'content' => '']));
};
scenario('Flowbiz', $by_path, $username, $password);

// XML by stream context, read by SimpleXML.
$xml = static function (string $command, array $params) use ($base): array {
    return from_xml(fetch("$base/api.php", [
        'method' => 'POST',
        'header' => "Content-type: application/x-www-form-urlencoded\r\n",
        'content' => http_build_query(['Command' => $command, 'ResponseFormat' => 'XML'] + $params),
    ]));
};
scenario('XML by streams', $xml, $username, $password, xml: true);

finish();
