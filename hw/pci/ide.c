/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "teeio/ide.h"

#include <stdlib.h>
#include <string.h>

#include "ide-internal.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define LINK_RW                                                              \
    (TEEIO_IDE_STREAM_ENABLE | TEEIO_IDE_STREAM_PCRC | TEEIO_IDE_STREAM_TC | \
     TEEIO_IDE_STREAM_ID)
#define SELECTIVE_RW                                                \
    (LINK_RW | TEEIO_IDE_STREAM_CONFIG | TEEIO_IDE_STREAM_DEFAULT | \
     TEEIO_IDE_STREAM_TEE_LIMITED)

enum hook { HOOK_NONE, HOOK_CONTROL, HOOK_ASSOCIATION };

static const struct teeio_reg head[] = {
    {"header", 0, 4, 0, 0, 0, HOOK_NONE, ""},
    {"IDE_CAPABILITY", TEEIO_IDE_REG_CAP, 4, 0, 0, 0, HOOK_NONE,
     "What is supported, and the number of blocks."},
    {"IDE_CONTROL", TEEIO_IDE_REG_CONTROL, 4, 0, TEEIO_IDE_FLOW_THROUGH, 0,
     HOOK_NONE, "Bit 2 flow-through enable."},
};

static const struct teeio_reg link[] = {
    {"LINK_IDE_STREAM_CONTROL", TEEIO_IDE_LINK_CONTROL, 4, 0, LINK_RW, 0,
     HOOK_CONTROL, "Bit 0 enable, bit 8 PCRC, 21:19 TC, 31:24 stream id."},
    {"LINK_IDE_STREAM_STATUS", TEEIO_IDE_LINK_STATUS, 4, 0, 0,
     TEEIO_IDE_STATUS_FAIL, HOOK_NONE, "3:0 state, bit 31 IDE fail received."},
};

static const struct teeio_reg selective[] = {
    {"SELECTIVE_IDE_STREAM_CAPABILITY", TEEIO_IDE_SEL_CAP, 4, 0, 0, 0,
     HOOK_NONE, "3:0 number of address association blocks."},
    {"SELECTIVE_IDE_STREAM_CONTROL", TEEIO_IDE_SEL_CONTROL, 4, 0, SELECTIVE_RW,
     0, HOOK_CONTROL,
     "Bit 0 enable, bit 8 PCRC, bit 9 configuration requests, 21:19 TC, bit "
     "22 default stream, bit 23 TEE-limited, 31:24 stream id."},
    {"SELECTIVE_IDE_STREAM_STATUS", TEEIO_IDE_SEL_STATUS, 4, 0, 0,
     TEEIO_IDE_STATUS_FAIL, HOOK_NONE, "3:0 state, bit 31 IDE fail received."},
    {"IDE_RID_ASSOCIATION_1", TEEIO_IDE_SEL_RID1, 4, 0, TEEIO_IDE_RID1_LIMIT, 0,
     HOOK_ASSOCIATION, "23:8 limit."},
    {"IDE_RID_ASSOCIATION_2", TEEIO_IDE_SEL_RID2, 4, 0,
     TEEIO_IDE_RID2_VALID | TEEIO_IDE_RID2_BASE | TEEIO_IDE_RID2_SEGMENT, 0,
     HOOK_ASSOCIATION, "Bit 0 valid, 23:8 base, 31:24 segment."},
};

static const struct teeio_reg address[] = {
    {"IDE_ADDRESS_ASSOCIATION_1", TEEIO_IDE_ADDR_LOW, 4, 0,
     TEEIO_IDE_ADDR_LOW_VALID | TEEIO_IDE_ADDR_LOW_BASE |
         TEEIO_IDE_ADDR_LOW_LIMIT,
     0, HOOK_ASSOCIATION,
     "Bit 0 valid, 19:8 base and 31:20 limit: bits 31:20 of an address."},
    {"IDE_ADDRESS_ASSOCIATION_2", TEEIO_IDE_ADDR_LIMIT, 4, 0, UINT32_MAX, 0,
     HOOK_ASSOCIATION, "Bits 63:32 of the limit."},
    {"IDE_ADDRESS_ASSOCIATION_3", TEEIO_IDE_ADDR_BASE, 4, 0, UINT32_MAX, 0,
     HOOK_ASSOCIATION, "Bits 63:32 of the base."},
};
_Static_assert(4 * COUNT(head) == TEEIO_IDE_REG_BLOCKS, "a row per register");
_Static_assert(4 * COUNT(link) == TEEIO_IDE_LINK_SIZE, "a row per register");
_Static_assert(4 * COUNT(selective) == TEEIO_IDE_SEL_SIZE,
               "a row per register");
_Static_assert(4 * COUNT(address) == TEEIO_IDE_ADDR_SIZE, "a row per register");

static unsigned blocks(const struct teeio_ide *ide)
{
    return ide->config.links + ide->config.streams;
}

/* The first DW of a block. */
static unsigned block_word(const struct teeio_ide *ide, unsigned block)
{
    unsigned word = COUNT(head);

    if (block < ide->config.links) {
        return word + block * COUNT(link);
    }
    return word + ide->config.links * COUNT(link) +
           (block - ide->config.links) *
               (COUNT(selective) + ide->config.addresses * COUNT(address));
}

unsigned teeio_ide_words(const struct teeio_ide *ide)
{
    return block_word(ide, blocks(ide));
}

uint32_t teeio_ide_size(const struct teeio_ide *ide)
{
    return 4 * teeio_ide_words(ide);
}

uint32_t teeio_ide_stream_offset(const struct teeio_ide *ide, unsigned index)
{
    return 4 * block_word(ide, ide->config.links + index);
}

const struct teeio_reg *teeio_ide_row(const struct teeio_ide *ide,
                                      unsigned word, unsigned *block)
{
    *block = 0;
    if (word < COUNT(head)) {
        return &head[word];
    }
    while (word >= block_word(ide, *block + 1)) {
        ++*block;
    }
    word -= block_word(ide, *block);
    if (*block < ide->config.links) {
        return &link[word];
    }
    if (word < COUNT(selective)) {
        return &selective[word];
    }
    return &address[(word - COUNT(selective)) % COUNT(address)];
}

static bool is_selective(const struct teeio_ide *ide, unsigned block)
{
    return block >= ide->config.links;
}

uint32_t *teeio_ide_control(struct teeio_ide *ide, unsigned block)
{
    return &ide->words[block_word(ide, block) + is_selective(ide, block)];
}

uint32_t *teeio_ide_status(struct teeio_ide *ide, unsigned block)
{
    return teeio_ide_control(ide, block) + 1;
}

static uint32_t control(const struct teeio_ide *ide, unsigned block)
{
    return ide->words[block_word(ide, block) + is_selective(ide, block)];
}

static uint8_t stream_of(const struct teeio_ide *ide, unsigned block)
{
    return control(ide, block) >> TEEIO_IDE_STREAM_ID_LSB;
}

static bool enabled(const struct teeio_ide *ide, unsigned block)
{
    return control(ide, block) & TEEIO_IDE_STREAM_ENABLE;
}

/* Returns: the enabled selective block of this stream id, or blocks(). */
static unsigned find_stream(const struct teeio_ide *ide, uint8_t stream)
{
    unsigned block = ide->config.links;

    while (block < blocks(ide) &&
           !(enabled(ide, block) && stream_of(ide, block) == stream)) {
        block++;
    }
    return block;
}

bool teeio_ide_known(const struct teeio_ide *ide, uint8_t stream)
{
    for (unsigned block = 0; block < blocks(ide); block++) {
        if (stream_of(ide, block) == stream) {
            return true;
        }
    }
    return false;
}

struct teeio_ide_slot *teeio_ide_slot(struct teeio_ide *ide, uint8_t port,
                                      uint8_t stream)
{
    for (unsigned i = 0; i < TEEIO_IDE_MAX_SLOTS; i++) {
        struct teeio_ide_slot *slot = &ide->slots[i];

        if (slot->used && slot->port == port && slot->stream == stream) {
            return slot;
        }
    }
    return NULL;
}

/* Slots of stream ids that no block has are gone, so one is always free. */
struct teeio_ide_slot *teeio_ide_slot_new(struct teeio_ide *ide, uint8_t port,
                                          uint8_t stream)
{
    struct teeio_ide_slot *slot = teeio_ide_slot(ide, port, stream);

    for (unsigned i = 0; !slot && i < TEEIO_IDE_MAX_SLOTS; i++) {
        if (!ide->slots[i].used) {
            slot = &ide->slots[i];
            *slot = (struct teeio_ide_slot){
                .used = true, .port = port, .stream = stream};
        }
    }
    return slot;
}

static void drop_stream(struct teeio_ide *ide, uint8_t stream)
{
    for (unsigned i = 0; i < TEEIO_IDE_MAX_SLOTS; i++) {
        if (ide->slots[i].stream == stream) {
            ide->slots[i] = (struct teeio_ide_slot){0};
        }
    }
}

unsigned teeio_ide_block_state(const struct teeio_ide *ide, unsigned block)
{
    for (unsigned i = 0; enabled(ide, block) && i < TEEIO_IDE_MAX_SLOTS; i++) {
        const struct teeio_ide_slot *slot = &ide->slots[i];

        if (slot->used && slot->stream == stream_of(ide, block) &&
            (slot->active[0] | slot->active[1]) == TEEIO_IDE_ALL_SUBS) {
            return TEEIO_IDE_STATE_SECURE;
        }
    }
    return TEEIO_IDE_STATE_INSECURE;
}

static void tell_insecure(struct teeio_ide *ide, uint8_t stream)
{
    if (ide->listener.insecure) {
        ide->listener.insecure(ide->listener.opaque, stream);
    }
}

void teeio_ide_refresh(struct teeio_ide *ide)
{
    for (unsigned i = 0; i < TEEIO_IDE_MAX_SLOTS; i++) {
        struct teeio_ide_slot *slot = &ide->slots[i];

        if (slot->used && !teeio_ide_known(ide, slot->stream)) {
            *slot = (struct teeio_ide_slot){0};
        }
    }
    for (unsigned block = 0; block < blocks(ide); block++) {
        uint32_t *status = teeio_ide_status(ide, block);
        unsigned was = *status & TEEIO_IDE_STATUS_STATE;
        unsigned now = teeio_ide_block_state(ide, block);

        *status = (*status & ~TEEIO_IDE_STATUS_STATE) | now;
        if (was == TEEIO_IDE_STATE_SECURE && now != was) {
            tell_insecure(ide, stream_of(ide, block));
        }
    }
}

/* @word of @block is about to become @next. */
static void before_write(struct teeio_ide *ide, unsigned block,
                         const struct teeio_reg *row, uint32_t was,
                         uint32_t next)
{
    uint32_t gone = was & ~next;
    bool secure = *teeio_ide_status(ide, block) & TEEIO_IDE_STATUS_STATE;

    if (row->hook == HOOK_CONTROL &&
        (gone & TEEIO_IDE_STREAM_ENABLE ||
         (secure && (was ^ next) & TEEIO_IDE_STREAM_ID))) {
        /* PCIe 6.33.3: a stream that is switched off keeps no key. */
        drop_stream(ide, stream_of(ide, block));
        teeio_ide_refresh(ide);
    }
    /* A block that is disabled speaks for no stream, whatever its id. */
    if (ide->listener.changed && enabled(ide, block)) {
        ide->listener.changed(ide->listener.opaque, stream_of(ide, block));
    }
}

uint32_t teeio_ide_read(const struct teeio_ide *ide, uint32_t offset,
                        unsigned size)
{
    uint32_t word;

    if (offset / 4 >= teeio_ide_words(ide)) {
        return 0;
    }
    word = ide->words[offset / 4] >> 8 * (offset & 3);
    return size < 4 ? word & ((1u << 8 * size) - 1) : word;
}

void teeio_ide_write(struct teeio_ide *ide, uint32_t offset, uint32_t value,
                     unsigned size)
{
    unsigned word = offset / 4;
    unsigned shift = 8 * (offset & 3);
    uint64_t lanes = ((UINT64_C(1) << 8 * size) - 1) << shift;
    uint64_t written = ((uint64_t)value << shift) & lanes;
    const struct teeio_reg *row;
    unsigned block;
    uint32_t next;

    if (word >= teeio_ide_words(ide)) {
        return;
    }
    row = teeio_ide_row(ide, word, &block);
    next = (ide->words[word] & ~(row->rw & lanes)) | (written & row->rw);
    next &= ~(written & row->w1c);
    if (row->hook != HOOK_NONE && next != ide->words[word]) {
        before_write(ide, block, row, ide->words[word], next);
    }
    ide->words[word] = next;
    teeio_ide_refresh(ide);
}

static bool in_rids(const uint32_t *block, uint8_t segment, uint16_t requester)
{
    uint32_t rid2 = block[TEEIO_IDE_SEL_RID2 / 4];
    uint16_t base = (rid2 & TEEIO_IDE_RID2_BASE) >> TEEIO_IDE_RID_LSB;
    uint16_t limit = (block[TEEIO_IDE_SEL_RID1 / 4] & TEEIO_IDE_RID1_LIMIT) >>
                     TEEIO_IDE_RID_LSB;

    return segment == rid2 >> TEEIO_IDE_RID2_SEGMENT_LSB && requester >= base &&
           requester <= limit;
}

struct range {
    uint64_t base;
    uint64_t limit;
};

/* Returns: false when the association is not valid. */
static bool address_range(const uint32_t *block, unsigned index,
                          struct range *range)
{
    const uint32_t *words = block + COUNT(selective) + index * COUNT(address);
    uint64_t low = words[TEEIO_IDE_ADDR_LOW / 4];

    range->base = (uint64_t)words[TEEIO_IDE_ADDR_BASE / 4] << 32 |
                  (low & TEEIO_IDE_ADDR_LOW_BASE) >>
                      TEEIO_IDE_ADDR_LOW_BASE_LSB << TEEIO_IDE_ADDR_SHIFT;
    range->limit = (uint64_t)words[TEEIO_IDE_ADDR_LIMIT / 4] << 32 |
                   (low & TEEIO_IDE_ADDR_LOW_LIMIT) |
                   ((1u << TEEIO_IDE_ADDR_SHIFT) - 1);
    return low & TEEIO_IDE_ADDR_LOW_VALID;
}

/* Returns: how many associations are valid; *@hit: @where lies in one. */
static unsigned match_addresses(const struct teeio_ide *ide, unsigned block,
                                uint64_t where, bool *hit)
{
    const uint32_t *words = &ide->words[block_word(ide, block)];
    unsigned valid = 0;
    struct range range;

    *hit = false;
    for (unsigned i = 0; i < ide->config.addresses; i++) {
        if (address_range(words, i, &range)) {
            valid++;
            *hit |= where >= range.base && where <= range.limit;
        }
    }
    return valid;
}

static bool rids_valid(const struct teeio_ide *ide, unsigned block)
{
    return ide->words[block_word(ide, block) + TEEIO_IDE_SEL_RID2 / 4] &
           TEEIO_IDE_RID2_VALID;
}

enum teeio_ide_verdict teeio_ide_accepts(const struct teeio_ide *ide,
                                         const struct teeio_ide_tlp *tlp)
{
    unsigned block;
    bool hit;

    if (!tlp->t) {
        return TEEIO_IDE_ACCEPTED;
    }
    /* PCIe 6.33.4: T means something only on a secure selective stream. */
    if (tlp->stream == TEEIO_IDE_NONE) {
        return TEEIO_IDE_NO_STREAM;
    }
    block = find_stream(ide, tlp->stream);
    if (block == blocks(ide)) {
        return TEEIO_IDE_UNKNOWN_STREAM;
    }
    if (teeio_ide_block_state(ide, block) != TEEIO_IDE_STATE_SECURE) {
        return TEEIO_IDE_NOT_SECURE;
    }
    if (rids_valid(ide, block) && !in_rids(&ide->words[block_word(ide, block)],
                                           tlp->segment, tlp->requester)) {
        return TEEIO_IDE_WRONG_REQUESTER;
    }
    if (tlp->memory && match_addresses(ide, block, tlp->address, &hit) &&
        !hit) {
        return TEEIO_IDE_WRONG_ADDRESS;
    }
    return TEEIO_IDE_ACCEPTED;
}

const char *teeio_ide_verdict_name(enum teeio_ide_verdict verdict)
{
    static const char *const names[] = {
        [TEEIO_IDE_ACCEPTED] = "accepted",
        [TEEIO_IDE_NO_STREAM] = "not on an IDE stream",
        [TEEIO_IDE_UNKNOWN_STREAM] = "no such stream is enabled",
        [TEEIO_IDE_NOT_SECURE] = "the stream is insecure",
        [TEEIO_IDE_WRONG_REQUESTER] = "outside the RID association",
        [TEEIO_IDE_WRONG_ADDRESS] = "outside the address associations",
    };

    _Static_assert(COUNT(names) == TEEIO_IDE_VERDICTS, "a name per verdict");
    return names[verdict];
}

int teeio_ide_route(const struct teeio_ide *ide,
                    const struct teeio_ide_tlp *tlp)
{
    int stream = TEEIO_IDE_NONE;

    for (unsigned block = ide->config.links; block < blocks(ide); block++) {
        bool hit = false;

        if (!enabled(ide, block)) {
            continue;
        }
        if (tlp->memory) {
            match_addresses(ide, block, tlp->address, &hit);
        } else {
            hit = rids_valid(ide, block) &&
                  in_rids(&ide->words[block_word(ide, block)], tlp->segment,
                          tlp->requester);
        }
        if (hit) {
            return stream_of(ide, block);
        }
        if (stream == TEEIO_IDE_NONE &&
            control(ide, block) & TEEIO_IDE_STREAM_DEFAULT) {
            stream = stream_of(ide, block);
        }
    }
    for (unsigned block = 0;
         stream == TEEIO_IDE_NONE && block < ide->config.links; block++) {
        if (enabled(ide, block)) {
            stream = stream_of(ide, block);
        }
    }
    return stream;
}

bool teeio_ide_secure(const struct teeio_ide *ide, uint8_t stream)
{
    unsigned block = find_stream(ide, stream);

    return block < blocks(ide) &&
           teeio_ide_block_state(ide, block) == TEEIO_IDE_STATE_SECURE;
}

bool teeio_ide_keyed(const struct teeio_ide *ide, uint8_t stream,
                     uint32_t session, bool any)
{
    for (unsigned i = 0; i < TEEIO_IDE_MAX_SLOTS; i++) {
        const struct teeio_ide_slot *slot = &ide->slots[i];

        if (slot->used && slot->stream == stream &&
            (any || slot->session == session) &&
            (slot->programmed[0] == TEEIO_IDE_ALL_SUBS ||
             slot->programmed[1] == TEEIO_IDE_ALL_SUBS)) {
            return true;
        }
    }
    return false;
}

int teeio_ide_default_stream(const struct teeio_ide *ide, unsigned *count)
{
    int stream = TEEIO_IDE_NONE;

    *count = 0;
    for (unsigned block = ide->config.links; block < blocks(ide); block++) {
        if (enabled(ide, block) &&
            control(ide, block) & TEEIO_IDE_STREAM_DEFAULT) {
            stream = stream_of(ide, block);
            ++*count;
        }
    }
    return *count == 1 ? stream : TEEIO_IDE_NONE;
}

static bool overlap(const struct teeio_ide *ide, unsigned one, unsigned other)
{
    const uint32_t *a = &ide->words[block_word(ide, one)];
    const uint32_t *b = &ide->words[block_word(ide, other)];
    uint32_t a2 = a[TEEIO_IDE_SEL_RID2 / 4];
    uint32_t b2 = b[TEEIO_IDE_SEL_RID2 / 4];
    struct range x;
    struct range y;

    if (rids_valid(ide, one) && rids_valid(ide, other) &&
        a2 >> TEEIO_IDE_RID2_SEGMENT_LSB == b2 >> TEEIO_IDE_RID2_SEGMENT_LSB &&
        (a2 & TEEIO_IDE_RID2_BASE) <= b[TEEIO_IDE_SEL_RID1 / 4] &&
        (b2 & TEEIO_IDE_RID2_BASE) <= a[TEEIO_IDE_SEL_RID1 / 4]) {
        return true;
    }
    for (unsigned i = 0; i < ide->config.addresses; i++) {
        for (unsigned j = 0; j < ide->config.addresses; j++) {
            if (address_range(a, i, &x) && address_range(b, j, &y) &&
                x.base <= y.limit && y.base <= x.limit) {
                return true;
            }
        }
    }
    return false;
}

unsigned teeio_ide_traffic_class(const struct teeio_ide *ide, uint8_t stream)
{
    unsigned block = find_stream(ide, stream);

    if (block == blocks(ide)) {
        return 0;
    }
    return (control(ide, block) & TEEIO_IDE_STREAM_TC) >>
           TEEIO_IDE_STREAM_TC_LSB;
}

enum teeio_ide_unfit teeio_ide_unfit(const struct teeio_ide *ide,
                                     uint8_t stream)
{
    unsigned found = find_stream(ide, stream);

    if (found == blocks(ide)) {
        return TEEIO_IDE_ABSENT;
    }
    for (unsigned block = found + 1; block < blocks(ide); block++) {
        if (enabled(ide, block) && stream_of(ide, block) == stream) {
            return TEEIO_IDE_AMBIGUOUS;
        }
    }
    if (control(ide, found) & TEEIO_IDE_STREAM_DEFAULT) {
        return TEEIO_IDE_IS_DEFAULT;
    }
    for (unsigned block = ide->config.links; block < blocks(ide); block++) {
        if (block != found && enabled(ide, block) &&
            overlap(ide, found, block)) {
            return TEEIO_IDE_OVERLAP;
        }
    }
    return TEEIO_IDE_FIT;
}

bool teeio_ide_fail(struct teeio_ide *ide, uint8_t stream,
                    enum teeio_ide_failure failure)
{
    bool found = false;
    bool secure = false;

    for (unsigned block = 0; block < blocks(ide); block++) {
        uint32_t *status = teeio_ide_status(ide, block);

        if (!enabled(ide, block) || stream_of(ide, block) != stream) {
            continue;
        }
        found = true;
        secure |= *status & TEEIO_IDE_STATUS_STATE;
        /* PCIe 7.9.26: the bit says that the partner's message came. */
        if (failure == TEEIO_IDE_FAIL_MESSAGE) {
            *status |= TEEIO_IDE_STATUS_FAIL;
        }
    }
    if (found) {
        drop_stream(ide, stream);
        teeio_ide_refresh(ide);
        if (!secure) {
            tell_insecure(ide, stream);
        }
    }
    return found;
}

bool teeio_ide_set_keys(struct teeio_ide *ide, uint8_t stream, bool go)
{
    struct teeio_ide_slot *slot;

    if (!teeio_ide_known(ide, stream)) {
        return false;
    }
    drop_stream(ide, stream);
    if (go) {
        slot = teeio_ide_slot_new(ide, 0, stream);
        slot->programmed[0] = TEEIO_IDE_ALL_SUBS;
        slot->active[0] = TEEIO_IDE_ALL_SUBS;
    }
    teeio_ide_refresh(ide);
    return true;
}

void teeio_ide_session_ended(struct teeio_ide *ide, uint32_t session)
{
    if (ide->owner == session) {
        ide->owned = false;
    }
    for (unsigned i = 0; i < TEEIO_IDE_MAX_SLOTS; i++) {
        if (ide->slots[i].used && ide->slots[i].session == session) {
            ide->slots[i] = (struct teeio_ide_slot){0};
        }
    }
    teeio_ide_refresh(ide);
}

void teeio_ide_drop_keys(struct teeio_ide *ide)
{
    memset(ide->slots, 0, sizeof(ide->slots));
    teeio_ide_refresh(ide);
}

void teeio_ide_set_function(struct teeio_ide *ide, uint8_t segment,
                            uint16_t requester)
{
    ide->segment = segment;
    ide->requester = requester;
}

void teeio_ide_listen(struct teeio_ide *ide,
                      const struct teeio_ide_listener *listener)
{
    ide->listener = listener ? *listener : (struct teeio_ide_listener){0};
}

void teeio_ide_reset(struct teeio_ide *ide)
{
    uint32_t cap = TEEIO_IDE_CAP_FLOW_THROUGH | TEEIO_IDE_CAP_PCRC;

    if (!ide->config.platform) {
        cap |= TEEIO_IDE_CAP_IDE_KM;
    }
    if (ide->config.links) {
        cap |= TEEIO_IDE_CAP_LINK | (ide->config.links - 1)
                                        << TEEIO_IDE_CAP_LINK_TCS_LSB;
    }
    if (ide->config.streams) {
        cap |= TEEIO_IDE_CAP_SELECTIVE | TEEIO_IDE_CAP_SEL_CONFIG |
               TEEIO_IDE_CAP_TEE_LIMITED |
               (ide->config.streams - 1) << TEEIO_IDE_CAP_STREAMS_LSB;
    }
    memset(ide->words, 0, sizeof(ide->words));
    memset(ide->slots, 0, sizeof(ide->slots));
    ide->owned = false;
    ide->words[TEEIO_IDE_REG_CAP / 4] = cap;
    for (unsigned i = 0; i < ide->config.streams; i++) {
        ide->words[block_word(ide, ide->config.links + i)] =
            ide->config.addresses;
    }
}

struct teeio_ide *teeio_ide_new(const struct teeio_ide_config *config)
{
    struct teeio_ide *ide;

    if (config->links > TEEIO_IDE_MAX_LINKS ||
        config->streams > TEEIO_IDE_MAX_STREAMS ||
        config->addresses > TEEIO_IDE_MAX_ADDRESSES ||
        config->links + config->streams == 0) {
        return NULL;
    }
    ide = calloc(1, sizeof(*ide));
    if (ide) {
        ide->config = *config;
        teeio_ide_reset(ide);
    }
    return ide;
}

void teeio_ide_free(struct teeio_ide *ide)
{
    free(ide);
}
