/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "fake-host.h"
#include "teeio/doe.h"
#include "teeio/spec/doe.h"

enum { MESSAGE = 5, ECHO = 0x42, SILENT = 0x43, LONG = 0x44, MAX = 0x4000 };

struct rig {
    struct fake_host fake;
    struct teeio_doe *doe;
};

/* Answers with the same bytes backwards, one byte short of a whole DW. */
static size_t echo(void *opaque, const uint8_t *payload, size_t len,
                   uint8_t *answer, size_t size)
{
    size_t used = len ? len - 1 : 0;

    g_assert_cmpstr(opaque, ==, "echo");
    g_assert_cmpuint(used, <=, size);
    for (size_t i = 0; i < used; i++) {
        answer[i] = payload[len - 1 - i];
    }
    return used;
}

static size_t silent(void *opaque, const uint8_t *payload, size_t len,
                     uint8_t *answer, size_t size)
{
    (void)opaque;
    (void)payload;
    (void)len;
    memset(answer, 0xee, size);
    return 0;
}

static size_t too_long(void *opaque, const uint8_t *payload, size_t len,
                       uint8_t *answer, size_t size)
{
    (void)opaque;
    (void)payload;
    (void)len;
    (void)answer;
    return size + 1;
}

static const struct teeio_doe_protocol list[] = {
    {0x0001, 1, "echo", echo},
    {0x1234, ECHO, "echo", echo},
    {0x1234, SILENT, NULL, silent},
    {0x1234, LONG, NULL, too_long},
};
static const struct teeio_doe_protocols protocols = {list, G_N_ELEMENTS(list)};

static void rig_init(struct rig *rig, bool interrupt, unsigned delay)
{
    fake_host_init(&rig->fake);
    rig->doe = teeio_doe_new(&(struct teeio_doe_config){
        .host = &rig->fake.host,
        .protocols = protocols,
        .interrupt = interrupt,
        .message = MESSAGE,
        .delay = delay,
    });
}

static void rig_clear(struct rig *rig)
{
    teeio_doe_free(rig->doe);
    fake_host_clear(&rig->fake);
}

static uint32_t status(struct rig *rig)
{
    return teeio_doe_read(rig->doe, 0x0c, 4);
}

static void control(struct rig *rig, uint32_t value)
{
    teeio_doe_write(rig->doe, 0x08, value, 4);
}

static void push(struct rig *rig, const uint32_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        teeio_doe_write(rig->doe, 0x10, words[i], 4);
    }
}

static void send(struct rig *rig, const uint32_t *words, size_t count)
{
    push(rig, words, count);
    control(rig, TEEIO_DOE_CONTROL_GO | (teeio_doe_read(rig->doe, 8, 4) &
                                         TEEIO_DOE_CONTROL_INT_EN));
}

static uint32_t take(struct rig *rig)
{
    uint32_t word = teeio_doe_read(rig->doe, 0x14, 4);

    teeio_doe_write(rig->doe, 0x14, 0, 4);
    return word;
}

static const uint32_t echo_request[] = {0x00421234, 3, 0x44332211};

static void test_exchange(void)
{
    struct rig rig;

    rig_init(&rig, false, 0);
    g_assert_cmphex(status(&rig), ==, 0);
    for (unsigned i = 0; i < 3; i++) {
        send(&rig, echo_request, 3);
        g_assert_cmphex(status(&rig), ==, 0x80000000);
        g_assert_cmphex(take(&rig), ==, 0x00421234);
        g_assert_cmphex(take(&rig), ==, 3);
        g_assert_cmphex(status(&rig), ==, 0x80000000);
        g_assert_cmphex(teeio_doe_read(rig.doe, 0x14, 4), ==, 0x00223344);
        g_assert_cmphex(teeio_doe_read(rig.doe, 0x15, 1), ==, 0x33);
        g_assert_cmphex(teeio_doe_read(rig.doe, 0x16, 2), ==, 0x0022);
        g_assert_cmphex(take(&rig), ==, 0x00223344);
        g_assert_cmphex(status(&rig), ==, 0);
    }
    /* Underrun: nothing to take, nothing happens. */
    g_assert_cmphex(take(&rig), ==, 0);
    g_assert_cmphex(status(&rig), ==, 0);
    g_assert_cmphex(teeio_doe_read(rig.doe, 0x08, 4), ==, 0);
    g_assert_cmphex(teeio_doe_read(rig.doe, 0x10, 4), ==, 0);
    g_assert_cmphex(teeio_doe_read(rig.doe, 0x00, 4), ==, 0);
    rig_clear(&rig);
}

static void test_discovery(void)
{
    static const struct {
        uint32_t index;
        uint32_t answer;
    } cases[] = {
        {0, 0x01000001},    {1, 0x02010001},     {2, 0x03421234},
        {3, 0x04431234},    {4, 0x00441234},     {5, 0x00ffffff},
        {0xff, 0x00ffffff}, {0x200, 0x01000001}, /* version 2 */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint32_t words[3] = {0x00000001, 3, cases[i].index};
        struct rig rig;

        rig_init(&rig, false, 0);
        send(&rig, words, 3);
        g_assert_cmphex(take(&rig), ==, 0x00000001);
        g_assert_cmphex(take(&rig), ==, 3);
        g_assert_cmphex(take(&rig), ==, cases[i].answer);
        g_assert_cmphex(status(&rig), ==, 0);
        rig_clear(&rig);
    }
}

/* What has no answer is an error, what is no object passes in silence. */
static void test_refused(void)
{
    static const struct {
        uint32_t words[4];
        size_t count;
        uint32_t status;
    } cases[] = {
        {{0x00431234, 2}, 2, TEEIO_DOE_STATUS_ERROR},
        {{0x00441234, 2}, 2, TEEIO_DOE_STATUS_ERROR},
        {{0x00421234, 2}, 2, TEEIO_DOE_STATUS_ERROR},
        {{0x00021234, 2}, 2, TEEIO_DOE_STATUS_ERROR},
        {{0x00421235, 3, 7}, 3, TEEIO_DOE_STATUS_ERROR},
        {{0x00000001, 2}, 2, TEEIO_DOE_STATUS_ERROR},
        {{0x00000001, 4, 0, 0}, 4, TEEIO_DOE_STATUS_ERROR},
        {{0}, 0, 0},
        {{0x00421234}, 1, 0},
        {{0x00421234, 1}, 2, 0},
        {{0x00421234, 3}, 2, 0},
        {{0x00421234, 3, 7, 8}, 4, 0},
        {{0x00421234, 0, 7}, 3, 0},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct rig rig;

        rig_init(&rig, false, 0);
        send(&rig, cases[i].words, cases[i].count);
        g_assert_cmphex(status(&rig), ==, cases[i].status);
        g_assert_cmphex(teeio_doe_read(rig.doe, 0x14, 4), ==, 0);
        if (cases[i].status) {
            /* Deaf until it is aborted. */
            send(&rig, echo_request, 3);
            g_assert_cmphex(status(&rig), ==, TEEIO_DOE_STATUS_ERROR);
            control(&rig, TEEIO_DOE_CONTROL_ABORT);
        }
        send(&rig, echo_request, 3);
        g_assert_cmphex(status(&rig), ==, TEEIO_DOE_STATUS_READY);
        rig_clear(&rig);
    }
}

static void test_not_taken(void)
{
    struct rig rig;

    rig_init(&rig, false, 0);
    send(&rig, echo_request, 3);
    send(&rig, echo_request, 3);
    g_assert_cmphex(status(&rig), ==,
                    TEEIO_DOE_STATUS_READY | TEEIO_DOE_STATUS_ERROR);
    g_assert_cmphex(take(&rig), ==, 0x00421234);
    control(&rig, TEEIO_DOE_CONTROL_ABORT | TEEIO_DOE_CONTROL_GO);
    g_assert_cmphex(status(&rig), ==, 0);
    send(&rig, echo_request, 3);
    g_assert_cmphex(take(&rig), ==, 0x00421234);
    rig_clear(&rig);
}

static void test_longest(void)
{
    uint32_t words[MAX / 4 + 2] = {0x00421234, MAX / 4};
    struct rig rig;

    rig_init(&rig, false, 0);
    for (size_t i = 2; i < G_N_ELEMENTS(words); i++) {
        words[i] = i;
    }
    send(&rig, words, MAX / 4);
    g_assert_cmphex(status(&rig), ==, TEEIO_DOE_STATUS_READY);
    for (unsigned i = 0; i < MAX / 4; i++) {
        g_assert_cmphex(status(&rig), ==, TEEIO_DOE_STATUS_READY);
        take(&rig);
    }
    g_assert_cmphex(status(&rig), ==, 0);

    /* Overflow, by one and by two. */
    for (unsigned more = 1; more <= 2; more++) {
        words[1] = MAX / 4 + more;
        send(&rig, words, MAX / 4 + more);
        g_assert_cmphex(status(&rig), ==, TEEIO_DOE_STATUS_ERROR);
        control(&rig, TEEIO_DOE_CONTROL_ABORT);
    }
    send(&rig, echo_request, 3);
    g_assert_cmphex(status(&rig), ==, TEEIO_DOE_STATUS_READY);
    rig_clear(&rig);
}

static void test_busy(void)
{
    struct rig rig;

    rig_init(&rig, false, 2);
    send(&rig, echo_request, 3);
    g_assert_cmpuint(rig.fake.wakes, ==, 1);
    g_assert_cmphex(status(&rig), ==, TEEIO_DOE_STATUS_BUSY);

    /* What comes while it is busy is lost. */
    send(&rig, echo_request, 3);
    g_assert_true(teeio_doe_step(rig.doe));
    g_assert_cmphex(status(&rig), ==, TEEIO_DOE_STATUS_BUSY);
    g_assert_false(teeio_doe_step(rig.doe));
    g_assert_cmphex(status(&rig), ==, TEEIO_DOE_STATUS_READY);
    g_assert_false(teeio_doe_step(rig.doe));
    for (unsigned i = 0; i < 3; i++) {
        take(&rig);
    }
    g_assert_cmphex(status(&rig), ==, 0);

    /* Abort ends it at once, and the answer never comes. */
    send(&rig, echo_request, 3);
    control(&rig, TEEIO_DOE_CONTROL_ABORT);
    g_assert_cmphex(status(&rig), ==, 0);
    g_assert_false(teeio_doe_step(rig.doe));
    g_assert_cmphex(status(&rig), ==, 0);

    teeio_doe_set_delay(rig.doe, 0);
    push(&rig, echo_request, 2);
    teeio_doe_reset(rig.doe);
    send(&rig, echo_request, 3);
    g_assert_cmphex(status(&rig), ==, TEEIO_DOE_STATUS_READY);
    teeio_doe_reset(rig.doe);
    g_assert_cmphex(status(&rig), ==, 0);
    g_assert_cmphex(take(&rig), ==, 0);
    rig_clear(&rig);
}

static void test_interrupt(void)
{
    static const uint32_t silent_request[] = {0x00431234, 2};
    struct rig rig;

    rig_init(&rig, true, 0);
    g_assert_cmphex(teeio_doe_read(rig.doe, 4, 4), ==, 1 | MESSAGE << 1);
    send(&rig, silent_request, 2);
    control(&rig, TEEIO_DOE_CONTROL_ABORT);
    g_assert_cmpuint(rig.fake.raised[MESSAGE], ==, 0);

    teeio_doe_write(rig.doe, 8, TEEIO_DOE_CONTROL_INT_EN, 1);
    g_assert_cmphex(teeio_doe_read(rig.doe, 8, 4), ==, 2);
    teeio_doe_set_delay(rig.doe, 1);
    send(&rig, echo_request, 3);
    g_assert_cmpuint(rig.fake.raised[MESSAGE], ==, 0);
    teeio_doe_step(rig.doe);
    g_assert_cmpuint(rig.fake.raised[MESSAGE], ==, 1);
    g_assert_cmphex(status(&rig), ==, 0x80000002);

    /* Abort keeps the interrupt status and, not busy, raises nothing. */
    teeio_doe_write(rig.doe, 8, TEEIO_DOE_CONTROL_ABORT | 2, 4);
    g_assert_cmphex(status(&rig), ==, TEEIO_DOE_STATUS_INT);
    teeio_doe_write(rig.doe, 0x0c, 0, 4);
    teeio_doe_write(rig.doe, 0x0d, 2, 1);
    g_assert_cmphex(status(&rig), ==, TEEIO_DOE_STATUS_INT);
    teeio_doe_write(rig.doe, 0x0c, 2, 1);
    g_assert_cmphex(status(&rig), ==, 0);
    g_assert_cmpuint(rig.fake.raised[MESSAGE], ==, 1);

    send(&rig, silent_request, 2);
    teeio_doe_step(rig.doe);
    g_assert_cmpuint(rig.fake.raised[MESSAGE], ==, 2);
    control(&rig, TEEIO_DOE_CONTROL_ABORT | TEEIO_DOE_CONTROL_INT_EN);
    send(&rig, echo_request, 3);
    control(&rig, TEEIO_DOE_CONTROL_ABORT | TEEIO_DOE_CONTROL_INT_EN);
    g_assert_cmpuint(rig.fake.raised[MESSAGE], ==, 3);

    teeio_doe_reset(rig.doe);
    g_assert_cmphex(teeio_doe_read(rig.doe, 4, 4), ==, 1 | MESSAGE << 1);
    g_assert_cmphex(teeio_doe_read(rig.doe, 8, 4), ==, 0);
    rig_clear(&rig);

    rig_init(&rig, false, 0);
    g_assert_cmphex(teeio_doe_read(rig.doe, 4, 4), ==, 0);
    control(&rig, TEEIO_DOE_CONTROL_INT_EN);
    send(&rig, echo_request, 3);
    g_assert_cmpuint(rig.fake.raised[MESSAGE], ==, 0);
    g_assert_cmphex(status(&rig), ==, TEEIO_DOE_STATUS_READY);
    rig_clear(&rig);
}

/* Mailboxes take whole words only. */
static void test_narrow(void)
{
    struct rig rig;

    rig_init(&rig, false, 0);
    teeio_doe_write(rig.doe, 0x10, 0x1234, 2);
    teeio_doe_write(rig.doe, 0x12, 0x42, 1);
    send(&rig, echo_request, 3);
    g_assert_cmphex(status(&rig), ==, TEEIO_DOE_STATUS_READY);
    teeio_doe_write(rig.doe, 0x14, 0, 2);
    teeio_doe_write(rig.doe, 0x16, 0, 2);
    g_assert_cmphex(take(&rig), ==, 0x00421234);
    control(&rig, TEEIO_DOE_CONTROL_ABORT);
    push(&rig, echo_request, 3);
    teeio_doe_write(rig.doe, 0x0b, 0x80, 1);
    g_assert_cmphex(status(&rig), ==, TEEIO_DOE_STATUS_READY);
    teeio_doe_write(rig.doe, 0x18, 1, 4);
    teeio_doe_write(rig.doe, 0x00, 1, 4);
    g_assert_cmphex(teeio_doe_read(rig.doe, 0x18, 4), ==, 0);
    rig_clear(&rig);
}

static void test_serve(void)
{
    static const uint8_t request[] = {0x34, 0x12, 0x42, 0x99, 3, 0,
                                      0xfc, 0xff, 1,    2,    3, 4};
    static const uint8_t expected[] = {0x34, 0x12, 0x42, 0, 3, 0,
                                       0,    0,    4,    3, 2, 0};
    uint8_t answer[16];

    memset(answer, 0xee, sizeof(answer));
    g_assert_cmpuint(teeio_doe_serve(&protocols, request, 12, answer, 16), ==,
                     12);
    g_assert_cmpmem(answer, 12, expected, 12);
    g_assert_cmpuint(teeio_doe_serve(&protocols, request, 11, answer, 16), ==,
                     0);
    g_assert_cmpuint(teeio_doe_serve(&protocols, request, 7, answer, 16), ==,
                     0);
    g_assert_cmpuint(teeio_doe_serve(&protocols, request, 12, answer, 7), ==,
                     0);
    g_assert_cmpuint(
        teeio_doe_length((const uint8_t[]){0, 0, 0, 0, 0, 0, 0, 0}), ==,
        1048576);
}

static void check_copy(struct rig *from, unsigned steps)
{
    uint8_t image[3 * MAX];
    size_t size = teeio_doe_save(from->doe, image, sizeof(image));
    struct rig to;

    g_assert_cmpuint(size, <=, sizeof(image));
    g_assert_cmpuint(teeio_doe_save(from->doe, NULL, 0), ==, size);
    rig_init(&to, true, 3);
    for (size_t cut = 0; cut < size; cut += 1 + cut / 64) {
        g_assert_false(teeio_doe_load(to.doe, image, cut));
    }
    for (size_t i = 0; i < 64 * 8; i++) {
        /* Whatever is taken must be something to go on with. */
        image[i / 8 % size] ^= 1 << i % 8;
        if (teeio_doe_load(to.doe, image, size)) {
            take(&to);
            teeio_doe_step(to.doe);
            control(&to, TEEIO_DOE_CONTROL_GO);
        }
        image[i / 8 % size] ^= 1 << i % 8;
    }
    to.fake.wakes = 0;
    g_assert_true(teeio_doe_load(to.doe, image, size));
    g_assert_cmpuint(to.fake.wakes, ==, steps > 0);
    g_assert_cmphex(status(&to), ==, status(from));
    while (steps--) {
        g_assert_cmpint(teeio_doe_step(to.doe), ==, steps > 0);
    }
    if (!(status(&to) & TEEIO_DOE_STATUS_READY)) {
        send(&to, echo_request + 2, 1);
        while (teeio_doe_step(to.doe)) {
        }
    }
    take(&to);
    g_assert_cmphex(take(&to), ==, 3);
    g_assert_cmphex(take(&to), ==, 0x00223344);
    rig_clear(&to);
}

static void test_state(void)
{
    struct rig rig;

    rig_init(&rig, true, 2);
    push(&rig, echo_request, 2);
    check_copy(&rig, 0);
    send(&rig, echo_request + 2, 1);
    check_copy(&rig, 2);
    teeio_doe_step(rig.doe);
    check_copy(&rig, 1);
    teeio_doe_step(rig.doe);
    check_copy(&rig, 0);
    rig_clear(&rig);
}

static void test_table_sorted(void)
{
    size_t count;
    const struct teeio_reg *table = teeio_doe_registers(&count);

    g_assert_cmpuint(count, ==, 5);
    for (size_t i = 0; i < count; i++) {
        g_assert_cmphex(table[i].offset, ==, 4 * (i + 1));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/doe/exchange", test_exchange);
    g_test_add_func("/doe/discovery", test_discovery);
    g_test_add_func("/doe/refused", test_refused);
    g_test_add_func("/doe/not-taken", test_not_taken);
    g_test_add_func("/doe/longest", test_longest);
    g_test_add_func("/doe/busy", test_busy);
    g_test_add_func("/doe/interrupt", test_interrupt);
    g_test_add_func("/doe/narrow", test_narrow);
    g_test_add_func("/doe/serve", test_serve);
    g_test_add_func("/doe/state", test_state);
    g_test_add_func("/doe/table-sorted", test_table_sorted);
    return g_test_run();
}
