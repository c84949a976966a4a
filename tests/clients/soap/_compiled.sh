# What the compiled clients share: `one FLAVOUR QUERY` of the sourcing script makes and runs a client in an empty folder of BUILD,
# where it prints `row FLAVOUR PASSED FAILED`; a flavour that prints none has failed. `closing` prints the sum.
base=$1 project=$2 id_key=$3 key=$4
n_passed=0
n_failed=0

flavour() {
    rm -rf "$BUILD/$1"
    mkdir -p "$BUILD/$1"
    cd "$BUILD/$1"
    one "$1" "$2" >told.log 2>&1 || true
    row=$(grep "^row $1 " told.log || true)
    [ -n "$row" ] || row="row $1 0 1"
    passed=${row#row "$1" }
    # What it told besides matters when something failed.
    if [ "${passed#* }" -ne 0 ]; then grep -v '^row ' told.log || true; fi
    echo "$row"
    n_failed=$((n_failed + ${passed#* }))
    n_passed=$((n_passed + ${passed% *}))
}

closing() {
    echo "$n_passed passed, $n_failed failed"
    [ "$n_failed" -eq 0 ]
}
