# bash completion for l2tpctl: what the program itself suggests, with the names of tunnels, sessions, users and peers of the daemon.
_l2tpctl() {
  local text=${COMP_LINE:0:COMP_POINT} word=${COMP_LINE:0:COMP_POINT} suggestions
  text=${text#*[[:space:]]}
  word=${word##*[[:space:]]}
  mapfile -t suggestions < <(l2tpctl "[suggest:${#text}]" "$text" 2> /dev/null)
  COMPREPLY=()
  local suggestion
  for suggestion in "${suggestions[@]}"; do
    [[ $suggestion == "$word"* ]] && COMPREPLY+=("$(printf '%q' "$suggestion")")
  done
  # bash takes a colon or an equals sign for the begin of a new word.
  local before=${word%"${word##*[:=]}"} i
  if [ -n "$before" ]; then
    for i in "${!COMPREPLY[@]}"; do COMPREPLY[i]=${COMPREPLY[i]#"$before"}; done
  fi
}
complete -o bashdefault -o default -F _l2tpctl l2tpctl
