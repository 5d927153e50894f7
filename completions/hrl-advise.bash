# Completion of hrl-advise for bash.

_hrl_advise() {
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
    --cash | --portfolio | --month | --what-if | --futures | --seed | --threads)
      return ;;
  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "--cash --portfolio --month --unemployed --what-if \
      --futures --seed --threads --json --help --version" -- "$word")
    return
  fi
  # scenarios, and models by their name or folder
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

complete -F _hrl_advise hrl-advise
