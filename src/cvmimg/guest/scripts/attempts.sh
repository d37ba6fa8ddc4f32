# Part of the scripts of the fstab fix: recognises a script that was delivered late.
# Parameter: attempt, a number that grows with each attempt to apply the fix.
attempt="{{attempt}}"
check_number "$attempt"
restored_file=$state_dir/restored-$operation

# is_superseded: whether this attempt to apply the fix was restored before it was delivered.
is_superseded() {
    restored=$(cat "$restored_file" 2>/dev/null)
    [ -n "$restored" ] && [ "$attempt" -le "$restored" ]
}

# record_restore: make attempts that are delivered from now on do nothing.
record_restore() {
    mkdir -p "$state_dir" && printf '%s\n' "$attempt" >"$restored_file.new" &&
        mv -f "$restored_file.new" "$restored_file"
}
