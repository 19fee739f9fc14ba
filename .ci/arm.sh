# shellcheck shell=bash disable=SC2154
# `./xgrad test --arm64`, sourced by .ci/test.sh: the library for another processor, by Debian's cross compiler and qemu.

arm_packages=(g++-aarch64-linux-gnu qemu-user libfmt-dev:arm64 zlib1g-dev:arm64 libopenblas-dev:arm64 libpng-dev:arm64 libjpeg-dev:arm64)

build_arm()
{
    require_packages "${build_packages[@]}" "${test_packages[@]}"
    if ! have aarch64-linux-gnu-g++ || ! have qemu-aarch64 || ! dpkg-query -W libfmt-dev:arm64 zlib1g-dev:arm64 &>/dev/null; then
        may_install || die "something is missing. Install it, then try again:

    sudo dpkg --add-architecture arm64 && sudo apt-get update
    sudo apt-get install ${arm_packages[*]}"
        local become=()
        [[ $EUID == 0 ]] || become=(sudo -n)
        "${become[@]}" dpkg --add-architecture arm64
        require "${arm_packages[@]}"
    fi
    configure arm64
    build arm64 xgrad_tests
}

# qemu takes some twenty times as long as the processor would. What starts other programs is left out: they, too, are
# for ARM.
test_arm()
{
    locked build_arm
    run_tests arm64 qemu-aarch64 -L / "$(build_folder arm64)/tests/xgrad_tests" --test-suite-exclude=long \
        '--source-file-exclude=*/tests/apps/*,*/tests/docs/*,*/tests/mutants/*,*/tests/house.cpp'
    closing_line
}
