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
    --since | --until | --limit | --points | --episodes | --seed | --threads | --priority | \
      --save-interval | --eval-episodes | --keep | --patience | --min-improvement | \
      --min-episodes | --target | --concurrency)
      return ;;
  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "--output --scenario --state --since --until --limit \
      --points --episodes --seed --threads --priority --save-interval --eval-episodes --keep \
      --patience --min-improvement --min-episodes --target --concurrency --watch --json --help \
      --version" -- "$word")
    return
  fi
  if [[ ${COMP_WORDS[1]} == queue && $COMP_CWORD -gt 1 ]]; then
    if ((COMP_CWORD == 2)); then
      mapfile -t COMPREPLY < <(compgen -W "add list work pause resume stop cancel" -- "$word")
    elif [[ ${COMP_WORDS[2]} == add ]]; then
      mapfile -t COMPREPLY < <(compgen -W "$(hrl-train --list 2> /dev/null | cut -d ' ' -f 1)" \
        -- "$word")
    fi
    return
  fi
  mapfile -t COMPREPLY < <(compgen -W "list show compare delete export queue" -- "$word")
}

complete -F _hrl_runs hrl-runs
