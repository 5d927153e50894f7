# Completion of hrl-serve for bash.

_hrl_serve() {
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
    --scenarios | --models | --results | --reports)
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -d -- "$word")
      return ;;
    --token-file | --tls-cert | --tls-key)
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return ;;
    --log-format)
      mapfile -t COMPREPLY < <(compgen -W "text json" -- "$word")
      return ;;
    --host | --port | --cors-origin | --max-clients | --threads | --concurrency | \
      --progress-interval | --ping-interval | --ping-timeout | --client-timeout)
      return ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "--host --port --scenarios --models --results --reports \
    --cors-origin --token-file --tls-cert --tls-key --max-clients --threads --concurrency \
    --progress-interval \
    --ping-interval --ping-timeout --client-timeout --log-format --help --version" \
    -- "$word")
}

complete -F _hrl_serve hrl-serve
