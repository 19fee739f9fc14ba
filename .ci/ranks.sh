# shellcheck shell=bash disable=SC2154
# Ranks as processes of both MPIs, sourced by .ci/checks.sh.

# run_ranks KIND COUNT COMMAND ARGUMENT…
run_ranks()
{
    local -a flags=()
    [[ $1 != openmpi ]] || flags=(--oversubscribe --bind-to none)
    timeout -k 5 120 "mpirun.$1" "${flags[@]}" -n "$2" "${@:3}"
}

fail() { echo "failed: $*" && return 1; }

# same FILE FILE
same() { cmp "$1" "$2" || fail "$1 and $2 differ"; }

# train_on KIND COUNT THREADS FOLDER ARGUMENT…: by ranks; without a KIND in one process
train_on()
{
    local kind=$1 count=$2
    local -a words=(train "${@:5}" --threads "$3" --data mnist-sample --quiet --output "$4")
    rm -rf "$4"
    if [[ -n $kind ]]; then
        run_ranks "$kind" "$count" "$ranks_folder/$kind/xgrad" "${words[@]}"
    else
        "$ranks_folder/openmpi/xgrad" "${words[@]}"
    fi
}

# Numbers of ranks and threads come to the checkpoint of one process. With XGRAD_RANKS=all after 3 epochs of each recipe,
# by each number of ranks, each of 1 and 2 threads, over each MPI; else by a quarter of them, others for each recipe.
same_checkpoints() # WORK
{
    local recipe way kind count threads rest ways number=0
    local -a words recipes=("lenet5 --epochs 3 --batch 128 --ema 0.9 --log $1/log"
        "lenet5 --recipe lecun1998 --distort --batch 64 --epochs 1"
        "residual-cnn --norm group --maps 8 --dropout 0.2 --epochs 1 --batch 512")
    for recipe in "${recipes[@]}"; do
        [[ ${XGRAD_RANKS:-} != all ]] || recipe=${recipe/--epochs 1/--epochs 3}
        read -ra words <<<"$recipe"
        rm -f "$1/log"
        train_on '' 1 2 "$1/one" "${words[@]}" || return 1
        ways=0 number=$((number + 1))
        for way in {openmpi,mpich}\ {1,2,3,5,8}\ {1,2}; do
            read -r kind count threads <<<"$way"
            rest=$(((count + threads + ${#kind} + number) % 4))
            [[ ${XGRAD_RANKS:-} == all ]] || ((rest == 0)) || continue
            ways=$((ways + 1))
            train_on "$kind" "$count" "$threads" "$1/many" "${words[@]}" &&
                same "$1/one/last.safetensors" "$1/many/last.safetensors" &&
                same "$1/one/best.safetensors" "$1/many/best.safetensors" || return 1
            echo "$way: the same after $recipe"
        done
        [[ $recipe != *--log* ]] || (($(wc -l <"$1/log") == 3 * (ways + 1))) ||
            fail "the log has not a line for each epoch" || return 1
    done
}

# ranks_of FOLDER: the processes of a training in this folder
ranks_of()
{
    local each
    for each in $(pgrep -f -- "/xgrad train .*--output $1"); do
        [[ $(readlink "/proc/$each/exe") != */xgrad ]] || echo "$each"
    done
}

wait_until() # SECONDS COMMAND…
{
    local end=$((SECONDS + $1))
    until "${@:2}"; do
        ((SECONDS < end)) || return 1
        sleep 0.05
    done
}

none_left() { [[ -z $(ranks_of "$1") ]]; }
has_begun() { [[ -e $1/last.safetensors ]]; }

# disturb KIND COUNT WORK SIGNAL ARGUMENT…: trains by ranks, sends a signal to one of them after the first epoch, and
# waits for the end, which has to come soon. Its output is in WORK/disturbed.log.
disturb()
{
    local folder=$3/disturbed code=0 begin
    rm -rf "$folder"
    train_on "$1" "$2" 1 "$folder" "${@:5}" >"$3/disturbed.log" 2>&1 &
    wait_until 60 has_begun "$folder" || fail "no checkpoint" || return 1
    kill "-$4" "$(ranks_of "$folder" | shuf -n 1)" || fail "it has ended already" || return 1
    begin=$SECONDS
    wait $! || code=$?
    ((code != 0)) || fail "it went on" || return 1
    ((SECONDS - begin < 15)) || fail "it took $((SECONDS - begin)) s to end" || return 1
    wait_until 10 none_left "$folder" || fail "processes are left"
}

# A training of one process, and what goes on from a disturbed one by ranks.
comes_to_the_same() # KIND COUNT WORK ARGUMENT…
{
    run_ranks "$1" "$2" "$ranks_folder/$1/xgrad" train lenet5 --resume "$3/disturbed/last.safetensors" --quiet &&
        train_on '' 1 2 "$3/whole" "${@:4}" && same "$3/whole/last.safetensors" "$3/disturbed/last.safetensors"
}

# A rank that is killed ends the others; the training goes on with another number of ranks.
ends_when_one_is_killed() # KIND WORK
{
    local -a words=(lenet5 --epochs 20 --batch 128)
    disturb "$1" 4 "$2" KILL "${words[@]}" --rank-timeout 5 && comes_to_the_same "$1" 3 "$2" "${words[@]}"
}

# A random rank of a random number of them is killed at a random moment: the others end, and another number of ranks comes
# to the checkpoint of one process. A training that has ended by then is not counted.
ends_at_any_moment() # TIMES WORK
{
    local folder=$2/killed begin kind count killed=0
    local -a words=(lenet5 --epochs 12 --batch 128) all=()
    train_on '' 1 2 "$2/whole" "${words[@]}" || return 1
    while ((killed < $1)); do
        kind=$([[ $((RANDOM % 2)) == 0 ]] && echo openmpi || echo mpich)
        count=$((2 + RANDOM % 4))
        train_on "$kind" "$count" 1 "$folder" "${words[@]}" --rank-timeout 5 >"$2/killed.log" 2>&1 &
        sleep "$((RANDOM % 4)).$((RANDOM % 1000))"
        mapfile -t all < <(ranks_of "$folder")
        if ((${#all[@]} > 0)) && kill -KILL "${all[RANDOM % ${#all[@]}]}" 2>/dev/null; then
            killed=$((killed + 1))
        fi
        begin=$SECONDS
        wait $! || true
        ((SECONDS - begin < 20)) || fail "it took $((SECONDS - begin)) s to end" || return 1
        wait_until 10 none_left "$folder" || fail "processes are left" || return 1
        if has_begun "$folder"; then
            count=$((1 + RANDOM % 5))
            run_ranks "$kind" "$count" "$ranks_folder/$kind/xgrad" train lenet5 --resume "$folder/last.safetensors" --quiet ||
                fail "resume by $count ranks of $kind" || return 1
            same "$2/whole/last.safetensors" "$folder/last.safetensors" || return 1
        fi
    done
    echo "$killed killed: the others ended, and went on to the same"
}

# One that stands still is given up after the timeout.
gives_up_waiting() # KIND WORK
{
    disturb "$1" 3 "$2" STOP lenet5 --epochs 100 --batch 128 --rank-timeout 2 &&
        grep -q 'has waited 2 s for' "$2/disturbed.log"
}

# One that is asked to stop stops all, and rank 0 saves.
stops_together() # KIND WORK
{
    local -a words=(lenet5 --epochs 20 --batch 128)
    disturb "$1" 3 "$2" INT "${words[@]}" && grep -q '^stopped in epoch ' "$2/disturbed.log" &&
        comes_to_the_same "$1" 2 "$2" "${words[@]}"
}

# Ranks beyond the chunks of a batch, even beyond its images, have nothing to do, and the result is the same.
warns_of_idle_ranks() # KIND WORK
{
    local -a words=(lenet5 --epochs 1 --batch 4 --chunk 2)
    train_on '' 1 1 "$2/one" "${words[@]}" &&
        run_ranks "$1" 5 "$ranks_folder/$1/xgrad" train "${words[@]}" --data mnist-sample --output "$2/idle" \
            >"$2/idle.log" 2>&1 &&
        same "$2/one/last.safetensors" "$2/idle/last.safetensors" &&
        grep -q 'a batch of 4 images has 2 chunks, which 2 of the 5 ranks compute' "$2/idle.log"
}

# All take the instruction set that each has.
takes_the_common_instructions() # KIND WORK
{
    local xgrad=$ranks_folder/$1/xgrad
    local -a words=(train lenet5 --epochs 1 --batch 128 --data mnist-sample --output "$2/common")
    says "leave --strict out" run_ranks "$1" 1 "$xgrad" "${words[@]}" --strict : \
        -n 1 env XGRAD_ARCH=baseline "$xgrad" "${words[@]}" --strict &&
        rm -rf "$2/common" &&
        run_ranks "$1" 1 "$xgrad" "${words[@]}" : -n 1 env XGRAD_ARCH=baseline "$xgrad" "${words[@]}" &&
        XGRAD_ARCH=baseline train_on '' 1 2 "$2/one" "${words[@]:1:5}" &&
        same "$2/one/last.safetensors" "$2/common/last.safetensors"
}

# says TEXT COMMAND…: the command fails, and its output has the text in one line
says()
{
    local output code=0
    output=$("${@:2}" 2>&1) || code=$?
    ((code != 0 && code != 124 && code != 137)) || fail "exit code $code: ${*:2}" || return 1
    [[ $(grep -c -F -- "$1" <<<"$output") == 1 ]] || { echo "$output" && fail "'$1' is not there once"; }
}

tells_mistakes() # KIND WORK
{
    local xgrad=$ranks_folder/$1/xgrad
    local -a words=(train lenet5 --data mnist-sample --output "$2/mistakes")
    says "there is no verb 'tran'" run_ranks "$1" 3 "$xgrad" tran &&
        says "'gradcheck' runs in one process" run_ranks "$1" 2 "$xgrad" gradcheck conv2d &&
        says "normalizes over the whole batch" run_ranks "$1" 2 "$xgrad" train residual-cnn --data mnist-sample \
            --output "$2/mistakes" &&
        says "is no file that can be read" run_ranks "$1" 3 "$xgrad" evaluate "$2/nothing.safetensors" &&
        says "cannot be written" run_ranks "$1" 2 "$xgrad" "${words[@]}" --profile "$2/no/trace" &&
        says "rank 1 has command 'train lenet5 --seed 2', rank 0 has 'train lenet5'" \
            run_ranks "$1" 1 "$xgrad" "${words[@]}" : -n 1 "$xgrad" "${words[@]}" --seed 2
}

# uses_mpi KIND: as a program of one's own does, which may have started or ended MPI itself
uses_mpi()
{
    local count way
    for count in 1 2 3 5; do
        run_ranks "$1" "$count" "$ranks_folder/$1/ranks" || fail "$count ranks" || return 1
    done
    for way in initialized finalized single; do
        run_ranks "$1" 2 "$ranks_folder/$1/ranks" "$way" || fail "MPI is $way" || return 1
    done
    says "the wait was given up" run_ranks "$1" 2 "$ranks_folder/$1/ranks" timeout
}

check_ranks()
{
    local kind test
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    ranks_folder=$(build_folder release)/tests/ranks
    work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
    (cd "$root" && cmake -B "$(build_folder release)" -DXGRAD_RANKS_TESTS=ON) && build release ranks_tests || return 1
    for kind in openmpi mpich; do
        uses_mpi "$kind" || fail "$kind" || return 1
        for test in tells_mistakes warns_of_idle_ranks takes_the_common_instructions gives_up_waiting stops_together \
            ends_when_one_is_killed; do
            "$test" "$kind" "$work" || fail "$kind: $test" || return 1
        done
    done
    [[ ${XGRAD_RANKS:-} != all ]] || ends_at_any_moment 200 "$work" || return 1
    same_checkpoints "$work"
}
