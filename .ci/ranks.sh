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

# All numbers of ranks and threads come to the checkpoint of one process.
same_checkpoints()
{
    local work=$1 recipe kind count threads
    local -a recipes=("lenet5 --epochs 2 --batch 128 --ema 0.9"
        "lenet5 --recipe lecun1998 --distort --batch 64 --epochs 1"
        "residual-cnn --norm group --maps 8 --dropout 0.2 --epochs 1 --batch 512")
    for recipe in "${recipes[@]}"; do
        read -ra words <<<"$recipe"
        train_on '' 1 2 "$work/one" "${words[@]}" || return 1
        for kind in openmpi mpich; do
            for count in 1 2 3 5 8; do
                threads=$((1 + count % 2))
                train_on "$kind" "$count" "$threads" "$work/many" "${words[@]}" &&
                    same "$work/one/last.safetensors" "$work/many/last.safetensors" || return 1
            done
        done
    done
}

# ranks_of FOLDER: the processes of a training in this folder
ranks_of() { pgrep -f -- "/xgrad train .*--output $1" | while read -r each; do
    [[ $(readlink "/proc/$each/exe") == */xgrad ]] && echo "$each"
done; }

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

# A rank that is killed ends the others within the timeout; the training goes on with another number of ranks.
ends_when_one_is_killed() # KIND WORK
{
    local folder=$2/killed-$1 code=0 victim
    local -a words=(lenet5 --epochs 40 --batch 128 --rank-timeout 5)
    rm -rf "$folder"
    train_on "$1" 4 1 "$folder" "${words[@]}" &
    wait_until 60 has_begun "$folder" || fail "no checkpoint" || return 1
    victim=$(ranks_of "$folder" | shuf -n 1)
    kill -KILL "$victim"
    wait $! || code=$?
    ((code != 0)) || fail "the others went on" || return 1
    wait_until 30 none_left "$folder" || fail "processes are left" || return 1
    run_ranks "$1" 2 "$ranks_folder/$1/xgrad" train lenet5 --resume "$folder/last.safetensors" --epochs 41 --quiet &&
        train_on '' 1 2 "$2/whole" lenet5 --epochs 41 --batch 128 || return 1
}

# One that stands still is given up after the timeout.
gives_up_waiting() # KIND WORK
{
    local folder=$2/still-$1 code=0
    rm -rf "$folder"
    train_on "$1" 3 1 "$folder" lenet5 --epochs 100 --batch 128 --rank-timeout 2 >"$2/still.log" 2>&1 &
    wait_until 60 has_begun "$folder" || fail "no checkpoint" || return 1
    kill -STOP "$(ranks_of "$folder" | tail -n 1)"
    wait $! || code=$?
    ((code != 0)) || fail "it did not end" || return 1
    wait_until 30 none_left "$folder" || fail "processes are left" || return 1
    grep -q 'has waited 2 s for' "$2/still.log" || { cat "$2/still.log" && fail "no reason"; }
}

# One that is asked to stop stops all, with a checkpoint that goes on to the same bits.
stops_together() # KIND WORK
{
    local folder=$2/stopped-$1 code=0
    local -a words=(lenet5 --epochs 12 --batch 128)
    rm -rf "$folder"
    train_on "$1" 3 1 "$folder" "${words[@]}" &
    wait_until 60 has_begun "$folder" || fail "no checkpoint" || return 1
    kill -INT "$(ranks_of "$folder" | tail -n 1)"
    wait $! || code=$?
    ((code != 0)) || fail "it did not stop" || return 1
    wait_until 30 none_left "$folder" || fail "processes are left" || return 1
    run_ranks "$1" 2 "$ranks_folder/$1/xgrad" train lenet5 --resume "$folder/last.safetensors" --quiet &&
        train_on '' 1 2 "$2/whole" "${words[@]}" &&
        same "$2/whole/last.safetensors" "$folder/last.safetensors"
}

# Ranks beyond the chunks of a batch, even beyond its images, have nothing to do, and the result is the same.
warns_of_idle_ranks() # KIND WORK
{
    local -a words=(lenet5 --epochs 1 --batch 4 --chunk 2 --data mnist-sample --output "$2/idle")
    train_on '' 1 1 "$2/one" lenet5 --epochs 1 --batch 4 --chunk 2 &&
        run_ranks "$1" 5 "$ranks_folder/$1/xgrad" train "${words[@]}" >"$2/idle.log" 2>&1 &&
        same "$2/one/last.safetensors" "$2/idle/last.safetensors" &&
        grep -q 'a batch of 4 images has 2 chunks, which 2 of the 5 ranks compute' "$2/idle.log"
}

# says TEXT COMMAND…: the command fails, and its output has the text once
says()
{
    local output
    output=$("${@:2}" 2>&1) && fail "no error: ${*:2}" && return 1
    [[ $(grep -c -F -- "$1" <<<"$output") == 1 ]] || { echo "$output" && fail "'$1' is not there once"; }
}

tells_mistakes() # KIND WORK
{
    local xgrad=$ranks_folder/$1/xgrad
    local -a data=(--data mnist-sample --output "$2/mistakes")
    says "there is no verb 'tran'" run_ranks "$1" 3 "$xgrad" tran &&
        says "'gradcheck' runs in one process" run_ranks "$1" 2 "$xgrad" gradcheck conv2d &&
        says "normalizes over the whole batch" run_ranks "$1" 2 "$xgrad" train residual-cnn "${data[@]}" &&
        says "is no file that can be read" run_ranks "$1" 3 "$xgrad" evaluate "$2/nothing.safetensors" &&
        says "rank 1 has training.seed '2', rank 0 has '1'" run_ranks "$1" 1 "$xgrad" train lenet5 "${data[@]}" : \
            -n 1 "$xgrad" train lenet5 --seed 2 "${data[@]}"
}

check_ranks()
{
    local kind count way work
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    ranks_folder=$(build_folder release)/tests/ranks
    work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
    (cd "$root" && cmake -B "$(build_folder release)" -DXGRAD_RANKS_TESTS=ON) && build release ranks_tests || return 1
    for kind in openmpi mpich; do
        for count in 1 2 3 5; do
            run_ranks "$kind" "$count" "$ranks_folder/$kind/ranks" || fail "$kind, $count ranks" || return 1
        done
        for way in initialized finalized single; do
            run_ranks "$kind" 2 "$ranks_folder/$kind/ranks" "$way" || fail "$kind, MPI is $way" || return 1
        done
        says "the wait was given up" run_ranks "$kind" 2 "$ranks_folder/$kind/ranks" timeout || return 1
        tells_mistakes "$kind" "$work" && warns_of_idle_ranks "$kind" "$work" && gives_up_waiting "$kind" "$work" &&
            stops_together "$kind" "$work" && ends_when_one_is_killed "$kind" "$work" || return 1
    done
    same_checkpoints "$work"
}
