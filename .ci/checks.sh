# shellcheck shell=bash disable=SC2154
# What `./xgrad test --all` adds to the tests, sourced by ./xgrad. Every check counts as one, passed or failed.

# check NAME COMMAND ARGUMENT…: quiet unless it fails
check()
{
    local name=$1 log=$logs/${1// /-}.log begin=$SECONDS
    if ("${@:2}") >"$log" 2>&1; then
        passed=$((passed + 1))
        report "$name" "$begin" passed
    else
        failed=$((failed + 1))
        excerpt "$log" tail
        report "$name" "$begin" FAILED
        return 1
    fi
}

# build_and_test PRESET DOCTEST-ARGUMENT…
build_and_test()
{
    check "$1 build" configure_and_build "$1" xgrad_tests || return 0
    run_tests "$1" "$root/build/$1/tests/xgrad_tests" "${@:2}"
}

configure_and_build() { configure "$1" && build "$@"; }

# Half of the tests, the other half after the next commit; each on the baseline's kernels, which both sanitizers watch,
# and in its next turn on AVX2's. With XGRAD_ASAN=all, all tests on the widest kernels.
choose_sanitized_half()
{
    local halves=('(base|graph|kernels|ops|optim)/.*' '(apps|formats|inspect|models|oracles|ranks)/.*')
    local kernels=(baseline 'baseline;avx2') files='' sets='baseline;avx2;avx512' turn
    turn=$(git -C "$root" rev-list --count HEAD 2>/dev/null || echo 0)
    [[ ${XGRAD_ASAN:-} == all ]] || files=${halves[turn % 2]} sets=${kernels[turn / 2 % 2]}
    echo "the tests of ${files:-everything} on $sets"
    configure asan && cmake -B "$root/build/asan" -DXGRAD_TEST_FILES="$files" -DXGRAD_ARCHITECTURES="$sets"
}

check_format() { all_cxx_files | xargs clang-format --dry-run -Werror; }

# Builds another project that finds the installed package, by CMake and by pkg-config.
check_installed()
{
    local prefix=$root/build/installed folder=$root/build/consumer-installed
    rm -rf "$prefix" "$folder" &&
        cmake --install "$root/build/release" --prefix "$prefix" &&
        cmake -S "$root/tests/consumer" -B "$folder" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Release &&
        cmake --build "$folder" --parallel "$(nproc)" &&
        (cd "$folder" && ctest --output-on-failure) &&
        "$prefix/bin/xgrad" --version &&
        opens_the_page_it_names "$prefix" &&
        with_pkg_config "$prefix" "$folder/by_pkg_config"
}

# What an installed xgrad says to see is there, whatever folder it runs in.
opens_the_page_it_names()
{
    local page
    page=$(cd "$1" && { bin/xgrad compare mlp --data mnist-sample --plant sign || true; } |
        sed -n 's/.*see \([^#]*\)#.*/\1/p' | head -n 1)
    [[ $page == "$1"/* && -f $page ]] || { echo "no page: '$page'"; return 1; }
}

with_pkg_config()
{
    local PKG_CONFIG_PATH flags
    PKG_CONFIG_PATH=$(dirname "$(find "$1" -name xgrad.pc)") && export PKG_CONFIG_PATH &&
        read -ra flags < <(pkg-config --cflags --libs xgrad) &&
        "${CXX:-c++}" -std=c++20 -O1 "$root"/tests/consumer/{main,elsewhere}.cpp -o "$2" "${flags[@]}" && "$2"
}

# Builds another project that has xgrad as one of its folders, and settings of its own, with the thread sanitizer.
build_guest()
{
    (cd "$root/tests/guest" && cmake --preset guest -B "$root/build/guest") &&
        cmake --build "$root/build/guest" --parallel "$(nproc)" --target guest xgrad_tests &&
        "$root/build/guest/guest"
}

# A second for each target: the inputs in the tree, and what comes of them.
fuzz_shortly()
{
    local targets
    source "$root/.ci/fuzz.sh"
    mapfile -t targets < <(fuzz_targets)
    build_fuzz_targets "${targets[@]}" && run_fuzz_targets 1 "${targets[@]}"
}

all_checks()
{
    require_packages "${check_packages[@]}"
    check "clang-format" check_format || true
    run_tests faults "$(build_folder release)/tests/faults/xgrad_faults"
    check "asan half" choose_sanitized_half || true
    build_and_test asan --test-suite-exclude=long
    check "fuzz" fuzz_shortly || true
    check "folder of a project" build_guest &&
        run_tests tsan "$root/build/guest/xgrad/tests/xgrad_tests" --test-suite-exclude=long
    check "installed package" check_installed || true
    source "$root/.ci/ranks.sh"
    check "ranks" check_ranks || true
}
