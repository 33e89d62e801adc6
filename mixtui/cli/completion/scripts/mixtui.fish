# Completion of mixtui in fish 3 or newer. In config.fish: mixtui completions fish | source
function __mixtui_complete
    set -l words (commandline -opc)
    set -l token (commandline -ct)
    set -l program mixtui
    command -q -- $words[1]; and set program $words[1]
    set -l lines (
        string join0 -- $words[2..-1] $token |
            command $program completions fish --complete 2>/dev/null
    )
    set -l head (string split -m 1 \t -- $lines[1])
    switch "$head[1]"
        case values
            printf '%s\n' $lines[2..-1]
        case files folders
            set -l path (string sub -s (math (string length -- "$head[2]") + 1) -- $token)
            set -l complete __fish_complete_path
            test $head[1] = folders; and set complete __fish_complete_directories
            for candidate in ($complete $path)
                printf '%s\n' "$head[2]$candidate"
            end
    end
end
complete -c mixtui -f -a '(__mixtui_complete)'
