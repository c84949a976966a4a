#!/bin/sh
# JAX-WS: client.sh BASE_URL ID_PROJECT ID_KEY KEY. For each flavour wsimport makes the classes and the client is compiled with them.
# BUILD is the folder for what is made. A warning of wsimport is a failure, but for its word that a 1.2 binding is no standard one.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../_compiled.sh"
jars=/usr/share/java
classpath=""
for jar in jaxws-api jaxws-rt jaxb-api jaxb-impl jaxb-core jaxb-runtime saaj-impl saaj stax-ex streambuffer metro-policy gmbal \
    management-api jws-api javax.activation jsr181-api javax.annotation-api istack-commons-runtime istack-commons-tools \
    FastInfoset mimepull txw2 jaxrpc-api; do
    [ -f "$jars/$jar.jar" ] && classpath="$classpath:$jars/$jar.jar"
done

one() { # FLAVOUR QUERY
    extension=""
    if [ "$1" = 12 ]; then extension=-extension; fi
    wsimport $extension -Xnocompile -encoding UTF-8 -s . -p ofsys "$base/webservices/soap$2" >wsimport.log 2>&1 || { cat wsimport.log; return 1; }
    if grep -i warning wsimport.log | grep -v 'non-standard SOAP 1.2 binding'; then return 1; fi
    cp "$here/Client.java" .
    # Names without dots make other method names.
    if [ "$1" = safe ]; then sed -i 's/userCREATE/userCreate/; s/userGET/userGet/' Client.java; fi
    javac -nowarn -encoding UTF-8 -cp "$classpath:." -d . ofsys/*.java Client.java
    java -Dfile.encoding=UTF-8 -Dstdout.encoding=UTF-8 -cp "$classpath:." Client "$1" "$base/webservices/soap$2" "$project" "$id_key" "$key"
}

flavour rpc '?wsdl'
flavour doc '?wsdl=doc'
flavour safe '?wsdl=safe'
flavour 12 '?wsdl=12'
closing
