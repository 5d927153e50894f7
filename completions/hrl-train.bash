# Completion of hrl-train and hrl-train-mpi for bash.

_hrl_train() {
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
    --output | --tensorboard)
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -d -- "$word")
      return ;;
    --resume)
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -W auto -- "$word"; compgen -d -- "$word")
      return ;;
    --pretrained)
      mapfile -t COMPREPLY < <(compgen -W "generalist none" -- "$word")
      return ;;
    --episodes | --seed | --save-interval | --eval-episodes | --threads | --keep | \
      --progress-every | --patience | --min-improvement | --min-episodes | --target)
      return ;;
  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "--episodes --seed --save-interval --eval-episodes \
      --threads --output --keep --resume --pretrained --progress-every --no-record --patience \
      --min-improvement --min-episodes --target --tensorboard --json --quiet --list \
      --help --version" -- "$word")
    return
  fi
  local names
  names=$(hrl-train --list 2> /dev/null | cut -d ' ' -f 1)
  compopt -o filenames
  mapfile -t COMPREPLY < <(compgen -W "$names" -- "$word"
    compgen -f -X '!*.y?(a)ml' -- "$word"; compgen -d -- "$word")
}

complete -F _hrl_train hrl-train hrl-train-mpi
