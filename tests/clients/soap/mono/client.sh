#!/bin/sh
# Mono's ASMX client: client.sh BASE_URL ID_PROJECT ID_KEY KEY. For each flavour its wsdl makes the classes and the client is compiled with them.
# BUILD is the folder for what is made. Document style alone: with rpc/literal it sends the call and returns null.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../_compiled.sh"

one() { # FLAVOUR QUERY
    wsdl "/out:Ofsys.cs" "$base/webservices/soap$2"
    cp "$here/Client.cs" .
    # Names without dots make other method names.
    if [ "$1" = safe ]; then sed -i 's/USERCREATE/UserCreate/; s/USERGET/UserGet/' Client.cs; fi
    mcs -nologo -warn:1 -r:System.Web.Services -out:Client.exe Ofsys.cs Client.cs
    LC_ALL=C.UTF-8 mono Client.exe "$1" "$base/webservices/soap" "$project" "$id_key" "$key"
}

flavour doc '?wsdl=doc'
flavour safe '?wsdl=safe'
closing
