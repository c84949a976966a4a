<?php
/*
 * Answers of a SOAP service against schemas, by libxml2: the envelope's of tests/schemas, the one inside each flavour of the served WSDL, and, where
 * UNDERSTUDY_ENVELOPE_SCHEMAS names the folder of a library that ships them, the published schemas of both envelopes.
 */
declare(strict_types=1);

const XSD = 'http://www.w3.org/2001/XMLSchema';
const WSDL = 'http://schemas.xmlsoap.org/wsdl/';
const XMLNS = 'http://www.w3.org/2000/xmlns/';
/** Version → namespace of the envelope, content type, encoding rules, own schema, published schema. */
const VERSIONS = [
    '1.1' => ['http://schemas.xmlsoap.org/soap/envelope/', 'text/xml; charset=utf-8', 'http://schemas.xmlsoap.org/soap/encoding/', 'envelope-1.1.xsd', 'soap-envelope.xsd'],
    '1.2' => ['http://www.w3.org/2003/05/soap-envelope', 'application/soap+xml; charset=utf-8', 'http://www.w3.org/2003/05/soap-encoding', 'envelope-1.2.xsd', 'soap12-envelope.xsd'],
];
/** Names of operations as they stand in a call → the flavours of the WSDL that declare them so. */
const FLAVOURS = ['dotted' => ['', '=doc', '=12'], 'safe' => ['=safe']];

libxml_use_internal_errors(true);
// Nothing but files of this machine is ever read.
libxml_set_external_entity_loader(fn (?string $public, ?string $system) => is_file((string) $system) ? $system : null);
set_exception_handler(static function (Throwable $error): void {
    global $passed, $failed;
    echo "FAILED $error\n$passed passed, ", $failed + 1, " failed\n";
    exit(1);
});
$passed = $failed = 0;

/** The schemas of a service. */
final class Schemas
{
    /** Version and flavour → the files that put an envelope's schema and the service's together, by whose envelope it is. */
    private array $drivers = [];
    private string $folder;

    public function __construct(private string $url)
    {
        $this->folder = sys_get_temp_dir() . '/understudy-schemas-' . bin2hex(random_bytes(8));
        mkdir($this->folder, 0700);
        $published = getenv('UNDERSTUDY_ENVELOPE_SCHEMAS');
        foreach (array_merge(...array_values(FLAVOURS)) as $i => $flavour) {
            [$schema, $namespace] = self::of_service(file_get_contents("$url?wsdl$flavour"));
            file_put_contents("$this->folder/service$i.xsd", $schema);
            foreach (VERSIONS as $version => [$envelope, , , $own, $other]) {
                $files = ['own' => __DIR__ . "/../schemas/$own"] + ($published ? ['published' => "$published/$other"] : []);
                foreach ($files as $whose => $file) {
                    is_file($file) || throw new RuntimeException("no $file");
                    $driver = "$this->folder/$whose-$version-$i.xsd";
                    file_put_contents($driver, '<xs:schema xmlns:xs="' . XSD . "\"><xs:import namespace=\"$envelope\" schemaLocation=\"$file\"/>"
                        . "<xs:import namespace=\"$namespace\" schemaLocation=\"service$i.xsd\"/></xs:schema>");
                    $this->drivers[$version][$flavour][$whose] = $driver;
                }
            }
        }
        echo 'envelope schemas: those of tests/schemas, ', $published ? "and the published ones in $published\n" : "and no published ones\n";
    }

    public function __destruct()
    {
        array_map('unlink', glob("$this->folder/*"));
        rmdir($this->folder);
    }

    /** What is wrong with an answer, one line each. */
    public function misfits(string $answer, string $version, string $names): array
    {
        $document = new DOMDocument();
        if (!$document->loadXML($answer, LIBXML_NONET)) {
            return self::errors('no XML');
        }
        $wrong = [];
        // The encodingStyle of a typed answer is SOAP's matter; the schema inside a WSDL for literal messages cannot declare it.
        [$envelope, , $rules] = VERSIONS[$version];
        $body = $document->documentElement->lastElementChild;
        $wrapper = $body?->firstElementChild;
        if ($wrapper?->hasAttributeNS($envelope, 'encodingStyle')) {
            $style = $wrapper->getAttributeNS($envelope, 'encodingStyle');
            $style === $rules || $wrong[] = "encodingStyle $style";
            $wrapper->removeAttributeNS($envelope, 'encodingStyle');
        }
        foreach (FLAVOURS[$names] as $flavour) {
            foreach ($this->drivers[$version][$flavour] as $whose => $driver) {
                if (!$document->schemaValidate($driver)) {
                    array_push($wrong, ...self::errors("?wsdl$flavour, $whose envelope"));
                }
            }
        }
        return $wrong;
    }

    private static function errors(string $what): array
    {
        $errors = array_map(fn ($error) => "$what: " . trim($error->message), libxml_get_errors());
        libxml_clear_errors();
        return $errors ?: ["$what: refused without a reason"];
    }

    /** The schema inside a WSDL and its namespace. Of an rpc binding, the elements that its parts make are added: the operation's name with Response around the part. */
    private static function of_service(string $text): array
    {
        $wsdl = new DOMDocument();
        $wsdl->loadXML($text, LIBXML_NONET) || throw new RuntimeException(implode("\n", self::errors('WSDL')));
        $path = new DOMXPath($wsdl);
        $path->registerNamespace('w', WSDL);
        $path->registerNamespace('xs', XSD);
        $found = $path->query('/w:definitions/w:types/xs:schema');
        $found->length === 1 || throw new RuntimeException("{$found->length} schemas in the WSDL");
        $schema = $found->item(0);
        // Prefixes that stand only inside of attributes go along.
        foreach ($path->query('namespace::*', $schema) as $node) {
            if ($node->localName !== 'xml' && $node->prefix !== '') {
                $schema->setAttributeNS(XMLNS, "xmlns:{$node->prefix}", $node->nodeValue);
            }
        }
        foreach ($path->query('/w:definitions/w:portType/w:operation') as $operation) {
            $output = substr(strrchr($path->evaluate('string(w:output/@message)', $operation), ':'), 1);
            $parts = $path->query("/w:definitions/w:message[@name='$output']/w:part");
            $parts->length === 1 || throw new RuntimeException("{$parts->length} parts in $output");
            if ($parts->item(0)->hasAttribute('element')) {
                continue;
            }
            $element = $schema->appendChild($wsdl->createElementNS(XSD, 'xsd:element'));
            $element->setAttribute('name', $operation->getAttribute('name') . 'Response');
            $sequence = $element->appendChild($wsdl->createElementNS(XSD, 'xsd:complexType'))->appendChild($wsdl->createElementNS(XSD, 'xsd:sequence'));
            $member = $sequence->appendChild($wsdl->createElementNS(XSD, 'xsd:element'));
            $member->setAttribute('name', $parts->item(0)->getAttribute('name'));
            $member->setAttribute('type', $parts->item(0)->getAttribute('type'));
        }
        return [$wsdl->saveXML($schema), $schema->getAttribute('targetNamespace')];
    }
}

/** An answer over HTTP. */
final class Answer
{
    public function __construct(public int $status, public string $type, public string $text)
    {
    }
}

/** A call. Fields are lines of the head; of a content type the last one counts. */
function send(string $url, string $body, array $fields, string $method = 'POST'): Answer
{
    $curl = curl_init($url);
    curl_setopt_array($curl, [
        CURLOPT_CUSTOMREQUEST => $method, CURLOPT_POSTFIELDS => $body, CURLOPT_HTTPHEADER => [...$fields, 'Expect:'],
        CURLOPT_RETURNTRANSFER => true, CURLOPT_TIMEOUT => 30, CURLOPT_ENCODING => '',
    ]);
    $text = curl_exec($curl);
    $text !== false || throw new RuntimeException(curl_error($curl));
    return new Answer(curl_getinfo($curl, CURLINFO_RESPONSE_CODE), (string) curl_getinfo($curl, CURLINFO_CONTENT_TYPE), $text);
}

function envelope(string $version, string $body, string $header = ''): string
{
    $header = $header === '' ? '' : "<e:Header>$header</e:Header>";
    return '<?xml version="1.0" encoding="UTF-8"?>' . "\n<e:Envelope xmlns:e=\"" . VERSIONS[$version][0] . "\">$header<e:Body>$body</e:Body></e:Envelope>";
}

/** A call of an operation; typed calls name encoding rules, and so are answered with types. */
function call(string $version, string $namespace, string $operation, string $members, bool $is_typed): string
{
    $style = $is_typed ? ' e:encodingStyle="' . VERSIONS[$version][2] . '"' : '';
    return envelope($version, "<t:$operation xmlns:t=\"$namespace\"$style><Request>$members</Request></t:$operation>");
}

/** Counts one check; what is wrong is told. */
function judge(string $what, array $wrong, string $answer = ''): void
{
    global $passed, $failed;
    if ($wrong === []) {
        $passed++;
        return;
    }
    $failed++;
    echo "FAILED $what\n  ", implode("\n  ", $wrong), "\n  $answer\n";
}

/** Checks an answer: its content type, what its text must hold, and all schemas. */
function check(Schemas $schemas, string $what, Answer $answer, string $version, string $names, string $holds): void
{
    $wrong = $schemas->misfits($answer->text, $version, $names);
    $answer->type === VERSIONS[$version][1] || $wrong[] = "content type $answer->type";
    str_contains($answer->text, $holds) || $wrong[] = "without $holds";
    judge($what, $wrong, $answer->text);
}

/** Checks that an answer is refused once it is broken: each change is what to replace and by what. */
function check_that_breaks_are_seen(Schemas $schemas, string $what, string $answer, string $version, string $names, array $changes): void
{
    judge("$what: whole", $schemas->misfits($answer, $version, $names), $answer);
    foreach ($changes as $change => [$from, $to]) {
        $broken = str_replace($from, $to, $answer);
        $is_seen = $schemas->misfits($broken, $version, $names) !== [];
        judge("$what: $change", match (true) {
            $broken === $answer => ['nothing to break'],
            !$is_seen => ['not seen'],
            default => [],
        }, $broken);
    }
}

function finish(): never
{
    global $passed, $failed;
    echo "$passed passed, $failed failed\n";
    exit($failed === 0 && $passed > 0 ? 0 : 1);
}
