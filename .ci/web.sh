# shellcheck shell=bash disable=SC2154
# `./xgrad explore`, and the explorer's tests in browsers; sourced by ./xgrad and .ci/test.sh.

page=$root/web/page explorer=$root/build/explorer

# The tools of the page, as npm has them, beside their list.
install_page_tools()
{
    { have npm && have node; } || require nodejs npm
    [[ $page/node_modules/installed -nt $page/package.json ]] && return
    say "fetching the tools of the page"
    (cd "$page" && npm install --no-package-lock --no-audit --no-fund --loglevel=error) >"$root/build/npm.log" 2>&1 ||
        { cat "$root/build/npm.log" >&2 && die "npm could not fetch the tools of the page (see above)"; }
    touch "$page/node_modules/installed"
}

build_page()
{
    require_packages "${build_packages[@]}" emscripten xz-utils
    mkdir -p "$root/build"
    install_page_tools && configure web && build web explorer &&
        node "$page/build.mjs" --out "$explorer" --wasm "$root/build/web/web" --data "$root/data/mnist-sample" \
            --weights "$root/web/weights"
}

# --help | [--port N] [--no-browser]
explore_verb()
{
    if [[ " $* " == *' --help '* || " $* " == *' -h '* ]]; then
        cat <<'TEXT'
./xgrad explore: builds the explorer, a page where one draws a digit and sees every gradient, and serves it

  --port N        the port on 127.0.0.1 [8765]; 0: any that is free
  --no-browser    opens no browser
  --build         only builds: build/explorer/index.html, which any browser opens without a server, too

Example: ./xgrad explore --port 0
TEXT
        return
    fi
    locked build_page
    [[ " $* " == *' --build '* ]] || exec node "$page/serve.mjs" "$explorer/index.html" "$@"
}

# The page in Chromium and in Firefox, each of its values held against this machine's program.
test_page()
{
    local browser failed=0
    build_page && (cd "$page" && node_modules/.bin/tsc --noEmit) || return 1
    for browser in chromium firefox; do
        node "$root/tests/web/browser/run.mjs" "$explorer/index.html" --browser "$browser" \
            --native "$(build_folder release)/apps/xgrad" || failed=1
    done
    return "$failed"
}

# Why the page cannot be tested here; nothing if it can.
missing_for_page()
{
    local missing=()
    have em++ || missing+=(emscripten)
    have npm || missing+=(npm)
    have xz || missing+=(xz-utils)
    have chromium || missing+=(chromium)
    have firefox-esr || missing+=(firefox-esr)
    echo "${missing[*]}"
}
