<?php
// Clients on PHP's curl: curl.php BASE_URL USERNAME PASSWORD API_KEY. Each way of calling is what a published client sends (docs/dialects/oempro.md, section 14).

declare(strict_types=1);

require __DIR__ . '/_scenario.php';

[, $base, $username, $password, $api_key] = $argv;

/** Calls and answers the body; a status other than 200 is told. */
function curl_call(string $url, array $options): string
{
    $curl = curl_init($url);
    curl_setopt_array($curl, $options + [CURLOPT_RETURNTRANSFER => true, CURLOPT_TIMEOUT => 30]);
    $body = curl_exec($curl);
    if ($body === false) {
        throw new RuntimeException(curl_error($curl));
    }
    $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
    if ($status !== 200) {
        throw new RuntimeException("status $status: $body");
    }
    return $body;
}

/** Nested arrays as multipart fields: Fields[CustomField1], CustomField5[0]. */
function flat(array $params, string $prefix = ''): array
{
    $fields = [];
    foreach ($params as $key => $value) {
        $name = $prefix === '' ? (string) $key : "{$prefix}[$key]";
        $fields += is_array($value) ? flat($value, $name) : [$name => (string) $value];
    }
    return $fields;
}

// H2Otic: an array for CURLOPT_POSTFIELDS makes every call multipart (OE-14.11).
$multipart = static function (string $command, array $params) use ($base): array {
    $fields = flat(['Command' => $command, 'ResponseFormat' => 'JSON'] + $params);
    return from_json(curl_call("$base/api.php", [CURLOPT_POST => true, CURLOPT_POSTFIELDS => $fields]));
};
scenario('H2Otic', $multipart, $username, $password);

// Chocksy and its ancestor OemproConnect: a charset suffix and the cookie, empty before the login (OE-14.6).
$session = '';
$cookie = static function (string $command, array $params) use ($base, &$session): array {
    $body = http_build_query(['Command' => $command, 'ResponseFormat' => 'JSON'] + $params);
    $answer = from_json(curl_call("$base/api.php", [
        CURLOPT_POST => true,
        CURLOPT_POSTFIELDS => $body,
        CURLOPT_HTTPHEADER => ['Content-Type: application/x-www-form-urlencoded; charset=UTF-8'],
        CURLOPT_COOKIE => 'PHPSESSID=' . ($params['SessionID'] ?? $session),
    ]));
    $session = $answer['SessionID'] ?? $session;
    return $answer;
};
scenario('Chocksy', $cookie, $username, $password);
$answer = $cookie('Lists.Get', []);
same('Chocksy: the cookie alone is a login', true, $answer['Success']);

// madscience: HTTP/1.0, `?` at the address's end, empty and zero values left out (OE-14.3).
$old_http = static function (string $command, array $params) use ($base): array {
    $params = array_filter(['Command' => $command, 'ResponseFormat' => 'JSON', 'DisableCaptcha' => 1] + $params);
    return from_json(curl_call("$base/api.php?", [
        CURLOPT_HTTP_VERSION => CURL_HTTP_VERSION_1_0,
        CURLOPT_POST => true,
        CURLOPT_POSTFIELDS => http_build_query($params),
        CURLOPT_HTTPHEADER => ['Accept: application/json'],
    ]));
};
scenario('madscience', $old_http, $username, $password);

// MasterPopups: a slash at the address's end and parameters left over from the call before (OE-14.15).
$left_over = [];
$popups = static function (string $command, array $params) use ($base, &$left_over): array {
    $own = ['Command' => $command, 'ResponseFormat' => 'JSON'] + $params;
    $sent = $own + array_map(static fn (): string => '', $left_over) + ['Nothing' => 'x'];
    $left_over = $params;
    return from_json(curl_call("$base/api.php/", [CURLOPT_POST => true, CURLOPT_POSTFIELDS => http_build_query($sent)]));
};
scenario('MasterPopups', $popups, $username, $password);

// A JSON body, as the pages of 5.x show it (OE-1.4).
$json_body = static function (string $command, array $params) use ($base): array {
    $body = json_encode(['Command' => $command, 'ResponseFormat' => 'JSON'] + $params, JSON_THROW_ON_ERROR);
    return from_json(curl_call("$base/api.php", [
        CURLOPT_POST => true,
        CURLOPT_POSTFIELDS => $body,
        CURLOPT_HTTPHEADER => ['Content-Type: application/json'],
    ]));
};
scenario('JSON body', $json_body, $username, $password);

// yii: `command` in lower case, XML read by SimpleXML (OE-14.12).
$xml = static function (string $command, array $params) use ($base): array {
    $body = http_build_query(['command' => $command, 'ResponseFormat' => 'XML', 'JSONPCallBack' => 'true'] + $params);
    return from_xml(curl_call("$base/api.php", [CURLOPT_POST => true, CURLOPT_POSTFIELDS => $body]));
};
scenario('yii XML', $xml, $username, $password, xml: true);

// 1a65: the key instead of a login, in its own spelling (OE-14.5).
$answer = from_json(curl_call("$base/api.php?Command=Lists.Get&ResponseFormat=JSON&ApiKey=$api_key", []));
same('1a65: the API key is a login', [true, 0], [$answer['Success'], $answer['ErrorCode']]);
$answer = from_json(curl_call("$base/api.php?Command=Lists.Get&ResponseFormat=JSON&ApiKey=" . strrev($api_key), []));
same('1a65: a wrong API key is none', [false, 99998], [$answer['Success'], $answer['ErrorCode']]);

finish();
