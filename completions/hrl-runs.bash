# Completion of hrl-runs for bash.

_hrl_runs() {
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
    --state)
      mapfile -t COMPREPLY < <(compgen -W "queued running paused stopped completed failed \
        interrupted" -- "$word")
      return ;;
    --scenario)
      local names
      names=$(hrl-train --list 2> /dev/null | cut -d ' ' -f 1)
      mapfile -t COMPREPLY < <(compgen -W "$names" -- "$word")
      return ;;
    --since | --until | --limit | --points | --episodes | --seed | --threads)
      return ;;
  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "--output --scenario --state --since --until --limit \
      --points --episodes --seed --threads --json --help --version" -- "$word")
    return
  fi
  mapfile -t COMPREPLY < <(compgen -W "list show compare delete export" -- "$word")
}

complete -F _hrl_runs hrl-runs
