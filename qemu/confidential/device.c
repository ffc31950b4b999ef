/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * teeio-confidential: makes the machine's guest a confidential one.
 */
#include "abi/abi.h"
#include "abi/x86.h"
#include "confidential/confidential.h"
#include "confidential/patch.h"
#include "host.h"
#include "machine.h"
#include "vmstate.h"

#define TYPE_NAME      "teeio-confidential"

#define LEAF_BASIC     1u
#define FEATURE_RDRAND (1u << 30)
#define LEAF_FEATURES  0x80000001u
#define FEATURE_LM     (1u << 29)
#define LEAF_ADDRESSES 0x80000008u
#define ADDRESS_BITS   0xffu

struct teeio_confidential *teeio_confidential;

static void reset(void *opaque)
{
    teeio_banks_reset(opaque);
    tb_flush(qemu_get_cpu(0));
}

static uint64_t private_bank(uint64_t gpa)
{
    const struct teeio_confidential *c = teeio_confidential;
    bool private =
        c->launched && teeio_banks_has(c, gpa) &&
        teeio_ownership_get(c->ownership, gpa) == TEEIO_OWNER_PRIVATE;

    return private ? gpa | TEEIO_CBIT : gpa;
}

static void machine_changed(void *opaque, bool running, int state)
{
    const struct teeio_confidential *c = opaque;

    (void)state;
    if (!running && c->canary && c->launched) {
        teeio_canary_trace(c);
    }
}

/*
 * The C bit is a bit of physical addresses, and of long page tables. Guests
 * trust it only after a test that needs random numbers.
 */
static bool check_cpu(Error **errp)
{
    char *env = (char *)qemu_get_cpu(0) + teeio_abi_x86.cpu_env;
    uint32_t eax, ebx, ecx, edx;
    bool long_mode;
    bool wide;

    cpu_x86_cpuid(env, LEAF_FEATURES, 0, &eax, &ebx, &ecx, &edx);
    long_mode = edx & FEATURE_LM;
    cpu_x86_cpuid(env, LEAF_ADDRESSES, 0, &eax, &ebx, &ecx, &edx);
    wide = (eax & ADDRESS_BITS) > TEEIO_CBIT_POSITION;
    cpu_x86_cpuid(env, LEAF_BASIC, 0, &eax, &ebx, &ecx, &edx);
    if (long_mode && wide && ecx & FEATURE_RDRAND) {
        return true;
    }
    teeio_error(errp, "use -cpu max, or one of the EPYC models",
                "%s: the CPU model has no %s", TYPE_NAME,
                !long_mode ? "64-bit mode"
                : !wide    ? "physical addresses of 40 bits"
                           : "RDRAND, which confidential guests rely on");
    return false;
}

/* Everything that stands against it. */
static bool check(struct teeio_machine *machine, Error **errp)
{
    if (teeio_confidential) {
        teeio_error(errp, "give one " TYPE_NAME " only",
                    "%s: the machine has one already", TYPE_NAME);
        return false;
    }
    if (machine->tsm) {
        teeio_error(errp, "give " TYPE_NAME " before teeio-tsm",
                    "%s: the TSM keeps another record of owners", TYPE_NAME);
        return false;
    }
    if (teeio_board_current() != &teeio_board_pc) {
        teeio_board_refuse(TYPE_NAME, "use -M q35 of qemu-system-x86_64", errp);
        return false;
    }
    if (kvm_allowed) {
        teeio_error(errp, "use -accel tcg",
                    "%s: page tables are seen under TCG only", TYPE_NAME);
        return false;
    }
    return teeio_abi_x86_selfcheck(TYPE_NAME, errp) && check_cpu(errp);
}

static void realize(DeviceState *qdev, Error **errp)
{
    struct teeio_confidential *c = teeio_state((Object *)qdev);
    struct teeio_machine *machine = teeio_machine_get(TYPE_NAME, errp);

    if (!machine || !check(machine, errp)) {
        return;
    }
    teeio_host_init(&c->host, c);
    if (!teeio_banks_init(c, (Object *)qdev, TYPE_NAME, errp)) {
        return;
    }
    teeio_confidential = c;
    if (!teeio_patches_apply(TYPE_NAME, errp)) {
        return;
    }
    teeio_host_set_private(private_bank);
    teeio_machine_set_ownership(machine, c->ownership);
    machine->fabric.twins = c->refuses ? 0 : TEEIO_CBIT;
    machine->alias_pages = c->ram_size / TEEIO_PAGE_SIZE;
    qemu_register_reset(reset, c);
    qemu_add_vm_change_state_handler(machine_changed, c);
}

static uint64_t get_cbit(Object *obj)
{
    (void)obj;
    return TEEIO_CBIT_POSITION;
}

static uint64_t get_launched(Object *obj)
{
    return ((struct teeio_confidential *)teeio_state(obj))->launched;
}

static uint64_t get_launches(Object *obj)
{
    return ((struct teeio_confidential *)teeio_state(obj))->launches;
}

static uint64_t get_conversions(Object *obj)
{
    return ((struct teeio_confidential *)teeio_state(obj))->conversions;
}

/* The alias of each page is private for good, and counts for nothing. */
static uint64_t get_private_pages(Object *obj)
{
    const struct teeio_confidential *c = teeio_state(obj);
    uint64_t aliases = c->ram_size / TEEIO_PAGE_SIZE;

    return c->ownership
               ? teeio_ownership_count(c->ownership, TEEIO_OWNER_PRIVATE) -
                     aliases
               : 0;
}

static uint64_t get_shared_pages(Object *obj)
{
    const struct teeio_confidential *c = teeio_state(obj);

    return c->ownership
               ? teeio_ownership_count(c->ownership, TEEIO_OWNER_SHARED)
               : 0;
}

static const struct teeio_counter counters[] = {
    {"c-bit", "position of the C bit in page table entries", get_cbit},
    {"launched", "1 once the guest has found out that it is confidential",
     get_launched},
    {"launches", "how often it has, over resets", get_launches},
    {"conversions", "pages that went from one owner to the other",
     get_conversions},
    {"private-pages", "4 KiB pages that are private now", get_private_pages},
    {"shared-pages", "4 KiB pages that are shared now", get_shared_pages},
};

static const struct teeio_setting canary_setting = {
    "canary", "a word to look for in both banks when the machine stops",
    offsetof(struct teeio_confidential, canary)};

static char *get_t0_private(Object *obj, Error **errp)
{
    const struct teeio_confidential *c = teeio_state(obj);

    (void)errp;
    return g_strdup(c->refuses ? "refuse" : "shared-bank");
}

static void set_t0_private(Object *obj, const char *value, Error **errp)
{
    struct teeio_confidential *c = teeio_state(obj);

    if (!teeio_settable(obj, "t0-private", errp)) {
        return;
    }
    if (!g_str_equal(value, "refuse") && !g_str_equal(value, "shared-bank")) {
        teeio_error(errp, "t0-private is shared-bank or refuse",
                    "%s: t0-private cannot be '%s'", TYPE_NAME, value);
        return;
    }
    c->refuses = g_str_equal(value, "refuse");
}

static size_t save_state(Object *obj, uint8_t *buf, size_t size)
{
    const struct teeio_confidential *c = teeio_state(obj);

    if (size) {
        buf[0] = c->launched;
    }
    return 1;
}

static bool load_state(Object *obj, const uint8_t *buf, size_t size)
{
    struct teeio_confidential *c = teeio_state(obj);

    if (size != 1 || buf[0] > 1) {
        return false;
    }
    c->launched = buf[0];
    return true;
}

static size_t save_ownership(Object *obj, uint8_t *buf, size_t size)
{
    const struct teeio_confidential *c = teeio_state(obj);

    return teeio_ownership_save(c->ownership, buf, size);
}

static bool load_ownership(Object *obj, const uint8_t *buf, size_t size)
{
    const struct teeio_confidential *c = teeio_state(obj);

    return teeio_ownership_load(c->ownership, buf, size);
}

/* The private banks are RAM like any other, and saved with it. */
static const struct teeio_vmstate vmstate = {
    .name = TYPE_NAME,
    .first = true,
    .parts = {{save_state, load_state}, {save_ownership, load_ownership}},
};

static void instance_init(Object *obj)
{
    struct teeio_confidential *c = teeio_state_new(obj, sizeof(*c));

    pthread_mutex_init(&c->lock, NULL);
}

static void instance_finalize(Object *obj)
{
    struct teeio_confidential *c = teeio_state(obj);

    if (c->ownership) {
        teeio_ownership_free(c->ownership);
    }
    pthread_mutex_destroy(&c->lock);
    teeio_state_free(obj);
}

static void class_init(ObjectClass *klass, void *data)
{
    (void)data;
    teeio_class_set_device(klass, realize, NULL);
    teeio_class_set_vmstate(klass, &vmstate);
    teeio_class_add_setting(klass, &canary_setting);
    teeio_class_add_text(klass, "t0-private",
                         "what T=0 to a private page does: reach the "
                         "shared-bank, or refuse",
                         get_t0_private, set_t0_private);
    for (size_t i = 0; i < G_N_ELEMENTS(counters); i++) {
        teeio_class_add_counter(klass, &counters[i]);
    }
}

void teeio_register_confidential(void)
{
    static const TypeInfo type = {
        .name = TYPE_NAME,
        .parent = "device",
        .instance_size = TEEIO_INSTANCE_SIZE,
        .instance_init = instance_init,
        .instance_finalize = instance_finalize,
        .class_init = class_init,
    };

    type_register_static(&type);
    teeio_canary_register();
}
