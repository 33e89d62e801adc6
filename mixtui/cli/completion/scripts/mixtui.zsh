#compdef mixtui
# Completion of mixtui in zsh. In ~/.zshrc, after compinit: eval "$(mixtui completions zsh)"
_mixtui() {
    local program directive prefix line value label
    local -a lines final final_labels more more_labels
    program=${(Q)words[1]}
    program=${program/#\~/$HOME}
    (( $+commands[$program] )) || [[ -x $program ]] || program=mixtui
    lines=("${(@f)$(
        print -rN -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" |
            $program completions zsh --complete 2>/dev/null
    )}")
    directive=${lines[1]%%$'\t'*}
    prefix=${lines[1]#*$'\t'}
    case $directive in
    files) compset -P ${(b)prefix}; _files ;;
    folders) compset -P ${(b)prefix}; _files -/ ;;
    values)
        for line in "${(@)lines[2,-1]}"; do
            value=${line%%$'\t'*}
            (( ${#value} > width )) && width=${#value}
        done
        for line in "${(@)lines[2,-1]}"; do
            value=${${line%%$'\t'*}[2,-1]}
            label=${line#*$'\t'}
            label="${value}${label:+${(l:width - ${#value}:)}-- $label}"
            label=${label[1,COLUMNS - 1]}
            if [[ $line == +* ]]; then
                more+=("$value")
                more_labels+=("$label")
            else
                final+=("$value")
                final_labels+=("$label")
            fi
        done
        local -a match_case=(-M 'm:{[:lower:][:upper:]}={[:upper:][:lower:]}')
        (( $#final )) && compadd $match_case -l -d final_labels -a final
        (( $#more )) && compadd $match_case -l -S '' -d more_labels -a more
        (( $#final + $#more ))
        ;;
    esac
}
if [[ $funcstack[1] == _mixtui ]]; then
    _mixtui "$@"
else
    compdef _mixtui mixtui
fi
