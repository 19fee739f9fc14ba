# shellcheck shell=bash disable=SC2154
# `./xgrad test`, sourced by ./xgrad.

passed=0 failed=0 skipped=0
logs=$root/build/logs

# report NAME SECONDS-AT-BEGIN TEXT…
report() { printf '  %-24s %s  (%d s)\n' "$1" "${*:3}" $((SECONDS - $2)); }

# excerpt LOG head|tail
excerpt()
{
    local lines=60
    "$2" -n "$lines" "$1"
    (($(wc -l <"$1") <= lines)) || echo "  … all of it is in $1"
}

# counts PASSED FAILED SKIPPED
counts() { echo "$1 passed, $2 failed$( (($3 == 0)) || echo ", $3 skipped")"; }

# Adds up the test cases of a log. A test that cannot run here says MESSAGE("skipped: why").
count_tests()
{
    local line skips
    line=$(grep -a '^\[doctest\] test cases:' "$1" | tail -n 1)
    [[ $line =~ ([0-9]+)\ passed\ \|\ *([0-9]+)\ failed ]] || return 1
    skips=$(grep -ac 'MESSAGE: skipped: ' "$1" || true)
    here_passed=$((BASH_REMATCH[1] - skips)) here_failed=${BASH_REMATCH[2]} here_skipped=$skips
}

# run_tests NAME PROGRAM ARGUMENT…
run_tests()
{
    local name=$1 log=$logs/$1.log begin=$SECONDS status=0 here_passed=0 here_failed=0 here_skipped=0
    mkdir -p "$logs"
    "${@:2}" --no-colors >"$log" 2>&1 || status=$?
    if ((status == 77)); then
        here_skipped=$(XGRAD_ARCH='' "${@:2}" --count | sed -n 's/.*: //p')
        report "$name" "$begin" "not on this machine: $here_skipped skipped"
    elif ! count_tests "$log"; then
        here_failed=1
        excerpt "$log" tail
        report "$name" "$begin" "died with exit status $status before all tests were run"
    else
        # A sanitizer's or the runtime's complaint after the last test.
        ((status == 0 || here_failed > 0)) || here_failed=1
        ((here_failed == 0)) || excerpt "$log" head
        report "$name" "$begin" "$(counts "$here_passed" "$here_failed" "$here_skipped")"
    fi
    passed=$((passed + here_passed)) failed=$((failed + here_failed)) skipped=$((skipped + here_skipped))
}

closing_line()
{
    counts "$passed" "$failed" "$skipped"
    ((failed == 0 && passed > 0))
}

# test_architectures ARGUMENT…: of doctest
test_architectures()
{
    local program architecture
    program=$(build_folder release)/tests/xgrad_tests
    for architecture in ${XGRAD_ARCH:-baseline avx2 avx512}; do
        XGRAD_ARCH=$architecture run_tests "$architecture" "$program" "$@"
    done
}

test_verb()
{
    local all='' names=() filter=()
    while (($# > 0)); do
        case $1 in
            --all) all=yes ;;
            --) break ;;
            -*) die "test knows no option '$1'; there are --all, and -- before doctest's own" ;;
            *) names+=("*$1*") ;;
        esac
        shift
    done
    locked build_release all
    if (($# > 1)); then
        exec "$(build_folder release)/tests/xgrad_tests" "${@:2}"
    fi
    ((${#names[@]} == 0)) || filter=("--test-case=$(IFS=, && echo "${names[*]}")")
    test_architectures "${filter[@]}"
    ((passed + failed > 0)) || die "there is no test with '${names[*]//\*/}' in its name"
    if [[ -n $all ]]; then
        source "$root/.ci/checks.sh"
        locked all_checks
    fi
    closing_line
}
