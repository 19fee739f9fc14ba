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

# Counts the test cases in a log of some slices. doctest also counts those outside of a slice as passed. A test that
# cannot run here says MESSAGE("skipped: why").
count_tests() # LOG TOTAL SLICES
{
    local line summaries
    mapfile -t summaries < <(grep -a '^\[doctest\] test cases:' "$1")
    ((${#summaries[@]} == $3)) || return 1
    for line in "${summaries[@]}"; do
        [[ $line =~ \ ([0-9]+)\ failed ]] || return 1
        here_failed=$((here_failed + BASH_REMATCH[1]))
    done
    here_skipped=$(grep -ac 'MESSAGE: skipped: ' "$1" || true)
    here_passed=$(($2 - here_failed - here_skipped))
    # A sanitizer or the runtime may complain after the last test of a slice.
    ((here_failed > 0)) || here_failed=$(grep -ac '^exit status ' "$1" || true)
}

# run_slices LOG TOTAL EACH PROGRAM ARGUMENT…: runs EACH tests in a process, and as many processes as processors
run_slices()
{
    local log=$1 total=$2 each=$3 first
    rm -rf "$log.slices" && mkdir -p "$log.slices"
    for ((first = 1; first <= total; first += each)); do
        while (($(jobs -rp | wc -l) >= $(nproc))); do wait -n || true; done
        {
            "${@:4}" --no-colors --first="$first" --last=$((first + each - 1)) 2>&1 || echo "exit status $?"
        } >"$log.slices/$(printf '%06d' "$first")" &
    done
    wait
    # The slices that failed come first.
    { grep -rla '^exit status ' "$log.slices" || true && grep -rLa '^exit status ' "$log.slices" || true; } | xargs -r cat >"$log"
    rm -rf "$log.slices"
}

# run_tests NAME PROGRAM ARGUMENT…
run_tests()
{
    local name=$1 log=$logs/${1// /-}.log begin=$SECONDS status=0 total each
    local here_passed=0 here_failed=0 here_skipped=0
    mkdir -p "$logs"
    "${@:2}" --count >"$log" 2>&1 || status=$?
    if ((status == 77)); then
        here_skipped=$(XGRAD_ARCH='' "${@:2}" --count | sed -n 's/.*: //p')
        report "$name" "$begin" "not on this machine: $here_skipped skipped"
    else
        total=$(sed -n 's/.*current filters: //p' "$log")
        each=$((total / (8 * $(nproc)) + 1))
        ((status != 0)) || run_slices "$log" "$total" "$each" "${@:2}"
        if ((status != 0)) || ! count_tests "$log" "$total" $(((total + each - 1) / each)); then
            here_failed=1
            excerpt "$log" tail
            report "$name" "$begin" "died before all tests were run"
        else
            ((here_failed == 0)) || excerpt "$log" head
            report "$name" "$begin" "$(counts "$here_passed" "$here_failed" "$here_skipped")"
        fi
    fi
    passed=$((passed + here_passed)) failed=$((failed + here_failed)) skipped=$((skipped + here_skipped))
}

closing_line()
{
    counts "$passed" "$failed" "$skipped"
    ((failed == 0 && passed > 0))
}

# Tests of what an instruction set has no part in but through ops, which have tests of their own.
same_everywhere='*/tests/apps/*,*/tests/bench/*,*/tests/docs/*,*/tests/formats/*,*/tests/inspect/*,*/tests/models/*,*/tests/ranks/*,*/tests/mutants/*,*/tests/house.cpp'

# test_architectures ARGUMENT…: runs the tests on each instruction set, with arguments for doctest
test_architectures()
{
    local program architecture others=(--source-file-exclude="$same_everywhere")
    program=$(build_folder release)/tests/xgrad_tests
    if [[ -n ${XGRAD_ARCH:-} ]]; then
        others=()
    else
        run_tests "same everywhere" "$program" --source-file="$same_everywhere" "$@"
    fi
    for architecture in ${XGRAD_ARCH:-baseline avx2 avx512}; do
        XGRAD_ARCH=$architecture run_tests "$architecture" "$program" "${others[@]}" "$@"
    done
}

# Runs all tests of the release build, unless they have passed since the last change in the tree.
test_release()
{
    local stamp
    stamp=$(build_folder release)/tests-passed
    if [[ -z ${XGRAD_ARCH:-} && -e $stamp && -z $(find "$root" \( -path "$root/build" -o -path "$root/.git" \) -prune -o -type f -newer "$stamp" -print -quit) ]]; then
        read -r passed skipped <"$stamp"
        report "all architectures" "$SECONDS" "$(counts "$passed" 0 "$skipped"), nothing has changed since"
        return
    fi
    rm -f "$stamp"
    test_architectures
    ((failed > 0)) || [[ -n ${XGRAD_ARCH:-} ]] || echo "$passed $skipped" >"$stamp"
}

test_verb()
{
    local all='' mutants='' arm='' names=()
    while (($# > 0)); do
        case $1 in
            --all) all=yes ;;
            --mutants) mutants=yes ;;
            --arm64) arm=yes ;;
            --) break ;;
            -*) die "test knows no option '$1'; there are --all, --mutants, --arm64, and -- before doctest's own" ;;
            *) names+=("*$1*") ;;
        esac
        shift
    done
    if [[ -n $mutants ]]; then
        source "$root/.ci/mutants.sh"
        test_mutants
        return
    fi
    if [[ -n $arm ]]; then
        source "$root/.ci/arm.sh"
        test_arm
        return
    fi
    locked build_release all
    if (($# > 1)); then
        exec "$(build_folder release)/tests/xgrad_tests" "${@:2}"
    fi
    if ((${#names[@]} == 0)); then
        test_release
    else
        test_architectures "--test-case=$(IFS=, && echo "${names[*]}")"
    fi
    ((passed + failed > 0)) || die "there is no test with '${names[*]//\*/}' in its name"
    if [[ -n $all ]]; then
        source "$root/.ci/checks.sh"
        locked all_checks
    fi
    closing_line
}
