# Completion of hrl-eval for bash.

_hrl_eval() {
  local word=${COMP_WORDS[COMP_CWORD]}
  local before=${COMP_WORDS[COMP_CWORD-1]}
  # bash makes a word of its own of the "=" in --option=value
  if [[ $word == "=" ]]; then
    word=
  elif [[ $before == "=" ]]; then
    before=${COMP_WORDS[COMP_CWORD-2]}
  fi
  COMPREPLY=()
  case $before in
    --trajectory | --percentiles | --report)
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return ;;
    --episodes | --seed | --threads | --households)
      return ;;
  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "--episodes --seed --threads --households --json --csv \
      --trajectory --percentiles --report --inspect --help --version" -- "$word")
    return
  fi
  # models by their name, folders on the way to others, and scenarios
  local file names=
  for file in models/*_high_agent.pt; do
    [[ -e $file ]] || continue
    file=${file#models/}
    names+=" ${file%_high_agent.pt}"
  done
  names+=" $(hrl-train --list 2> /dev/null | cut -d ' ' -f 1)"
  compopt -o filenames
  mapfile -t COMPREPLY < <({
    compgen -W "$names" -- "$word"
    compgen -d -- "$word"
  } | sort -u)
}

complete -F _hrl_eval hrl-eval
