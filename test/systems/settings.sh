# Shared by up and down: where the real systems live and which ports they take. Sourced, not run.
# shellcheck shell=bash disable=SC2034 # the scripts that source this file use the variables

state=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/.cache/systems
venv=$state/python

# Eleven ports in a row. Two copies of the repository on one machine need different ones.
amqp_port=${SYSTEMS_PORT:-35672}
management_port=$((amqp_port + 1))
nats_port=$((amqp_port + 4))
nats_monitoring_port=$((amqp_port + 5))
redis_port=$((amqp_port + 6))
kafka_port=$((amqp_port + 7))
kafka_controller_port=$((amqp_port + 8))
kafka_named_port=$((amqp_port + 9))
sqs_port=$((amqp_port + 10))
rabbit_bin=/usr/lib/rabbitmq/bin

# A node of its own: its own name, data, logs, cookie (HOME), port mapper and distribution port, so that neither a
# broker that the machine runs nor a cookie of another user comes between.
export RABBITMQ_NODENAME=throughline-$amqp_port@localhost
export RABBITMQ_NODE_IP_ADDRESS=127.0.0.1
export RABBITMQ_NODE_PORT=$amqp_port
export RABBITMQ_DIST_PORT=$((amqp_port + 2))
export ERL_EPMD_PORT=$((amqp_port + 3))
export ERL_EPMD_ADDRESS=127.0.0.1
export RABBITMQ_MNESIA_BASE=$state/rabbitmq/data
export RABBITMQ_LOG_BASE=$state/rabbitmq/log
export RABBITMQ_ENABLED_PLUGINS_FILE=$state/rabbitmq/enabled_plugins
export RABBITMQ_CONFIG_FILE=$state/rabbitmq/rabbitmq.conf
export RABBITMQ_CONF_ENV_FILE=/dev/null
export RABBITMQ_PID_FILE=$state/rabbitmq/pid

# rabbit PROGRAM ARGUMENT... runs a program of the broker with the cookie of its own.
rabbit() {
  local program=$1
  shift
  mkdir -p "$state/home"
  HOME=$state/home "$rabbit_bin/$program" "$@" </dev/null
}

rabbit_answers() {
  [ -x "$rabbit_bin/rabbitmqctl" ] && rabbit rabbitmqctl --silent --timeout 10 status >/dev/null 2>&1
}

nats_answers() {
  curl -fsS -m 2 -o /dev/null "http://127.0.0.1:$nats_monitoring_port/healthz" 2>/dev/null
}

redis_answers() {
  command -v redis-cli >/dev/null && [ "$(redis-cli -p "$redis_port" ping 2>/dev/null)" = PONG ]
}

sqs_answers() {
  curl -fsS -m 2 -o /dev/null "http://127.0.0.1:$sqs_port/moto-api/" 2>/dev/null
}

# The controller answers before the broker takes connections: the broker's own port counts.
kafka_answers() {
  (exec 3<>"/dev/tcp/127.0.0.1/$kafka_port") 2>/dev/null
}

# One broker needs neither a large heap nor the better compiler.
kafka_java=(
  java -Xms128m -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1
  -Dorg.slf4j.simpleLogger.defaultLogLevel=error -cp "$state/kafka/jars/*"
)
