#!/bin/sh
# Axis 1.4: client.sh BASE_URL ID_PROJECT ID_KEY KEY. For each flavour WSDL2Java makes the classes and the client is compiled with them.
# BUILD is the folder for what is made.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../_compiled.sh"
jars=/usr/share/java
classpath=""
for jar in axis axis-jaxrpc axis-saaj commons-logging commons-discovery wsdl4j javax.activation javax.mail; do
    classpath="$classpath:$jars/$jar.jar"
done

one() { # FLAVOUR QUERY
    java -cp "$classpath" org.apache.axis.wsdl.WSDL2Java -p ofsys "$base/webservices/soap$2"
    cp "$here/Client.java" .
    # Names without dots make other method names.
    if [ "$1" = safe ]; then sed -i 's/USERCREATE/userCreate/; s/USERGET/userGet/' Client.java; fi
    javac -nowarn -encoding UTF-8 -cp "$classpath:." -d . ofsys/*.java Client.java
    java -Dfile.encoding=UTF-8 -Dstdout.encoding=UTF-8 -cp "$classpath:." Client "$1" "$base/webservices/soap" "$project" "$id_key" "$key"
}

flavour rpc '?wsdl'
flavour doc '?wsdl=doc'
flavour safe '?wsdl=safe'
closing
