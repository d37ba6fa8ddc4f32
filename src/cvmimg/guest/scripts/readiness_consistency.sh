# Part of inspect.sh: programs that write data, and members of clusters.

consistency() {
    for path in "$root"/proc/[0-9]*/comm; do
        read -r name <"$path" || continue
        case $name in
        mysqld | mariadbd | postgres | postmaster | mongod | redis-server | etcd | ceph-osd | \
            ceph-mon | kubelet | consul | zookeeper | influxd | clickhouse-serv* | sqlservr | \
            valkey-server | memcached | beam.smp | tikv-server | pd-server | ora_pmon_* | nomad | \
            minio | glusterd | corosync | patroni | k3s-server | k3s-agent)
            observe process "$name"
            ;;
        java) observe_java "${path%/comm}/cmdline" ;;
        esac
    done
}

# observe_java CMDLINE: which of the known servers this is, by its main class.
observe_java() {
    class=$(tr '\000' '\n' <"$1" | grep -x -e 'org\.elasticsearch\..*' -e 'org\.opensearch\..*' \
        -e 'org\.apache\.cassandra\..*' -e 'kafka\.Kafka' \
        -e 'org\.apache\.zookeeper\.server\..*' -e 'org\.apache\.hadoop\.hdfs\..*' | head -n 1)
    case $class in
    *elasticsearch*) observe process elasticsearch ;;
    *opensearch*) observe process opensearch ;;
    *cassandra*) observe process cassandra ;;
    kafka*) observe process kafka ;;
    *zookeeper*) observe process zookeeper ;;
    *hdfs*) observe process hdfs ;;
    esac
}
