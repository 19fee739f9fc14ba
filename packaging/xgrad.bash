# Completion of the xgrad command for bash. It asks the program itself, whose help has all verbs, models and options.

_xgrad_verbs() { "$1" --help 2>/dev/null | sed -n '/^Subcommands:/,/^$/{s/^  \([a-z][a-z-]*\) .*/\1/p}'; }

# The options of a verb: the words of its help that begin with two dashes, at the beginning of a line.
_xgrad_options() { "$1" "$2" --help 2>/dev/null | sed -n 's/^  \(-[^ ]*\).*/\1/p' | tr ',' '\n' | grep '^--'; }

# The words that an option takes, which the help shows as {one,another}.
_xgrad_values()
{
    "$1" "$2" --help 2>/dev/null | sed -n "/^  \(.*,\)\?$3\([ ,]\|$\)/,/^  -/{s/.*{\([^}]*\)}.*/\1/p}" | head -n 1 | tr ',' '\n'
}

# What a verb takes first: "  MODEL … lenet5: …; bouvrie: …"
_xgrad_models()
{
    "$1" "$2" --help 2>/dev/null | sed -n '/^Positionals:/,/^$/{/^Positionals/d;s/or a file: .*//;p}' | tr '\n' ' ' | grep -o '[a-z][a-z0-9-]*: ' | tr -d ': '
}

_xgrad()
{
    local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local verb=${COMP_WORDS[1]:-} candidates=()
    if ((COMP_CWORD == 1)) || [[ $verb == help ]]; then
        mapfile -t candidates < <(_xgrad_verbs "$program" && echo help)
    elif [[ $word == -* ]]; then
        mapfile -t candidates < <(_xgrad_options "$program" "$verb")
    elif [[ $before == --data ]]; then
        candidates=(mnist fashion-mnist mnist-sample alice)
    elif [[ $before == --* ]]; then
        mapfile -t candidates < <(_xgrad_values "$program" "$verb" "$before")
    elif ((COMP_CWORD == 2)); then
        mapfile -t candidates < <(_xgrad_models "$program" "$verb")
    fi
    mapfile -t COMPREPLY < <(compgen -W "${candidates[*]}" -- "$word" && compgen -f -- "$word")
    [[ ${#COMPREPLY[@]} -ne 1 || ! -d ${COMPREPLY[0]} ]] || compopt -o nospace
}
complete -o filenames -F _xgrad xgrad
