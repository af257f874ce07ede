#!/bin/sh
# The first process of a lab node, inside the node's new namespaces (mount, network, pid, uts, ipc).
# usage: node-init.sh NAME DIR
#   DIR/etc, DIR/var-lib, DIR/var-log  what the node sees at /etc, /var/lib and /var/log (prepared outside: the
#                                      node's own files, and links through /run/host to everything else)
# It gives the node its view, says "ready" and then only keeps the namespaces alive. Children of daemons that went
# to the background are adopted by it; while it waits for its own child, it buries them.
set -eu
name=$1
dir=$2
hostname "$name"
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/netns /run/openvswitch /run/neutron /run/lock /run/host/etc /run/host/var-lib /run/host/var-log
chmod 700 /run/neutron /run/openvswitch
mount --bind /etc /run/host/etc
mount --bind /var/lib /run/host/var-lib
mount --bind /var/log /run/host/var-log
mount --bind "$dir/var-log" /var/log
mount --bind "$dir/etc" /etc
mount --bind "$dir/var-lib" /var/lib
mount -t sysfs sysfs /sys 2>/dev/null || true
ip link set lo up
echo ready
exec >/dev/null 2>&1
sleep infinity &
wait $!
