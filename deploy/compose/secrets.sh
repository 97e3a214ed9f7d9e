#!/bin/sh
# Draws what docker-compose.yml takes as secrets, one file each, in deploy/compose/secrets. What is there stays as it is.
# Containers read the files under users of their own, so anybody may read them: the folder is what keeps others out.
set -eu
folder=${1:-$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)/secrets}
umask 077
mkdir -p "$folder"
chmod 700 "$folder"

keep() { # NAME TEXT: whole or not there, and never written over
    [ -s "$folder/$1" ] && return
    printf %s "$2" > "$folder/.$1"
    chmod 444 "$folder/.$1"
    mv "$folder/.$1" "$folder/$1"
    echo "Drew $1."
}
drawn() { # BYTES, in hexadecimal
    od -An -v -tx1 -N"$1" /dev/urandom | tr -d ' \n'
}
given() {
    cat "$folder/$1"
}

keep dasein_secret "$(drawn 32)"
for name in dasein_flower_password redis_password cache_password mongodb_password minio_password falkordb_password grafana_password; do
    keep "$name" "$(drawn 16)"
done
# Of these one file is what the server reads, the other what its clients do.
keep milvus_password "$(drawn 16)"
keep dasein_graph_password "$(drawn 16)"
keep neo4j_auth "neo4j/$(given dasein_graph_password)"
keep dasein_vectors_token "root:$(given milvus_password)"
keep dasein_redis_url "redis://:$(given redis_password)@redis:6379/0"
keep dasein_cache_url "redis://:$(given cache_password)@cache:6379/0"
keep dasein_documents_url "mongodb://dasein:$(given mongodb_password)@mongodb:27017/dasein?authSource=admin"
keep falkordb_url "redis://:$(given falkordb_password)@graph:6379/0"
