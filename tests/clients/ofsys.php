<?php
/*
 * PHP sites that call the Ofsys JSON services: ofsys.php BASE_URL USERNAME PASSWORD API_KEY ID_PROJECT ID_KEY KEY.
 * The forms plugin sends JSON with its type and ids as texts, the other plugin sends none of its own, so that curl says it is a form (OF-1.3, OF-1.9).
 */
declare(strict_types=1);

[, $base, , , , $project, $id_key, $key] = $argv;
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

/** Posts a body as it is; the status and the raw answer. */
function post(string $url, string $body, array $headers): array
{
    $curl = curl_init($url);
    curl_setopt_array($curl, [
        CURLOPT_POST => true,
        CURLOPT_POSTFIELDS => $body,
        CURLOPT_HTTPHEADER => $headers,
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_TIMEOUT => 30,
    ]);
    $answer = curl_exec($curl);
    $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
    if ($answer === false) {
        echo 'FAILED the call: ' . curl_error($curl) . "\n0 passed, 1 failed\n";
        exit(1);
    }
    return [$status, $answer];
}

function scenario(string $name, callable $call, string $project): void
{
    $id = $name === 'form type' ? (int) $project : $project;
    $list = $call('Projects', 'List', []);
    same("$name: the login test is strict", true, $list->Success === true);
    same("$name: no error is null", null, $list->ErrorCode);
    same("$name: the project", 'Club', $list->Records[0]->ProjectName);

    $fields = $call('Projects', 'Get', ['idProject' => $id])->ProjectInfo;
    same("$name: fields", ['EMail', 'City'], array_map(fn ($field) => $field->Code, $fields->ProjectFields));
    same("$name: the first label", true, is_string($fields->ProjectFields[1]->Labels[0]->Value));
    same("$name: opt-ins", 'News', $fields->OptinFields[0]->Code);

    $email = str_replace(' ', '', $name) . '+ünï@example.com';
    $address = str_replace(' ', '', $name) . '@example.com';
    $options = [
        'AllowInsert' => true, 'AllowUpdate' => true, 'SkipDuplicateRecords' => false, 'SkipUnmatchedRecords' => false,
        'ReturnRecordsOnSuccess' => true, 'ReturnRecordsOnError' => true, 'FieldOptions' => null,
    ];
    $merge = fn (array $id_of, array $data) => $call('Contacts', 'Merge', [
        'idProject' => $id, 'Records' => [['ID' => $id_of, 'Data' => $data]], 'MergeOptions' => $options,
    ]);
    $answer = $merge(['key_f_EMail' => $address], ['f_City' => "Trois-Rivières / \"QC\"", 'optin_News' => '1', 'isActive' => false]);
    same("$name: created", [1, 0, 'Created', 'OK'], [
        $answer->CreatedRecords, $answer->UpdatedRecords, $answer->Records[0]->Status, $answer->Records[0]->ValidationResult,
    ]);
    $contact = $answer->Records[0]->IdRecord;
    same("$name: the number is one", true, is_int($contact));
    same("$name: the record", ["Trois-Rivières / \"QC\"", 1, false], [
        $answer->Records[0]->Record->f_City, $answer->Records[0]->Record->optin_News, $answer->Records[0]->Record->isActive,
    ]);
    $answer = $merge(['idContact' => (string) $contact], ['f_City' => 'Oslo', 'isActive' => 'True']);
    same("$name: updated", ['Updated', $contact], [$answer->Records[0]->Status, $answer->Records[0]->IdRecord]);
    same("$name: a bad address shows in its record", [true, 'Error', 'InvalidEMail'], (function () use ($merge) {
        $answer = $merge(['key_f_EMail' => 'no address'], []);
        return [$answer->Success, $answer->Records[0]->Status, $answer->Records[0]->ValidationResult];
    })());

    $clause = fn (string $field, mixed $value) => [
        '$type' => 'FieldClause', 'Field' => ['Name' => $field], 'TypeOperator' => 'Equal', 'ComparisonValue' => $value,
    ];
    $found = $call('Contacts', 'Get', ['idProject' => $id, 'Clause' => $clause('f_EMail', strtoupper($address)), 'Tag' => null]);
    same("$name: found", [$contact, 'Oslo', true], [
        $found->Records[0]->idContact, $found->Records[0]->f_City, $found->Records[0]->isActive,
    ]);

    $message = $call('Messages', 'Create', ['idProject' => $id, 'Message' => [
        'Name' => 'Welcome', 'isHostingImages' => false, 'isTrackingLinks' => false, 'idCategory' => 0, 'QuerySources' => null,
        'MessageVersions' => [[
            'Name' => 'v', 'Culture' => 'fr-CA', 'SenderName' => 'Club', 'SenderEMail' => 'club@example.org', 'Subject' => 'Bonjour [[=Contact.f_City;]]',
            'MessageBodies' => [['MIMEType' => 'text/html', 'Content' => '<p>[[=Message.Parameter("code");]]</p>']],
        ]],
    ]])->idMessage;
    $sent = $call('Sendings', 'SendSingle2', [
        'idProject' => $id, 'idMessage' => $message, 'ContactFilter' => ['Mode' => 'Single', 'idContact' => $contact],
        'SendSingleOptions' => ['idMessageVersion' => null, 'MessageParameterValues' => ['code' => '42'], 'DiscardParametersAfterSending' => true],
        'Attachments' => null,
    ]);
    same("$name: sent", [true, 1], [$sent->Success, $sent->AffectedContacts]);
    $refused = $call('Sendings', 'SendSingle', ['idProject' => $id, 'idMessage' => 987654, 'contactFilter' => ['Mode' => 'Single', 'idContact' => $contact]]);
    same("$name: refused", [false, 'MessageNotFound', true], [$refused->Success, $refused->ErrorCode, strlen($refused->ErrorMessage) > 0]);

    $gone = $call('Contacts', 'Delete', ['idProject' => $id, 'Clause' => $clause('f_EMail', $address), 'MaxRows' => 1]);
    same("$name: deleted", 1, $gone->DeletedRecords);
    same("$name: nobody is an empty list", [], $call('Contacts', 'Get', ['idProject' => $id, 'Clause' => $clause('f_EMail', $email)])->Records);
}

$with = fn (array $headers, mixed $id) => function (string $service, string $method, array $body) use ($base, $headers, $id, $key): object {
    $body = json_encode(['AuthKey' => ['idKey' => $id, 'Key' => $key]] + $body, JSON_THROW_ON_ERROR);
    [$status, $answer] = post("$base/webservices/ofc4/$service.ashx?method=$method", $body, $headers);
    same("$service.$method has status 200", 200, $status);
    return json_decode($answer, false, 64, JSON_THROW_ON_ERROR);
};
scenario('json type', $with(['Content-Type: application/json'], $id_key), $project);
scenario('form type', $with([], (int) $id_key), $project);
scenario('no type', $with(['Content-Type:'], $id_key), $project);

$wrong = fn (string $secret) => json_encode(['AuthKey' => ['idKey' => $id_key, 'Key' => $secret]]);
[$status, $answer] = post("$base/Webservices/OFC4/projects.ashx?METHOD=list", $wrong(strrev($key)), []);
same('a wrong key', [200, 'AuthenticationFailed'], [$status, json_decode($answer)->ErrorCode]);
same('the layout', 1, preg_match('/^\{\r\n  "Success": false,\r\n  "ErrorCode": "AuthenticationFailed",\r\n/', $answer));
echo "$passed passed, $failed failed\n";
exit($failed ? 1 : 0);
