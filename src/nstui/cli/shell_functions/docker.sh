# What `nstui shell bash` and `nstui shell zsh` print. It reads no options: it looks for
# the command, and nstui reads the rest, or leaves all of it to docker.
function docker {
    if [[ $- == *i* && -t 0 && -t 1 && -x @PYTHON@ && -e @PACKAGE@ ]]; then
        local word is_value= is_container=
        for word in "$@"; do
            if [[ -n $is_value ]]; then
                is_value=
                continue
            fi
            case $word in
            -H | --host | -c | --context | --config | -l | --log-level | \
                --tlscacert | --tlscert | --tlskey)
                is_value=yes
                ;;
            -*) ;;
            rm | remove | stop | restart | kill)
                @PYTHON@ -P -m nstui as-docker -- "$@"
                return
                ;;
            container)
                if [[ -n $is_container ]]; then
                    break
                fi
                is_container=yes
                ;;
            *)
                break
                ;;
            esac
        done
    fi
    \command docker "$@"
}
