# shellcheck shell=bash disable=SC2154
# `./xgrad test --mutants`, sourced by .ci/test.sh: does a test fail for each wrong rule of tests/mutants/mutants.txt?

near='*/tests/ops/*,*/tests/oracles/*'
left_out=$(printf ',*/tests/%s*' apps docs house graph/million models/checkpoint models/data models/idx models/training. models/training_folder models/training_ways models/variants)
left_out=${left_out#,} # tests of files and of the command, and slow ones

# run_with_mutant NUMBER FILES FILES-LEFT-OUT: up to the first test that fails. Mutated kernels are the baseline's.
run_with_mutant()
{
    XGRAD_MUTANT=$1 XGRAD_ARCH=baseline timeout 600 "$mutant_tests" --no-colors --abort-after=1 \
        --source-file="$2" --source-file-exclude="$3"
}

# with_mutant NUMBER: first the tests named like the mutant's file, and those of its folder, which notice most of them in
# seconds, then those of ops and formulas, then all others.
with_mutant()
{
    local file=none folder named
    (($1 == 0)) || file=$(sed -n "$1s/: .*//p" "$mutant_list")
    named="*/tests/*/$(basename "${file%.*}")*.cpp"
    folder=$(dirname "$file")
    [[ $folder == ops ]] || named+=",*/tests/$folder*,*/tests/*/$(basename "$folder").cpp"
    run_with_mutant "$1" "$named" "$left_out" && run_with_mutant "$1" "$near" "$left_out" &&
        run_with_mutant "$1" '*' "$near,$left_out"
}

# A wrong result, a crash or a timeout counts as caught. Timeouts are listed, because a slow machine may cause them.
try_mutant()
{
    local status=0
    with_mutant "$1" &>/dev/null || status=$?
    case $status in
        0) echo "$1 survived" ;;
        124) echo "$1 late" ;;
        *) echo "$1 caught" ;;
    esac
}

test_mutants()
{
    local folder begin number result total caught=0 tried=0
    folder=$(build_folder release)/tests/mutants
    locked build_release xgrad_mutant_tests
    begin=$SECONDS
    mkdir -p "$logs"
    export near left_out mutant_tests=$folder/xgrad_mutant_tests mutant_list=$folder/sources/list.txt
    export -f run_with_mutant with_mutant try_mutant
    with_mutant 0 >"$logs/mutants.log" 2>&1 || { excerpt "$logs/mutants.log" tail && die "without a mutant the tests fail"; }
    total=$(wc -l <"$mutant_list")
    while read -r number result; do
        tried=$((tried + 1))
        [[ ! -t 2 ]] || printf '\r\e[Kmutants: %d / %d' "$tried" "$total" >&2
        [[ $result == survived ]] || caught=$((caught + 1))
        [[ $result == caught ]] && continue
        [[ ! -t 2 ]] || printf '\r\e[K' >&2
        echo "  $result: $(sed -n "${number}p" "$mutant_list")"
    done < <(seq "$total" | xargs -P "$(nproc)" -I '{}' bash -c 'try_mutant {}')
    [[ ! -t 2 ]] || printf '\r\e[K' >&2
    echo "caught $caught / $total  ($((SECONDS - begin)) s)"
    ((caught == total))
}
