# Completion of mixtui in bash 4 or newer. In ~/.bashrc: eval "$(mixtui completions bash)"
_mixtui() {
    local program directive line
    local -a lines
    program=$(type -P -- "${COMP_WORDS[0]/#\~/$HOME}") || program=mixtui
    mapfile -t lines < <(
        printf '%s\0' "$COMP_WORDBREAKS" "${COMP_LINE:0:COMP_POINT}" |
            "$program" completions bash --complete 2>/dev/null
    )
    COMPREPLY=()
    directive=${lines[0]%%$'\t'*}
    case $directive in
    files) compopt -o default ;;
    folders) compopt -o dirnames ;;
    values)
        for line in "${lines[@]:1}"; do
            [[ $line != +* ]] || compopt -o nospace
            COMPREPLY+=("${line:1}")
        done
        ;;
    esac
}
complete -F _mixtui mixtui
