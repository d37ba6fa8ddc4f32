# Report whether lines of /etc/fstab are commented out by the operation. Read-only.

main() {
    case $(sha256 "$file"):$(sha256 "$backup") in
    "$after:$before") finish applied ;;
    "$before:") [ -e "$backup" ] || finish absent ;;
    "$before:$before") finish partial ;;
    esac
    finish foreign
}

main </dev/null
