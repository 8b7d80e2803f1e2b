# fish completion for l2tpctl: what the program itself suggests, with the names of tunnels, sessions, users and peers of the daemon.
function __l2tpctl_suggestions
    set -l text (string replace -r '^\s*\S+\s' '' -- (commandline -cp))
    l2tpctl "[suggest:"(string length -- "$text")"]" "$text" 2>/dev/null
end
complete -c l2tpctl -f -a '(__l2tpctl_suggestions)'
