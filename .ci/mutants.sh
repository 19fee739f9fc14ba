# shellcheck shell=bash disable=SC2154
# `./xgrad test --mutants`, sourced by .ci/test.sh: does a test fail for each wrong rule of tests/mutants/mutants.txt?

# First the tests named like the mutant's file, and those of its folder, which notice most of them in a second, then those
# of ops and formulas, then all others but those of files and of the command.
near='*/tests/ops/*,*/tests/oracles/*'
far=$near$(printf ',*/tests/%s*' apps docs house graph/million models/checkpoint models/data models/idx models/training. models/training_folder models/training_ways models/variants)

# with_mutant NUMBER: runs the tests up to the first one that fails. Mutated kernels are the baseline's.
with_mutant()
{
    local program=("$mutant_tests" --no-colors --abort-after=1) file=none folder named tests
    (($1 == 0)) || file=$(sed -n "$1s/: .*//p" "$mutant_list")
    named="*/tests/*/$(basename "${file%.*}").cpp"
    folder=$(dirname "$file")
    [[ $folder == ops ]] || named+=",*/tests/$folder*,*/tests/*/$(basename "$folder").cpp"
    for tests in "--source-file=$named" "--source-file=$near" "--source-file-exclude=$far"; do
        XGRAD_MUTANT=$1 XGRAD_ARCH=baseline timeout 600 "${program[@]}" "$tests" || return
    done
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
    export near far mutant_tests=$folder/xgrad_mutant_tests mutant_list=$folder/sources/list.txt
    export -f with_mutant try_mutant
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
