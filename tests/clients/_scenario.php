<?php
// What every PHP client does with a list, whatever its way of calling. A way of calling is a function (command, parameters) → answer as an array.

declare(strict_types=1);

$passed = 0;
$failed = 0;

/** Compares exactly, type included. */
function same(string $what, mixed $expected, mixed $actual): void
{
    global $passed, $failed;
    if ($expected === $actual) {
        $passed++;
        return;
    }
    $failed++;
    printf("FAILED %s\n  expected %s\n  got      %s\n", $what, json_encode($expected), json_encode($actual));
}

function finish(): never
{
    global $passed, $failed;
    echo "$passed passed, $failed failed\n";
    exit($failed === 0 ? 0 : 1);
}

// A client that cannot go on has failed, and the count is told all the same.
set_exception_handler(static function (Throwable $error): void {
    global $failed;
    $failed++;
    echo "FAILED $error\n";
    finish();
});

/** Reads an XML answer as its PHP clients do: SimpleXML, texts only; lists are node_0, node_1 … */
function from_xml(string $body): array
{
    $xml = simplexml_load_string($body, SimpleXMLElement::class, LIBXML_NOCDATA);
    if ($xml === false || $xml->getName() !== 'response') {
        throw new RuntimeException('no <response>: ' . substr($body, 0, 300));
    }
    return xml_value($xml) ?: [];
}

function xml_value(SimpleXMLElement $element): array|string
{
    if ($element->count() === 0) {
        return (string) $element;
    }
    $values = [];
    foreach ($element->children() as $name => $child) {
        $key = preg_match('/^node_([0-9]+)$/', $name, $found) ? (int) $found[1] : $name;
        $values[$key] = xml_value($child);
    }
    return $values;
}

function from_json(string $body): array
{
    $decoded = json_decode($body, true, 64, JSON_THROW_ON_ERROR);
    if (!is_array($decoded)) {
        throw new RuntimeException('no object: ' . substr($body, 0, 300));
    }
    return $decoded;
}

/** The life of a list, with every answer compared. $xml: texts only, so numbers and truths are compared as texts. */
function scenario(string $client, callable $call, string $username, string $password, bool $xml = false): void
{
    $number = static fn (int $n): int|string => $xml ? (string) $n : $n;
    $empty = $xml ? '' : [];
    $check = static fn (string $what, mixed $expected, mixed $actual) => same("$client: $what", $expected, $actual);
    $ok = static function (string $what, array $answer) use ($check, $number, $xml): void {
        $head = [$answer['Success'] ?? null, $answer['ErrorCode'] ?? null, $answer['ErrorText'] ?? null];
        $check("$what succeeds", [$xml ? '1' : true, $number(0), ''], $head);
    };
    $refused = static function (string $what, mixed $code, array $answer) use ($check, $xml): void {
        $check("$what is refused", [$xml ? '' : false, $code], [$answer['Success'] ?? null, $answer['ErrorCode'] ?? null]);
    };
    $is_id = static fn (mixed $id): bool => $xml ? ctype_digit((string) $id) : is_int($id);

    $answer = $call('User.Login', ['Username' => $username, 'Password' => "not $password"]);
    $refused('a wrong password', [$number(3)], $answer);
    $answer = $call('User.Login', ['Username' => $username, 'Password' => $password, 'DisableCaptcha' => 'true']);
    $ok('login', $answer);
    $session = $answer['SessionID'] ?? '';
    $check('SessionID is a word', 1, preg_match('/^[\w-]{6,}$/', $session));
    $check('UserInfo names the account', $username, $answer['UserInfo']['Username'] ?? null);
    $as_user = static fn (string $command, array $params = []): array => $call($command, ['SessionID' => $session] + $params);

    $before = (int) ($as_user('Lists.Get')['TotalListCount'] ?? -1);
    $name = "News & <more> é $client";
    $answer = $as_user('List.Create', ['SubscriberListName' => $name]);
    $ok('List.Create', $answer);
    $list = $answer['ListID'] ?? 0;
    $check('ListID is a number', true, $is_id($list));
    $ok('List.Update', $as_user('List.Update', ['SubscriberListID' => $list, 'OptInMode' => 'Single']));
    $answer = $as_user('Lists.Get', ['OrderField' => 'name', 'OrderType' => 'ASC']);
    $check('one list more', $number($before + 1), $answer['TotalListCount'] ?? null);
    $mine = array_values(array_filter($answer['Lists'], static fn (array $row): bool => $row['ListID'] === (string) $list));
    $check('the list has its name', $name, $mine[0]['Name'] ?? null);

    $answer = $as_user('CustomField.Create', ['SubscriberListID' => $list, 'FieldName' => 'City', 'FieldType' => 'Single line']);
    $ok('CustomField.Create', $answer);
    $city = 'CustomField' . ($answer['CustomFieldID'] ?? 0);
    $answer = $as_user('CustomField.Create', [
        'SubscriberListID' => $list,
        'FieldName' => 'Topics',
        'FieldType' => 'Checkboxes',
        'OptionLabel' => [1 => 'Sports', 2 => 'Arts', 3 => 'Law'],
        'OptionValue' => [1 => 'sports', 2 => 'arts', 3 => 'law'],
    ]);
    $ok('CustomField.Create with options', $answer);
    $topics = 'CustomField' . ($answer['CustomFieldID'] ?? 0);
    $answer = $as_user('CustomFields.Get', ['SubscriberListID' => $list, 'OrderField' => 'CustomFieldID', 'OrderType' => 'ASC']);
    $check('both fields are listed', ['City', 'Topics'], array_column($answer['CustomFields'] ?? [], 'FieldName'));

    $ann = ['ListID' => $list, 'EmailAddress' => 'ann@example.com', 'IPAddress' => '192.0.2.7'];
    $answer = $call('Subscriber.Subscribe', $ann + [$city => 'Köln & Bonn', $topics => ['sports', 'law']]);
    $ok('Subscribe without a session', $answer);
    $id = $answer['SubscriberID'] ?? 0;
    $check('SubscriberID is a number', true, $is_id($id));
    $check('she is subscribed', 'Subscribed', $answer['Subscriber']['SubscriptionStatus'] ?? null);
    $refused('subscribing twice', $number(9), $call('Subscriber.Subscribe', $ann));
    $refused('subscribing without an address', $number(2), $call('Subscriber.Subscribe', ['ListID' => $list, 'IPAddress' => '1']));

    $get = ['ListID' => $list, 'EmailAddress' => 'ann@example.com'];
    $row = $as_user('Subscriber.Get', $get)['SubscriberInformation'] ?? [];
    $check('her id', (string) $id, $row['SubscriberID'] ?? null);
    $check('her city', 'Köln & Bonn', $row[$city] ?? null);
    $check('her topics', 'sports||||law', $row[$topics] ?? null);
    $answer = $as_user('Subscriber.Update', [
        'SubscriberListID' => $list,
        'SubscriberID' => $id,
        'EmailAddress' => 'ann.miller@example.com',
        'Fields' => [$city => 'Berlin'],
        'Access' => 'admin',
    ]);
    $ok('Subscriber.Update', $answer);
    $refused('the old address', [$number(3)], $as_user('Subscriber.Get', $get));
    $get['EmailAddress'] = 'Ann.Miller@example.com';
    $row = $as_user('Subscriber.Get', $get)['SubscriberInformation'] ?? [];
    $check('her new city', 'Berlin', $row[$city] ?? null);
    $check('her topics stayed', 'sports||||law', $row[$topics] ?? null);
    $answer = $as_user('Subscribers.Get', [
        'SubscriberListID' => $list,
        'SubscriberSegment' => 'Active',
        'OrderField' => 'SubscriptionDate',
        'OrderType' => 'DESC',
        'RecordsFrom' => 0,
        'RecordsPerRequest' => 50,
    ]);
    $check('one is active', 1, (int) ($answer['TotalSubscribers'] ?? -1));
    $check('she is in the rows', ['ann.miller@example.com'], array_column($answer['Subscribers'] ?: [], 'EmailAddress'));

    $leave = ['ListID' => $list, 'EmailAddress' => 'ann.miller@example.com', 'IPAddress' => '12'];
    $ok('Unsubscribe', $call('Subscriber.Unsubscribe', $leave));
    $refused('unsubscribing twice', $number(9), $call('Subscriber.Unsubscribe', $leave));
    $row = $as_user('Subscriber.Get', $get)['SubscriberInformation'] ?? [];
    $check('she is gone', 'Unsubscribed', $row['SubscriptionStatus'] ?? null);
    $ok('subscribing again', $call('Subscriber.Subscribe', ['EmailAddress' => 'ann.miller@example.com'] + $ann));

    $answer = $as_user('Subscribers.Import', [
        'ListID' => $list,
        'ImportStep' => 1,
        'ImportType' => 'Copy',
        'ImportData' => "bob@example.com,Rome\ncid@example.com,\"Oslo, Norway\"\nann.miller@example.com,Bern\nnobody,Paris",
        'FieldTerminator' => ',',
        'FieldEncloser' => '"',
    ]);
    $ok('Subscribers.Import, step 1', $answer);
    $import = $answer['ImportID'] ?? 0;
    $answer = $as_user('Subscribers.Import', [
        'ListID' => $list,
        'ImportStep' => 2,
        'ImportID' => $import,
        'MappedFields' => ['FIELD1' => 'EmailAddress', 'FIELD2' => $city],
    ]);
    $ok('Subscribers.Import, step 2', $answer);
    $totals = array_map(intval(...), array_intersect_key($answer, array_flip(['TotalData', 'TotalImported', 'TotalDuplicates', 'TotalFailed'])));
    ksort($totals);
    $check('import totals', ['TotalData' => 4, 'TotalDuplicates' => 1, 'TotalFailed' => 1, 'TotalImported' => 2], $totals);
    $row = $as_user('Subscriber.Get', ['EmailAddress' => 'cid@example.com'] + $get)['SubscriberInformation'] ?? [];
    $check('an imported city', 'Oslo, Norway', $row[$city] ?? null);

    $ok('Subscribers.Delete', $as_user('Subscribers.Delete', ['SubscriberListID' => $list, 'Subscribers' => $id]));
    $refused('the deleted one', [$number(3)], $as_user('Subscriber.Get', $get));
    $refused('a missing list id', [$number(1)], $as_user('List.Get'));
    $ok('CustomFields.Delete', $as_user('CustomFields.Delete', ['CustomFields' => substr($topics, 11)]));
    $ok('Lists.Delete', $as_user('Lists.Delete', ['Lists' => $list]));
    $answer = $as_user('Lists.Get');
    $check('as many lists as before', $number($before), $answer['TotalListCount'] ?? null);
    if ($before === 0) {
        $check('no lists is an empty list', $empty, $answer['Lists'] ?? null);
    }
    $refused('a stale session', $number(99998), $call('Lists.Get', ['SessionID' => str_repeat('0', 32)]));
}
