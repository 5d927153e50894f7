# Completion of hrl-sweep for bash.

_hrl_sweep() {
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
    --output)
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -d -- "$word")
      return ;;
    --format)
      mapfile -t COMPREPLY < <(compgen -W "table csv json" -- "$word")
      return ;;
    --threads)
      return ;;
  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "--output --threads --format --no-record --quiet \
      --help --version" -- "$word")
    return
  fi
  compopt -o filenames
  mapfile -t COMPREPLY < <(compgen -f -X '!*.y?(a)ml' -- "$word"; compgen -d -- "$word")
}

complete -F _hrl_sweep hrl-sweep
