# perdition in clear and with TLS: two servers, which end together.
trap 'kill $clear $tls; wait; exit' TERM INT
both="--no_daemon --config_file /dev/null --map_library= --bind_address 127.0.0.1 --outgoing_server 127.0.0.1 --outgoing_port @CANNED@ --pid_file= --username @CAMPUS_USER@ --group @GROUP@ --log_facility -"
perdition --protocol IMAP4 $both --listen_port @PERDITION_IMAP@ --ssl_mode none > /dev/null 2>&1 &
clear=$!
perdition --protocol IMAP4S $both --listen_port @PERDITION_IMAPS@ --ssl_mode ssl_listen --ssl_cert_file @CA_DIR@/garonne.pem --ssl_key_file @CA_DIR@/garonne.key > /dev/null 2>&1 &
tls=$!
wait
