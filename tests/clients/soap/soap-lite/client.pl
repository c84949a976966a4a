# SOAP::Lite: by the functions that it makes of a WSDL, and as most scripts use it, with a proxy and a URI and no WSDL at all.
use strict;
use warnings;
use utf8;
use SOAP::Lite;

binmode STDOUT, ':utf8';
my ($base, $project, $id_key, $key) = @ARGV;
my $url = "$base/webservices/soap";
my $CITY = "Montréal & Île <Łódź> ☺";
my ($all_passed, $all_failed) = (0, 0);
my ($name, $passed, $failed);

sub same {
    my ($what, $expected, $actual) = map { defined $_ ? "$_" : '(undef)' } @_;
    return $passed++ if $expected eq $actual;
    $failed++;
    print "FAILED soap-lite $name: $what\n  expected $expected\n  got      $actual\n";
}

# For each type of a parameter it wants the script's own word on how to write it.
sub SOAP::Serializer::as_UserCreateRequest { my (undef, $value, $name, undef, $attr) = @_; return [$name, $attr, $value] }
sub SOAP::Serializer::as_UserGetRequest { my (undef, $value, $name, undef, $attr) = @_; return [$name, $attr, $value] }
# In document style the types are those of the elements around the parameters, and names may have dots.
for my $type (qw(USER.CREATE.Call USER.GET.Call UserCreateCall UserGetCall)) {
    no strict 'refs';
    *{"SOAP::Serializer::as_$type"} = sub { my (undef, $value, $name, undef, $attr) = @_; return [$name, $attr, $value] };
}
my %SAFE = ('USER.CREATE' => 'UserCreate', 'USER.GET' => 'UserGet');

# The functions that it makes of a WSDL, as an object.
sub made_of {
    my ($wsdl) = @_;
    my $service = SOAP::Lite->service($wsdl);
    $service->want_som(1);
    return $service;
}

# Encoded calls are answered with types, and SOAP::Lite turns a boolean into 1 or 0; from other calls it keeps the text.
sub truth {
    my ($text) = @_;
    return { 1 => 'true', 0 => 'false' }->{$text // ''} // $text;
}

# The result of a call as a hash, or its fault.
sub call {
    my ($client, $operation, $request) = @_;
    my $is_made = $client->isa('Ofsys');
    $operation = $SAFE{$operation} if $name eq 'safe';
    $request = { Request => $request } if $name eq 'doc' or $name eq 'safe';
    my $answer = $is_made ? $client->$operation($request) : $client->call($operation => SOAP::Data->name(Request => $request));
    return $answer->fault ? ({}, $answer) : ($answer->result, undef);
}

sub check {
    my ($client) = @_;
    my $auth = { idKey => $id_key, Key => SOAP::Data->type(string => $key) };
    my $address = "soap-lite.$name." . time . ".$$\@example.com";
    # A string with letters beyond ASCII goes as base64 unless its type is told.
    my $fields = { f_EMail => $address, f_City => SOAP::Data->type(string => $CITY) };
    my ($created) = call($client, 'USER.CREATE', { AuthKey => $auth, idProject => $project, Fields => $fields });
    same('created', 'true', truth($created->{Success}));
    my ($got) = call($client, 'USER.GET', { AuthKey => $auth, idProject => $project, idContact => $created->{idContact} });
    my $items = $got->{Fields}{item} // [];
    my %values = map { $_->{Name} => $_->{Value} } ref $items eq 'ARRAY' ? @$items : ($items);
    same('what was stored', $CITY, $values{f_City});
    same('its address', $address, $values{f_EMail});
    my $other = { idKey => $id_key, Key => 'x' x 32 };
    my ($wrong) = call($client, 'USER.GET', { AuthKey => $other, idProject => $project, idContact => $created->{idContact} });
    same('a wrong key', 'false AuthenticationFailed', truth($wrong->{Success}) . " $wrong->{ErrorCode}");
    my ($result, $fault) = call($client, 'USER.CREATE', { AuthKey => $auth, idProject => $project, Fields => 'unnamed' });
    # Its own names for the parts of a fault are those of 1.1.
    my $is_12 = $name eq 'none-12';
    my @parts = $is_12 ? ('//Fault/Code/Value', '//Fault/Reason/Text') : ('//Fault/faultcode', '//Fault/faultstring');
    my $told = $fault ? join(' ', map { $fault->valueof($_) // '' } @parts) : 'none';
    same('a fault', ($is_12 ? 'env:Sender' : 'SOAP-ENV:Client') . ' Fields must hold named values', $told);
}

my %clients = (
    rpc => sub { made_of("$url?wsdl") },
    doc => sub { made_of("$url?wsdl=doc") },
    safe => sub { made_of("$url?wsdl=safe") },
    # Its calls stay those of 1.1.
    12 => sub { made_of("$url?wsdl=12") },
    none => sub { SOAP::Lite->proxy($url)->uri('urn:ofsys:soap') },
    # It writes encodingStyle on the Envelope, which SOAP 1.2 forbids and this server refuses: scripts for 1.2 turn it off.
    'none-12' => sub { SOAP::Lite->soapversion('1.2')->proxy($url)->uri('urn:ofsys:soap')->encodingStyle('') },
);
# The version is a global of the package: 1.2 comes last.
for (qw(rpc doc safe 12 none none-12)) {
    ($name, $passed, $failed) = ($_, 0, 0);
    eval { check($clients{$name}->()); 1 } or same('runs to its end', 'its end', $@);
    print "row $name $passed $failed\n";
    $all_passed += $passed;
    $all_failed += $failed;
}
print "$all_passed passed, $all_failed failed\n";
exit($all_failed ? 1 : 0);
