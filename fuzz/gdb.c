// SPDX-License-Identifier: MIT
/* fuzz/gdb.c -- the packets of the gdb remote protocol: framing and every command, with registers and
 * memory of a vcpu that never runs. The input is what gdb sends. */
#include "fuzz/fuzz.h"

#include "debug/gdb_impl.h"
#include "tcg/backend.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct tcg_engine *engine;
static struct tcg_vcpu *vcpu;
static uint8_t memory[8192]; /* guest addresses 0x1000 to 0x2fff */
static bool killed;

static void thread_name(void *o, int id, char *buf, size_t len)
{
    (void)o, (void)id;
    if (len)
        *buf = 0;
}

static uint8_t *at(uint64_t addr, size_t len)
{
    addr -= 0x1000;
    return addr < sizeof(memory) && len <= sizeof(memory) - addr ? memory + addr : NULL;
}

static int mem_read(void *o, uint64_t addr, void *buf, size_t len)
{
    (void)o;
    if (!at(addr, len))
        return -EFAULT;
    memcpy(buf, at(addr, len), len);
    return 0;
}

static int mem_write(void *o, uint64_t addr, const void *buf, size_t len)
{
    (void)o;
    if (!at(addr, len))
        return -EFAULT;
    memcpy(at(addr, len), buf, len);
    return 0;
}

static void nudge(void *o, int id)
{
    (void)o, (void)id;
}

static void send_signal(void *o, int id, int sig)
{
    (void)o, (void)id, (void)sig;
}

static const char *exec_path(void *o)
{
    (void)o;
    return "/bin/true";
}

static size_t some_bytes(void *o, void *buf, size_t len)
{
    (void)o;
    len = len < 64 ? len : 64;
    memset(buf, '#', len);
    return len;
}

static int open_file(void *o, const char *path)
{
    (void)o, (void)path;
    return open("/dev/zero", O_RDONLY | O_CLOEXEC);
}

static int read_link(void *o, const char *path, char *buf, size_t len)
{
    size_t n = strlen(path) < len ? strlen(path) : len;

    (void)o;
    memcpy(buf, path, n);
    return (int)n;
}

static int same_signal(int sig)
{
    return sig;
}

static void kill_guest(void *o)
{
    (void)o;
    killed = true;
}

static const struct gdb_target target = {
    .pid = 1,
    .call_len = 4,
    .thread_name = thread_name,
    .mem_read = mem_read,
    .mem_write = mem_write,
    .nudge = nudge,
    .send_signal = send_signal,
    .exec_path = exec_path,
    .auxv = some_bytes,
    .open_file = open_file,
    .readlink = read_link,
    .to_gdb_signal = same_signal,
    .from_gdb_signal = same_signal,
    .kill = kill_guest,
};

static size_t no_code(struct tcg_vcpu *v, uint64_t pc, void *buf, size_t len)
{
    (void)v, (void)pc, (void)buf, (void)len;
    return 0;
}

static void setup(void)
{
    const struct frontend *fe = frontend_by_name("aarch64");
    struct tcg_config cfg = {.backend = tcg_backends[0], .mem = {.user = true, .fetch = no_code},
                             .cache_bytes = 4u << 20};
    const char *why;
    char err[256];

    engine = tcg_engine_new(&cfg, &why);
    FUZZ_CHECK(engine);
    vcpu = aligned_alloc(64, align_up(fe->vcpu_size, 64));
    FUZZ_CHECK(vcpu);
    memset(vcpu, 0, fe->vcpu_size);
    vcpu->frontend = fe;
    vcpu->guest = fe->guest;
    vcpu->engine = engine;
    fe->reset(vcpu, fe->cpu_parse("max", err, sizeof(err)), true);
    tcg_attach(engine, vcpu);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gdb *g = calloc(1, sizeof(*g));
    struct gdb_thread thread = {.id = 1, .parked = true, .info_len = 64};
    int ends[2], n;

    FUZZ_CHECK(g);
    if (!engine)
        setup();
    if (size > sizeof(g->raw))
        size = sizeof(g->raw);
    FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    thread.v = vcpu;
    g->fe = vcpu->frontend;
    g->t = &target;
    g->engine = engine;
    g->state = GDB_STOP;
    g->event = (struct gdb_event){.kind = GDB_EV_ATTACH, .id = 1, .gdb_sig = 5};
    g->threads = &thread;
    memset(g->files, -1, sizeof(g->files));
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->changed, NULL);
    /* all that gdb says lies in the buffer already; its end of the connection only listens */
    g->fd = ends[0];
    shutdown(ends[0], SHUT_RD);
    memcpy(g->raw, data, size);
    g->raw_len = size;
    killed = false;
    while (!killed && g->fd >= 0 && (n = gdb_get_packet(g)) >= 0) {
        char drop[65536];

        gdb_start_reply(g);
        gdb_command(g, g->in, (size_t)n);
        if (g->out_len && g->fd >= 0)
            gdb_send(g);
        g->resume = false;
        while (recv(ends[1], drop, sizeof(drop), MSG_DONTWAIT) > 0)
            ;
    }
    if (g->fd >= 0)
        gdb_lost(g);
    close(ends[1]);
    pthread_mutex_destroy(&g->lock);
    pthread_cond_destroy(&g->changed);
    free(g->points);
    free(g);
    return 0;
}
