# shellcheck shell=bash disable=SC2154
# `./xgrad fuzz`, sourced by ./xgrad: the targets of tests/fuzz, each with the bounds that it has to keep.

# limits TARGET: the bounds on an input: its bytes, the seconds, and the memory in MB of one allocation and of the process
limits()
{
    local bytes=4096 allocation=16
    case $1 in
        idx) allocation=17 ;;    # a gzipped file may hold 1032 times its size
        idx_gz) bytes=16384 allocation=17 ;;
        ops) bytes=256 allocation=256 ;; # results of small arrays
        model) allocation=64 ;;  # the largest network with a fixed size
        connection_table) bytes=64 ;;
        images) allocation=128 ;; # 2^23 pixels
        mat | arrays | data_set) allocation=33 ;; # a packed file may hold 32 MiB
    esac
    printf '%s\n' "-max_len=$bytes" -timeout=1 "-malloc_limit_mb=$allocation" -rss_limit_mb=1024
}

fuzz_targets() { find "$root/tests/fuzz" -name '*.cpp' -printf '%f\n' | sed 's/[.]cpp$//' | sort; }

build_fuzz_targets() # TARGET…
{
    [[ -z ${CXX:-} ]] || die "the fuzz targets are built by clang++: leave CXX out"
    require_packages "${build_packages[@]}" "${test_packages[@]}" "${check_packages[@]}"
    configure asan && build asan "${@/#/fuzz_}"
}

# run_fuzz_target TARGET ARGUMENT…: begins with the inputs in the tree. What it finds goes to build/fuzz.
run_fuzz_target()
{
    local found=$root/build/fuzz/$1 options
    mkdir -p "$found/corpus"
    mapfile -t options < <(limits "$1")
    # Only reports of faults are of interest, not what a command line is told.
    "$(build_folder asan)/tests/fuzz/fuzz_$1" "${options[@]}" -close_fd_mask=3 -print_final_stats=1 \
        "-artifact_prefix=$found/" "${@:2}" "$found/corpus" "$root/tests/fuzz/corpus/$1"
}

# run_fuzz_targets SECONDS-EACH TARGET…
run_fuzz_targets()
{
    local target log executions failed=0
    for target in "${@:2}"; do
        log=$root/build/fuzz/$target.log
        mkdir -p "$root/build/fuzz"
        if run_fuzz_target "$target" "-max_total_time=$1" >"$log" 2>&1; then
            executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
            printf '  %-24s %s executions, no fault\n' "$target" "$executions"
        else
            failed=1
            tail -n 40 "$log"
            printf '  %-24s FAILED; the input is in build/fuzz/%s: add it to tests/fuzz/corpus/%s once the fault is mended\n' \
                "$target" "$target" "$target"
        fi
    done
    return "$failed"
}

fuzz_verb() # [TARGET] [SECONDS]
{
    local targets seconds=60
    mapfile -t targets < <(fuzz_targets)
    if (($# > 0)) && [[ ! $1 =~ ^[0-9]+$ ]]; then
        [[ " ${targets[*]} " == *" $1 "* ]] || die "there is no fuzz target '$1'; there are: ${targets[*]}"
        targets=("$1")
        shift
    fi
    if (($# > 0)); then
        [[ $1 =~ ^[1-9][0-9]*$ ]] || die "'$1' is not a number of seconds: ./xgrad fuzz [TARGET] [SECONDS]"
        seconds=$1
        shift
    fi
    (($# == 0)) || die "fuzz takes a target and a number of seconds, not also '$1'"
    locked build_fuzz_targets "${targets[@]}"
    run_fuzz_targets "$seconds" "${targets[@]}"
}
