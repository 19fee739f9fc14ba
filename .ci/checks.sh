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

# What this commit takes its turn at: half of the tests by the sanitizers of addresses and of undefined behaviour (0, 1),
# the explorer in browsers (2), or a project that has xgrad as a folder, by the sanitizer of threads (3). Together they
# would take more than an hour; XGRAD_CHECKS=all takes all. Without browsers their turn is the sanitizers', too.
turn_of_commit()
{
    local commits
    commits=$(git -C "$root" rev-list --count HEAD 2>/dev/null || echo 0)
    if [[ ${XGRAD_CHECKS:-} == all ]]; then
        echo all
    elif ((commits % 4 == 2)) && [[ -n $(missing_for_page) ]]; then
        echo $((commits / 4 % 2))
    else
        echo $((commits % 4))
    fi
}

# Half of the tests, each on the baseline's kernels, which both sanitizers watch, and every other time on AVX2's, too.
# With XGRAD_CHECKS=all, all tests on the widest kernels.
choose_sanitized_half()
{
    local halves=('(base|graph|kernels|ops|optim)/.*' '(apps|formats|inspect|models|oracles|ranks)/.*')
    local kernels=(baseline 'baseline;avx2') files='' sets='baseline;avx2;avx512' commits
    commits=$(git -C "$root" rev-list --count HEAD 2>/dev/null || echo 0)
    [[ ${XGRAD_CHECKS:-} == all ]] || files=${halves[$1]} sets=${kernels[commits / 4 % 2]}
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

# It installs no browsers for this: with emscripten they are a gigabyte.
check_page()
{
    local missing
    missing=$(missing_for_page)
    if [[ -n $missing ]]; then
        skipped=$((skipped + 1))
        report "explorer" "$SECONDS" "skipped: there is no $missing"
    else
        check "explorer" test_page || true
    fi
}

sanitize() # 0 | 1
{
    check "asan half" choose_sanitized_half "$1" || true
    build_and_test asan --test-suite-exclude=long
    check "fuzz" fuzz_shortly || true
}

check_folder_of_a_project()
{
    check "folder of a project" build_guest || return 0
    run_tests tsan "$root/build/guest/xgrad/tests/xgrad_tests" --test-suite-exclude=long
}

all_checks()
{
    local turn
    source "$root/.ci/web.sh"
    require_packages "${check_packages[@]}"
    check "clang-format" check_format || true
    run_tests faults "$(build_folder release)/tests/faults/xgrad_faults"
    turn=$(turn_of_commit)
    case $turn in
        0 | 1)
            sanitize "$turn"
            [[ -z $(missing_for_page) ]] || check_page # which says what is missing
            ;;
        2) check_page ;;
        3) check_folder_of_a_project ;;
        all)
            sanitize 0
            check_page
            check_folder_of_a_project
            ;;
    esac
    check "installed package" check_installed || true
    source "$root/.ci/ranks.sh"
    check "ranks" check_ranks || true
}
