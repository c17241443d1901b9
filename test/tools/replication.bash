# Sourced by the TAP scripts with a database "publisher" and a database "subscriber" in one server.
publisher() { psql -XqAt -d publisher "$@"; }
subscriber() { psql -XqAt -d subscriber "$@"; }
caught_up() {
    local lsn
    lsn=$(publisher -c 'SELECT pg_current_wal_insert_lsn()')
    for ((i = 0; i < 600; i++)); do
        [[ $(publisher -c "SELECT bool_and(replay_lsn >= '$lsn') FROM pg_stat_replication") == t &&
            $(subscriber -c "SELECT bool_and(srsubstate = 'r') FROM pg_subscription_rel") == t ]] && return
        sleep 0.1
    done
    echo "not ok - the subscriber did not catch up"
}
