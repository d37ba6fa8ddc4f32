# Report whether units are masked by the operation. Read-only.
states=

status() {
    links=
    for link in "$requires"/*.requires/"${1##*/}"; do
        [ -L "$link" ] && links=$links-linked
    done
    for link in "$requires"/*.requires/"${1##*/}.$mark"; do
        [ -L "$link" ] && links=$links-moved
    done
    if is_masked "$1" && [ "$(sha256 "$2")" = "$3" ]; then
        case $links in
        *-linked*) states="$states partial" ;;
        *) states="$states applied" ;;
        esac
    elif [ "$(sha256 "$1")" = "$3" ]; then
        case $links:$(sha256 "$2") in
        *-moved*:*) states="$states partial" ;;
        *:"$3") states="$states partial" ;;
        *:?*) states="$states foreign" ;;
        *) states="$states absent" ;;
        esac
    else
        states="$states foreign"
    fi
}

main() {
    for_each_unit status
    path=
    case $states in
    *foreign*) finish foreign ;;
    *partial*) finish partial ;;
    *applied*absent* | *absent*applied*) finish partial ;;
    *applied*) finish applied ;;
    *) finish absent ;;
    esac
}

main </dev/null
