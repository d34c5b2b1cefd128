/* SPDX-License-Identifier: MIT */
/* host/net/net.h -- networks for devices (ports/packet.h): user mode by libslirp, which needs no
 * rights, has its own DHCP, DNS and gateway, and reaches the world by the host's sockets; tap interfaces;
 * sockets to other programs.
 *
 * It lives in the default GLib main loop. Threads: made and freed on the main thread; device calls
 * come with the machine's lock held; the loop's calls take it. */
#ifndef HOST_NET_NET_H
#define HOST_NET_NET_H

#include "host/char.h"
#include "ports/packet.h"

struct host_net;

/* text: as -netdev takes it, without its id: user[,net=ADDR/BITS][,host=ADDR][,dns=ADDR]
 * [,dhcpstart=ADDR][,restrict=on][,hostname=NAME][,tftp=FOLDER][,bootfile=NAME]
 * [,tftp-server-name=NAME][,domainname=NAME][,dnssearch=DOMAIN]...[,ipv4=on|off][,ipv6=on|off]
 * [,hostfwd=tcp|udp:[ADDR]:PORT-[ADDR]:PORT]..., tap (tap.c), socket, stream, dgram (socket.c).
 * NULL with one line in err. */
struct host_net *host_net_new(const char *text, const struct host_lock *lock, char *err,
                              size_t err_len);
void host_net_free(struct host_net *n);
const struct packet_out *host_net_out(struct host_net *n);
void host_net_connect(struct host_net *n, const struct packet_in *in);
/* The cable of the device that is connected is pulled out or put in. Lock held. */
void host_net_link(struct host_net *n, bool up);
/* A forward of a user-mode network is added ("tcp|udp:[ADDR]:PORT-[ADDR]:PORT") or taken away
 * ("tcp|udp:[ADDR]:PORT"). Lock held. 0, or -1 with one line in err. */
int host_net_forward(struct host_net *n, bool add, const char *text, char *err, size_t err_len);

#endif
