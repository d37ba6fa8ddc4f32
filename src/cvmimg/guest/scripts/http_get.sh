# Get a page of a web server of this system and report the HTTP status. Discards the page.
# Parameters: port; path, in base64.
port="{{port}}"
check_number "$port"
path=$(printf '%s' "{{path}}" | base64 -d) || exit 2
url=http://127.0.0.1:$port$path

http_status() {
    curl=$(program curl)
    wget=$(program wget)
    if has "$curl"; then
        "$curl" -g -s -o /dev/null -m 10 -w '%{http_code}' "$url"
    elif has "$wget"; then
        "$wget" -q -S -O /dev/null -T 10 -t 1 "$url" 2>&1 | sed -n 's/^ *HTTP\/[0-9.]* \([0-9]*\).*/\1/p' | tail -n 1
    else
        printf 'no-client'
    fi
}

main() {
    reply status "$(http_status)"
}

main </dev/null
