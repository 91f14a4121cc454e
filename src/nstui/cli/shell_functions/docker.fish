# What `nstui shell fish` prints. It reads no options: it looks for the command, and
# nstui reads the rest, or leaves all of it to docker.
function docker
    if status is-interactive; and isatty stdin; and isatty stdout
        and test -x @PYTHON@ -a -e @PACKAGE@
        set -l is_value no
        set -l is_container no
        for word in $argv
            if test $is_value = yes
                set is_value no
                continue
            end
            switch $word
                case -H --host -c --context --config -l --log-level \
                    --tlscacert --tlscert --tlskey
                    set is_value yes
                case '-*'
                case rm remove stop restart kill
                    @PYTHON@ -P -m nstui as-docker -- $argv
                    return
                case container
                    if test $is_container = yes
                        break
                    end
                    set is_container yes
                case '*'
                    break
            end
        end
    end
    command docker $argv
end
