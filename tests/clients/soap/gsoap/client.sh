#!/bin/sh
# gSOAP: client.sh BASE_URL ID_PROJECT ID_KEY KEY. For each flavour wsdl2h and soapcpp2 make the stubs and the client is compiled with them.
# BUILD is the folder for what is made.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../_compiled.sh"

one() { # FLAVOUR QUERY
    wsdl2h -c -s -v -o ofsys.h "$base/webservices/soap$2"
    soapcpp2 -c -C -L -x -I/usr/share/gsoap/import ofsys.h
    cp "$here/client.c" .
    style=""
    case $1 in doc | safe) style=-DDOCUMENT ;; esac
    # Names without dots make other names of functions and types.
    if [ "$1" = safe ]; then sed -i 's/USER_x002eCREATE/UserCreate/g; s/USER_x002eGET/UserGet/g; s/_x002e\(Call\|Answer\)/\1/g' client.c; fi
    cc -O0 -w $style -I. -o client client.c soapC.c soapClient.c -lgsoap
    ./client "$1" "$base/webservices/soap" "$project" "$id_key" "$key"
}

flavour rpc '?wsdl'
flavour doc '?wsdl=doc'
flavour safe '?wsdl=safe'
flavour 12 '?wsdl=12'
closing
